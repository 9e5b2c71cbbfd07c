// Keys of requests that go out.
#include "ledger/request_key.h"

#include <gtest/gtest.h>

#include <set>

#include "core/crypto/digest.h"

namespace ledger {
namespace {

TEST(ARequestsKey, IsADigestOverTenantOrderTimeAndNonce) {
    const core::Instant at = *core::parse_rfc3339("2026-11-18T08:00:00.123Z");
    EXPECT_EQ(make_request_key(core::TenantId("acme"), "17", at, "0123456789abcdef"),
              core::crypto::sha256_hex("4:acme2:1713:179498880012316:0123456789abcdef"));
}

TEST(ARequestsKey, DiffersWhereAnyOfThemDoes) {
    const core::Instant at = *core::parse_rfc3339("2026-11-18T08:00:00Z");
    const core::TenantId acme("acme");
    const std::set<std::string> keys = {make_request_key(acme, "17", at, "nonce"),
                                        make_request_key(core::TenantId("acme1"), "7", at, "nonce"),
                                        make_request_key(acme, "18", at, "nonce"),
                                        make_request_key(acme, "17", at + std::chrono::milliseconds(1), "nonce"),
                                        make_request_key(acme, "17", at, "another")};
    EXPECT_EQ(keys.size(), 5U);
}

}  // namespace
}  // namespace ledger
