// duizhang split preview: what each receiver would get, with no database.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "core/json/reader.h"
#include "tests/support/command.h"

namespace e2e {
namespace {

namespace fs = std::filesystem;
using test_support::duizhang;
using test_support::Ran;
using testing::HasSubstr;

class SplitPreview : public testing::Test {
protected:
    SplitPreview() {
        test_support::write_text(place() / "keys" / "master.key", std::string(64, '1') + "\n", 0600);
        test_support::write_text(
            place() / "duizhang.toml",
            "[database]\nembedded = \"pg\"\n[secrets]\nmaster_key = \"file:keys/master.key\"\n"
            "[[tenant]]\nid = \"acme\"\ncurrency = \"CNY\"\n[[tenant.split]]\nname = \"market\"\n"
            "remainder = \"platform\"\nshares = [ { to = \"payable:seller\", basis_points = 9000 }, "
            "{ to = \"income:commission\", basis_points = 1000, at_least = 100 }, "
            "{ to = \"payable:carrier\", fixed = 500 } ]\n");
    }
    ~SplitPreview() override { EXPECT_FALSE(fs::exists(place() / "pg")) << "a preview needs no database"; }

    const fs::path& place() const { return folder_.path(); }

    Ran preview(std::vector<std::string> words, const std::string& split = "market") const {
        words.insert(words.begin(), {"split", "preview", "--tenant", "acme", "--split", split, "--amount"});
        return duizhang(place(), words);
    }

private:
    test_support::TestFolder folder_;
};

TEST_F(SplitPreview, ShowsEachReceiverAndWhatEachRefundTakes) {
    const auto ran = preview({"10001", "--refund", "5000", "--refund", "5001"});
    EXPECT_EQ(ran.status, 0) << ran.err;
    EXPECT_THAT(ran.out, HasSubstr("market: 100.01 CNY, shared out at capture\n"));
    EXPECT_THAT(ran.out, HasSubstr("payable:seller             90.00         -45.00         -45.00       0.00\n"));
    EXPECT_THAT(ran.out, HasSubstr("income:commission           5.01          -2.50          -2.51       0.00\n"));
    EXPECT_THAT(ran.out, HasSubstr("payable:carrier             5.00          -2.50          -2.50       0.00\n"));
    EXPECT_THAT(ran.out, HasSubstr("合计 Total                100.01         -50.00         -50.01       0.00\n"));
}

TEST_F(SplitPreview, IsAJsonDocumentInMinorUnits) {
    const auto ran = preview({"1000", "--refund", "1", "--currency", "JPY", "--json"});
    EXPECT_EQ(ran.status, 0) << ran.err;
    const auto json = core::json::parse(ran.out);
    ASSERT_TRUE(json) << ran.out;
    EXPECT_EQ(json->string_at("currency"), "JPY");
    EXPECT_EQ(json->integer_at("amount"), 1000);
    EXPECT_EQ(json->boolean_at("shared_out"), true);
    const auto& receivers = json->find("receivers")->items();
    ASSERT_EQ(receivers.size(), 3U);
    EXPECT_EQ(receivers[0].string_at("account"), "payable:seller");
    EXPECT_EQ(receivers[0].integer_at("receives"), 400);
    EXPECT_EQ(receivers[1].integer_at("receives"), 100);
    EXPECT_EQ(receivers[2].integer_at("receives"), 500);
    EXPECT_EQ(receivers[2].find("gives_back")->items().at(0).integer(), 1);
    EXPECT_EQ(receivers[2].integer_at("left"), 499);
}

TEST_F(SplitPreview, SaysWhenTheAmountIsTooSmallForTheFixedParts) {
    EXPECT_THAT(preview({"499"}).out, HasSubstr("nothing is shared out, and it stays on deferred:orders"));
    const auto json = core::json::parse(preview({"499", "--json"}).out);
    ASSERT_TRUE(json);
    EXPECT_EQ(json->boolean_at("shared_out"), false);
    EXPECT_TRUE(json->find("receivers")->items().empty());
}

TEST_F(SplitPreview, RefusesWhatCannotBe) {
    const auto expect_refused = [](const Ran& ran, const char* named) {
        EXPECT_EQ(ran.status, 2) << ran.out;
        EXPECT_THAT(ran.err, HasSubstr(named));
    };
    expect_refused(preview({"1000"}, "other"), "--split: tenant acme has no split \"other\"; it has market");
    expect_refused(preview({"0"}), "--amount");
    expect_refused(preview({"1000", "--currency", "CN"}), "--currency");
    expect_refused(preview({"1000", "--refund", "500", "--refund", "501"}), "--refund");
}

}  // namespace
}  // namespace e2e
