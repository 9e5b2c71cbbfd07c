// The walls between tenants, tried out: rows of two tenants that don't exist are put into every table by the service's
// role, and each tries to reach the other's, in one transaction that is rolled back. The catalogue says that the walls
// are as they should be (walls.h); this says that they stop what they should.
//
// It may run beside a service: it writes only rows of its own, which nobody else ever sees, and takes no lock on a
// table. Every table is read whole a few times, which takes as long as it is large.
#pragma once

#include <cstdint>
#include <functional>
#include <pqxx/nontransaction>
#include <string>
#include <vector>

#include "core/db/walls.h"

namespace core::db {

struct TriedRelation {
    std::string name;
    std::int64_t canaries = 0;  // rows put there; of a view: seen through it
    std::int64_t attempts = 0;
    std::vector<std::string> crossings;  // what came across, or could not be tried
};

struct WallTrial {
    std::vector<WallBreach> breaches;
    std::vector<TriedRelation> relations;

    std::int64_t attempts() const;
    bool holds() const;
};

// Told before each table and view: its name, its place among them, how many there are.
using TrialProgress = std::function<void(const std::string&, std::size_t, std::size_t)>;

// Beside the canaries each of `tenants` looks for rows that aren't its own. Throws OutsideFailure.
WallTrial try_walls(Database& database, const std::vector<TenantId>& tenants, const TrialProgress& progress);
// In a transaction that the caller began by a statement and rolls back, as the role that it works as; not in libpqxx's
// own, which doesn't go on from a savepoint.
WallTrial try_walls(pqxx::nontransaction& session, const std::vector<TenantId>& tenants, const TrialProgress& progress);

}  // namespace core::db
