// duizhang orders fulfil and orders share-out.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "core/json/reader.h"
#include "tests/support/command.h"

namespace e2e {
namespace {

using test_support::duizhang;
using test_support::Ran;
using testing::HasSubstr;

class Fulfilment : public testing::Test {
protected:
    Fulfilment() {
        write("keys/master.key", std::string(64, '1') + "\n", 0600);
        write("duizhang.toml",
              "[database]\nembedded = \"pg\"\n[secrets]\nmaster_key = \"file:keys/master.key\"\n"
              "[[tenant]]\nid = \"acme\"\ncurrency = \"CNY\"\n[[tenant.split]]\nname = \"market\"\n"
              "when = \"fulfilment\"\nremainder = \"first\"\n"
              "shares = [ { to = \"payable:seller\", basis_points = 9000 } ]\n");
        write("orders.csv",
              "merchant_order_id,amount,currency,created_at,split\nW1,100,CNY,2026-11-17T08:52:12Z,market\n"
              "W2,100,CNY,2026-11-17T08:52:12Z,market\n");
        EXPECT_EQ(run({"orders", "import", "--tenant", "acme", "orders.csv"}).status, 0);
    }

    void write(const std::string& name, const std::string& text, unsigned mode = 0644) const {
        test_support::write_text(folder_.path() / name, text, mode);
    }
    Ran run(std::vector<std::string> words) const { return duizhang(folder_.path(), std::move(words)); }
    Ran fulfil(std::vector<std::string> words) const {
        words.insert(words.begin(), {"orders", "fulfil", "--tenant", "acme"});
        return run(std::move(words));
    }

private:
    test_support::TestFolder folder_;
};

TEST_F(Fulfilment, IsRecordedOnceByOrderOrByFile) {
    EXPECT_EQ(fulfil({"W1", "--at", "2026-11-18T00:00:00Z"}).out, "1 fulfilments recorded, 0 were there already\n");
    write("f.jsonl",
          "{\"merchant_order_id\":\"W1\",\"fulfilled_at\":\"2026-11-18T00:00:00Z\"}\n"
          "{\"merchant_order_id\":\"W2\",\"fulfilled_at\":\"2026-11-18T00:00:00Z\"}\n");
    for (const int recorded : {1, 0}) {
        const auto json = core::json::parse(fulfil({"--json", "--file", "f.jsonl"}).out);
        ASSERT_TRUE(json);
        EXPECT_EQ(json->integer_at("recorded"), recorded);
        EXPECT_EQ(json->integer_at("already_there"), 2 - recorded);
    }
    EXPECT_EQ(run({"orders", "share-out"}).out, "0 orders shared out, whose day has come\n");
    EXPECT_EQ(run({"ledger", "verify", "--tenant", "acme"}).status, 0);
}

TEST_F(Fulfilment, IsRefusedWhole) {
    write("f.csv", "merchant_order_id,fulfilled_at\nW1,2026-11-18T00:00:00Z\nW9,2026-11-18T00:00:00Z\n");
    const auto unknown = fulfil({"--file", "f.csv"});
    EXPECT_EQ(unknown.status, 3);
    EXPECT_THAT(unknown.err, HasSubstr("f.csv: order W9: is not registered"));
    EXPECT_EQ(fulfil({"W9"}).status, 3);
    EXPECT_THAT(fulfil({"W1"}).out, HasSubstr("1 fulfilments recorded")) << "the file recorded nothing";

    EXPECT_EQ(fulfil({}).status, 2);
    EXPECT_EQ(fulfil({"W1", "--file", "f.csv"}).status, 2);
    EXPECT_THAT(fulfil({"W2", "--at", "2999-01-01T00:00:00Z"}).err, HasSubstr("--at"));
    EXPECT_EQ(run({"orders", "share-out", "--tenant", "nobody"}).status, 2);
}

}  // namespace
}  // namespace e2e
