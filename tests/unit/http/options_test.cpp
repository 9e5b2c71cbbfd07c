// The defaults stand in two places, since the edge knows nothing of the configuration: they must be the same.
#include <gtest/gtest.h>

#include "config/settings.h"
#include "server/http/server.h"

namespace {

TEST(Options, HaveTheDefaultsOfTheConfiguration) {
    const server::http::Options options;
    const config::ServiceLimits limits;
    EXPECT_EQ(options.io_threads, limits.io_threads);
    EXPECT_EQ(options.workers, limits.workers);
    EXPECT_EQ(options.queue_max, limits.waiting_requests_max);
    EXPECT_EQ(options.connections_max, limits.connections_max);
    EXPECT_EQ(options.header_bytes_max, limits.header_bytes_max);
    EXPECT_EQ(options.header_fields_max, limits.header_fields_max);
    EXPECT_EQ(options.target_bytes_max, limits.target_bytes_max);
    EXPECT_EQ(options.body_bytes_max, limits.body_bytes_max);
    EXPECT_EQ(options.all_bodies_bytes_max, limits.all_bodies_bytes_max);
    EXPECT_EQ(options.header_deadline, limits.header_deadline);
    EXPECT_EQ(options.body_deadline, limits.body_deadline);
    EXPECT_EQ(options.idle_deadline, limits.idle_deadline);
    EXPECT_EQ(options.write_deadline, limits.write_deadline);
    EXPECT_EQ(options.drain_deadline, limits.drain_deadline);
}

}  // namespace
