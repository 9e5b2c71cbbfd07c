#include "server/impl/byte_progress.h"

#include <gtest/gtest.h>

namespace server {
namespace {

using std::chrono::milliseconds;

TEST(ByteProgressLine, TellsShareRateAndTimeLeft) {
    EXPECT_EQ(ByteProgress::line("reading", 840'000'000, 2'100'000'000, milliseconds(1000)),
              "reading: 40 % of 2.1 GB, 840 MB/s, 2 s left");
    EXPECT_EQ(ByteProgress::line("reading", 100, 100, milliseconds(0)), "reading: 100 % of 100 B, 100 kB/s");
    EXPECT_EQ(ByteProgress::line("reading", 0, 999, milliseconds(5)), "reading: 0 % of 999 B, 0 B/s");
}

}  // namespace
}  // namespace server
