// The start-up check that the walls between tenants stand and commits are durable.
#include <pqxx/pqxx>

#include "core/db/pool.h"
#include "core/db/walls.h"
#include "core/db/work.h"

namespace core::db {

namespace {

const std::string kRole = "database.url";

constexpr const char* kDurable[] = {"fsync", "full_page_writes", "synchronous_commit"};

void check_walls(pqxx::nontransaction& session) {
    const auto breaches = wall_breaches(session);
    if (breaches.empty()) {
        return;
    }
    const auto& worst = breaches.front();
    const auto others = breaches.size() - 1;
    throw UsageError((worst.object == kRole ? kRole : "database") + ": " + worst.text() +
                     (others == 0 ? "" : " (and " + std::to_string(others) + " more)"));
}

void check_durability(pqxx::nontransaction& session) {
    std::string off;
    for (const char* setting : kDurable) {
        if (session.exec_params1("select current_setting($1)", setting)[0].as<std::string>() == "off") {
            off += (off.empty() ? "" : ", ") + std::string(setting);
        }
    }
    if (!off.empty()) {
        throw UsageError("database: off in the server: " + off +
                         ", so that a power cut loses what was acknowledged: set to on what is named");
    }
}

}  // namespace

void require_safe_service(Database& database) {
    database.check_reachable();
    auto loan = database.impl().pool.borrow();
    try {
        pqxx::nontransaction session(loan->get());
        check_walls(session);
        check_durability(session);
    } catch (const std::exception&) {
        rethrow_as_failure();
    }
    loan.give_back();
}

}  // namespace core::db
