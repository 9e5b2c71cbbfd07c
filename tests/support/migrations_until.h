// A database as an earlier release left it.
#pragma once

#include <vector>

#include "core/db/migrations.h"

namespace test_support {

inline std::vector<core::db::Migration> migrations_until(int number) {
    std::vector<core::db::Migration> some;
    for (const auto& migration : core::db::migrations()) {
        if (migration.number <= number) {
            some.push_back(migration);
        }
    }
    return some;
}

}  // namespace test_support
