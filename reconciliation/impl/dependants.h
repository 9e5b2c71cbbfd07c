// Which other days' runs rest on what this day's run has changed.
#pragma once

#include <map>
#include <optional>
#include <set>
#include <string>
#include <tuple>

#include "core/db/database.h"
#include "core/time.h"

namespace reconciliation {

// What a day's run holds that other days' runs may rest on, told before the run is stored and again after it. The
// difference says which transactions it holds otherwise than the day's run before it; days that carried, settled,
// cleared or listed one of these are to be run again, and so is the next day when what waits for it is another.
class Dependants {
public:
    // Before the run is stored. Without any later run, and any earlier day that lists a line as repeated, there is
    // nothing to read.
    Dependants(core::db::TenantTransaction& transaction, std::string channel, core::BusinessDay day);
    // After it was stored, in the same transaction. How many days were marked.
    std::size_t mark();

private:
    struct Held {
        std::string state;
        std::set<std::string> days;  // of the runs that opened, missed or closed it
    };
    // What, type, key.
    using Holdings = std::map<std::tuple<std::string, std::string, std::string>, Held>;
    Holdings read() const;

    core::db::TenantTransaction& transaction_;
    std::string channel_;
    std::string day_;
    std::optional<Holdings> before_;  // nothing: no other day could depend on this one
};

}  // namespace reconciliation
