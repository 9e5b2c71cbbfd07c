// What the start refuses stops a running service too: a secret's file that others can read, and test keys for a live
// account. A service that isn't safe any more acknowledges nothing, says why, and goes on when it is mended.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <chrono>
#include <filesystem>

#include "tests/e2e/service/running.h"

namespace e2e {
namespace {

namespace fs = std::filesystem;
using testing::HasSubstr;
using testing::Not;

class Safety : public testing::Test {
protected:
    static Running& service() {
        static Running running(test_support::Process::Environment{{"DUIZHANG_SERVICE_SAFETY_CHECK_SECONDS", "1"}});
        return running;
    }

    // Until /readyz answers so; nothing when it doesn't within ten intervals.
    static std::string readiness(int status) {
        Answer answer;
        for (int i = 0; i < 500; ++i) {
            answer = service().client().get("/readyz");
            if (answer.status == status) {
                return answer.body;
            }
            std::this_thread::sleep_for(std::chrono::milliseconds(20));
        }
        ADD_FAILURE() << "/readyz still says " << answer.status << " " << answer.body;
        return {};
    }

    static Answer send(const std::string& channel) {
        const auto& good = service().callback(channel);
        return service().client().post(service().path(channel), good.headers, good.body);
    }
    static int accepted(const std::string& channel) { return channel == "wechatpay" ? 204 : 200; }
};

struct Secret {
    const char* name;
    const char* file;  // below keys/; "*" for the tenant's
    const char* setting;
};

class SecretsFile : public Safety, public testing::WithParamInterface<Secret> {
protected:
    static fs::path path() {
        const auto keys = service().place() / "keys";
        const std::string file = GetParam().file;
        if (file == "master.key") {
            return keys / file;
        }
        const std::string channel = file == "stripe.secret" ? "stripe" : "wechatpay";
        for (const auto& entry : fs::recursive_directory_iterator(keys / service().channel(channel).tenant)) {
            if (entry.path().filename().string().find(file) != std::string::npos) {
                return entry.path();
            }
        }
        throw std::runtime_error("there is no " + file);
    }
};

TEST_P(SecretsFile, ReadableByOthersStopsAcknowledgingUntilItIsMended) {
    readiness(200);
    EXPECT_EQ(send("stripe").status, 200);

    fs::permissions(path(), fs::perms(0644));
    const auto said = readiness(503);
    EXPECT_THAT(said, HasSubstr(GetParam().setting));
    EXPECT_THAT(said, Not(HasSubstr(path().filename().string()))) << "the path is for the log alone";
    for (const char* channel : {"stripe", "wechatpay", "unionpay"}) {
        const auto answer = send(channel);
        EXPECT_EQ(answer.status, 503) << channel;
        EXPECT_NE(answer.header("retry-after"), "") << channel;
    }
    EXPECT_THAT(service().process().err(), HasSubstr(path().filename().string()));

    fs::permissions(path(), fs::perms(0600));
    readiness(200);
    for (const char* channel : {"stripe", "wechatpay", "unionpay"}) {
        EXPECT_EQ(send(channel).status, accepted(channel)) << channel;
    }
}

INSTANTIATE_TEST_SUITE_P(, SecretsFile,
                         testing::Values(Secret{"Master", "master.key", "secrets.master_key"},
                                         Secret{"Stripe", "stripe.secret", "tenant.stripe.webhook_secrets"},
                                         Secret{"WeChatPay", "api-v3", "tenant.wechatpay.api_v3_key"}),
                         [](const auto& row) { return std::string(row.param.name); });

// A key takes effect by a reload alone, and the reload is refused: the service goes on with what it had.
TEST_F(Safety, ATestKeyForALiveAccountIsRefusedByTheReload) {
    readiness(200);
    const auto secret = service().place() / "keys" / service().channel("stripe").tenant / "stripe.secret";
    const auto good = test_support::text_of(secret);
    test_support::write_text(secret, "sk_test_e2e0tests0only", 0600);
    service().process().signal(SIGHUP);
    const auto refused = service().wait_for("reload_refused");
    EXPECT_THAT(refused, HasSubstr("webhook_secrets"));
    EXPECT_THAT(refused, Not(HasSubstr("e2e0tests0only")));
    EXPECT_EQ(send("stripe").status, 200);
    // Nor does a service start with it.
    const auto start = test_support::duizhang(service().place(), {"serve"});
    EXPECT_EQ(start.status, 2);
    EXPECT_THAT(start.err, HasSubstr("webhook_secrets"));
    EXPECT_THAT(start.err, HasSubstr("a test key"));
    test_support::write_text(secret, good, 0600);
}

}  // namespace
}  // namespace e2e
