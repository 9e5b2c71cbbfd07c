// A webhook secret is changed while callbacks come: none that is good is refused, none under a retired secret accepted.
#include <gtest/gtest.h>

#include <atomic>
#include <chrono>

#include "core/crypto/digest.h"
#include "core/crypto/encoding.h"
#include "core/files.h"
#include "tests/e2e/service/running.h"

namespace e2e {
namespace {

const char* const kOld = "whsec_the_old_one";
const char* const kNew = "whsec_the_new_one";

class Rotation : public testing::Test {
protected:
    Rotation() {
        configuration_ = test_support::text_of(service_.place() / "duizhang.toml");
        const auto& tenant = service_.channel("stripe").tenant;
        secret_file_ = "keys/" + tenant + "/stripe.secret";
        test_support::write_text(service_.place() / "old.secret", kOld, 0600);
        test_support::write_text(service_.place() / "new.secret", kNew, 0600);
    }
    ~Rotation() override { configure("\"file:" + secret_file_ + "\""); }

    // Puts the secrets into the configuration and tells the service.
    void configure(const std::string& secrets) {
        auto text = configuration_;
        const std::string before = "\"file:" + secret_file_ + "\"";
        text.replace(text.find(before), before.size(), secrets);
        const auto reloads = count("configuration_reloaded");
        core::write_file(service_.place() / "duizhang.toml", text);
        service_.process().signal(SIGHUP);
        for (int i = 0; i < 1000 && count("configuration_reloaded") == reloads; ++i) {
            std::this_thread::sleep_for(std::chrono::milliseconds(10));
        }
        ASSERT_GT(count("configuration_reloaded"), reloads);
    }
    std::size_t count(const std::string& words) const {
        const auto text = service_.process().err();
        std::size_t found = 0;
        for (auto at = text.find(words); at != std::string::npos; at = text.find(words, at + 1)) {
            ++found;
        }
        return found;
    }

    int send(const char* secret) const {
        const auto& body = service_.callback("stripe").body;
        const auto now = std::to_string(
            std::chrono::duration_cast<std::chrono::seconds>(std::chrono::system_clock::now().time_since_epoch())
                .count());
        const auto mac = core::crypto::hmac_sha256(secret, now + "." + body);
        const auto signature = core::crypto::hex_encode(std::string(mac.begin(), mac.end()));
        return service_.client()
            .post(service_.path("stripe"),
                  {{"Content-Type", "application/json"}, {"Stripe-Signature", "t=" + now + ",v1=" + signature}}, body)
            .status;
    }

    Running& service_ = Running::the();
    std::string configuration_;
    std::string secret_file_;
};

TEST_F(Rotation, RefusesNoGoodCallbackAndNoneUnderARetiredSecretIsAccepted) {
    configure("\"file:old.secret\"");
    EXPECT_EQ(send(kOld), 200);
    EXPECT_EQ(send(kNew), 401);

    // Callbacks come all the time, signed with what is good at that moment.
    std::atomic<const char*> signed_with{kOld};
    std::atomic<bool> done{false};
    std::atomic<int> sent{0};
    std::atomic<int> refused{0};
    std::vector<std::thread> senders;
    for (int i = 0; i < 4; ++i) {
        senders.emplace_back([&] {
            while (!done) {
                refused += send(signed_with) == 200 ? 0 : 1;
                ++sent;
            }
        });
    }
    const auto after_some_more = [&] {
        const int before = sent;
        for (int i = 0; i < 3000 && sent < before + 50; ++i) {
            std::this_thread::sleep_for(std::chrono::milliseconds(10));
        }
        EXPECT_GE(sent, before + 50);
    };
    after_some_more();
    configure("\"file:old.secret\", \"file:new.secret\"");
    after_some_more();
    signed_with = kNew;
    after_some_more();
    configure("\"file:new.secret\"");
    EXPECT_EQ(send(kOld), 401);
    after_some_more();

    // A reload that fails changes nothing.
    const auto refusals = count("reload_refused");
    core::write_file(service_.place() / "duizhang.toml", configuration_ + "\nno key = 1\n");
    service_.process().signal(SIGHUP);
    for (int i = 0; i < 1000 && count("reload_refused") == refusals; ++i) {
        std::this_thread::sleep_for(std::chrono::milliseconds(10));
    }
    EXPECT_GT(count("reload_refused"), refusals);
    after_some_more();
    done = true;
    for (auto& sender : senders) {
        sender.join();
    }
    EXPECT_EQ(refused, 0);
}

}  // namespace
}  // namespace e2e
