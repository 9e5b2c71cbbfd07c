// `duizhang tenant verify` on books with rows in them.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "core/db/connection.h"
#include "tests/e2e/cli/desk.h"

namespace e2e {
namespace {

using testing::AllOf;
using testing::HasSubstr;

void administer(const std::string& sql) {
    core::db::Connection admin(Desk::get().admin_connection());
    pqxx::nontransaction(admin.get()).exec(sql);
}

TEST(TenantVerify, SaysOfEachTableWhatWasTriedAndLeavesNothing) {
    const auto before = Desk::get().books();
    const auto ran = Desk::get().run({"tenant", "verify"});
    EXPECT_EQ(ran.status, 0) << ran.err;
    EXPECT_THAT(ran.out, AllOf(HasSubstr("payments.movements"), HasSubstr("ledger.kept_balances"),
                               HasSubstr("attempts: nothing came across, and the catalogue is as it should be")));
    EXPECT_THAT(ran.err, HasSubstr("1/")) << "progress";
    EXPECT_EQ(Desk::get().books(), before);
}

TEST(TenantVerify, OfOneTenantAsJson) {
    const auto ran = Desk::get().run({"--json", "--quiet", "tenant", "verify", Desk::get().tenant()});
    EXPECT_EQ(ran.status, 0) << ran.err;
    EXPECT_EQ(ran.err, "");
    EXPECT_THAT(ran.out, AllOf(HasSubstr("\"holds\": true"), HasSubstr("\"breaches\": []")));
    EXPECT_EQ(Desk::get().run({"tenant", "verify", "nobody"}).status, 2);
}

TEST(TenantVerify, NamesWhatGetsAcross) {
    administer("alter policy tenant_only on payments.inbox using (true)");
    const auto ran = Desk::get().run({"tenant", "verify"});
    const auto refused = Desk::get().run({"ledger", "verify", "--tenant", Desk::get().tenant()});
    administer(
        "alter policy tenant_only on payments.inbox"
        " using (array_position((select core.tenants()), tenant_id) is not null)");
    EXPECT_EQ(ran.status, 1);
    EXPECT_THAT(ran.out, AllOf(HasSubstr("BROKEN"), HasSubstr("policy tenant_only on payments.inbox lets pass others"),
                               HasSubstr("payments.inbox: a tenant's row is read by another tenant"),
                               HasSubstr("payments.inbox: a tenant's row is read by tenant " + Desk::get().tenant())));
    EXPECT_EQ(refused.status, 2) << "every other command refuses such a database";
    EXPECT_THAT(refused.err, HasSubstr("drop policy tenant_only on payments.inbox"));
    EXPECT_EQ(Desk::get().run({"tenant", "verify"}).status, 0) << "mended";
}

}  // namespace
}  // namespace e2e
