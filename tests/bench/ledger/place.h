// A durable PostgreSQL of the run's own, and databases in it: migrated ones for our books, empty ones for peers.
#pragma once

#include <string>

#include "core/db/embedded.h"
#include "tests/support/test_database.h"

namespace bench {

struct DatabaseNames {
    std::string owner;  // connection strings
    std::string service;
    std::string admin;
};

class Place {
public:
    Place();

    DatabaseNames fresh(bool migrated);
    // Where its socket is, for programs of PostgreSQL's own.
    std::string socket_folder() const;

private:
    test_support::TestFolder folder_;
    core::db::EmbeddedCluster cluster_;
    int count_ = 0;
};

}  // namespace bench
