#include "tests/bench/ledger/place.h"

#include <pqxx/pqxx>

#include "core/db/connection.h"
#include "core/db/migrations.h"

namespace bench {

Place::Place() : cluster_(folder_.path() / "cluster") { core::db::migrate(cluster_.owner_connection()); }

DatabaseNames Place::fresh(bool migrated) {
    const std::string name = "bench_" + std::to_string(++count_);
    core::db::Connection admin(cluster_.connection_as("duizhang_admin", "postgres"));
    pqxx::nontransaction session(admin.get());
    session.exec("create database " + name + " template " + (migrated ? "duizhang" : "template0") +
                 " owner duizhang_owner");
    return {cluster_.connection_as("duizhang_owner", name), cluster_.connection_as("duizhang_service", name),
            cluster_.connection_as("duizhang_admin", name)};
}

std::string Place::socket_folder() const {
    core::db::Connection admin(cluster_.connection_as("duizhang_admin", "postgres"));
    pqxx::nontransaction session(admin.get());
    return session.exec1("show unix_socket_directories")[0].as<std::string>();
}

}  // namespace bench
