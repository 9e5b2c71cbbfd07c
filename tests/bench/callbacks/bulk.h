// The limit: PostgreSQL alone inserting the rows that the service wrote, as the service's role, walls and checks on.
#pragma once

#include <cstdint>
#include <string>

namespace bench {

struct BulkResult {
    std::int64_t callbacks = 0;
    std::int64_t per_second = 0;
};

// Copies what tenant `t0` has to a tenant of its own, `rows` callbacks a commit.
BulkResult insert_in_bulk(const std::string& service_connection, int rows);

}  // namespace bench
