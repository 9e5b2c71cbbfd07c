// The walls between tenants as the catalogue of the database shows them: what stands otherwise than the product made
// it, and would let a row, a change or a hint across, or stop a rule of the books.
//
// Rules are about kinds of objects, so that a new table which is well made passes by itself. What is known by name is
// little: which rights the service has on which table (service_rights.h), which functions run as their owner, and, out
// of the migrations' own text, the bodies of functions and the triggers on tables (wall_texts.h).
#pragma once

#include <string>
#include <vector>

#include "core/db/database.h"

namespace pqxx {
class transaction_base;
}

namespace core::db {

struct WallBreach {
    std::string object;   // "ledger.entries", "core.tenants()"; "database.url" where it is the role that is wrong
    std::string problem;  // a sentence that names the object
    std::string remedy;

    std::string text() const { return problem + ": " + remedy; }
};

// The worst first: whose role no wall stops. Empty when all stands as it should. Asks as the role that the session
// works as, and changes nothing; some milliseconds. Throws DatabaseFailure.
std::vector<WallBreach> wall_breaches(pqxx::transaction_base& session);
// In the transaction that is to rely on it.
std::vector<WallBreach> wall_breaches(Transaction& transaction);

}  // namespace core::db
