// A database with one table of two tenants' notes, and transactions on it.
#pragma once

#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "core/db/database.h"
#include "core/db/work.h"
#include "tests/support/test_database.h"

namespace core::db {

inline const TenantId kAcme("acme");
inline const TenantId kOther("other");

// A published test number (Visa), which must not come back in any error's text.
inline const std::string kCanary = "4111111111111111";

inline constexpr const char* kNotesTable = R"(
    create table core.notes (
        tenant_id  text  not null default (core.tenants())[1],
        note       text  not null,
        constraint notes_pk primary key (tenant_id, note),
        constraint notes_not_empty check (note <> '')
    );
    alter table core.notes enable row level security;
    alter table core.notes force row level security;
    create policy notes_of_tenant on core.notes using (tenant_id = any (core.tenants())) with check (tenant_id = any (core.tenants()));
    grant select, insert on core.notes to duizhang_service;
    insert into core.notes values ('acme', 'ours'), ('other', 'theirs'))";

class Transactions : public testing::Test {
protected:
    Transactions() { database_.administer_here(kNotesTable); }

    std::vector<std::string> notes(const TenantId& tenant) {
        TenantTransaction transaction(service_, tenant);
        std::vector<std::string> found;
        for (const auto& row : run(transaction, "select note from core.notes order by note")) {
            found.push_back(row[0].as<std::string>());
        }
        return found;
    }

    static std::int64_t backend(TenantTransaction& transaction) {
        return run(transaction, "select pg_backend_pid()")[0][0].as<std::int64_t>();
    }
    void kill_backend(std::int64_t pid) {
        database_.administer_here("select pg_terminate_backend(" + std::to_string(pid) + ", 5000)");
    }

    test_support::TestDatabase database_;
    Database service_{database_.service_options()};
};

}  // namespace core::db
