// Whatever a statement's file has where names are looked for, no card number comes out of it again.
#include <gtest/gtest.h>

#include "audit/redact.h"
#include "config/document.h"
#include "core/archive.h"
#include "payments/channels/registry.h"
#include "tests/support/test_database.h"

namespace payments {
namespace {

const std::string kCard = "4242424242424242";

class EveryChannel : public testing::TestWithParam<std::string_view> {
protected:
    EveryChannel() {
        const test_support::TestFolder place;
        const auto& folder = place.path();
        const auto* registration = find_channel(GetParam());
        const auto simulator = registration->make_simulator("acme", 7);
        config::Document document("[[tenant]]\n" + simulator->write_configuration(folder, folder / "keys"), "test.toml",
                                  folder);
        auto section = document.root().tables("tenant").at(0).table(std::string(GetParam()));
        channel_ = registration->make(*section, {"acme", [this](auto card) { return redactor_.fingerprint(card); },
                                                 [this](auto text) { return redactor_.redact(text); }});
    }

    std::string refusal_of(const std::string& bytes) const {
        const auto read =
            channel_->read_statement({{"delivered", bytes}}, core::BusinessDay{date::year{2026} / 11 / 18});
        return read ? "read" : read.error().message();
    }

    audit::Redactor redactor_{core::KeyBytes("a key for tests of 32 bytes long")};
    std::unique_ptr<Channel> channel_;
};

TEST_P(EveryChannel, ShowsNoCardNumberOfAFileInARefusal) {
    for (const std::string& bytes :
         {kCard + "," + kCard + "\n1,2\n", "`" + kCard + ",`1\n`2,`3\n", std::string(40, 'a') + kCard + ",b\n",
          core::zip({{kCard + ".csv", "a,a\n"}}), core::zip({{"INN26111888ZM_" + kCard, "x"}}),
          core::zip({{kCard, "a"}, {kCard + "b", "a"}})}) {
        const auto refusal = refusal_of(bytes);
        EXPECT_NE(refusal, "read");
        EXPECT_EQ(refusal.find("42424242424"), std::string::npos) << refusal;
    }
}

INSTANTIATE_TEST_SUITE_P(, EveryChannel, testing::Values("unionpay", "wechatpay", "stripe"),
                         [](const auto& row) { return std::string(row.param); });

}  // namespace
}  // namespace payments
