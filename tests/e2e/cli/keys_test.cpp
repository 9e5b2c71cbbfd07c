// duizhang key ...: what a key's holder and its operator see.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/e2e/cli/desk.h"

namespace e2e {
namespace {

using testing::HasSubstr;

core::json::Value parsed(const Ran& ran) {
    auto value = core::json::parse(ran.out);
    EXPECT_TRUE(value) << "no JSON document: " << ran.out << ran.err;
    return value ? std::move(*value) : core::json::Value::make_null();
}

std::string text_at(const core::json::Value& value, std::string_view name) {
    return std::string(value.string_at(name).value_or(""));
}

// As `key list` has it; empty when it hasn't.
std::string state_of(const std::string& id) {
    const auto list = parsed(Desk::get().run({"--json", "key", "list"}));
    for (const auto& key : list.find("keys")->items()) {
        if (key.string_at("id") == id) {
            return text_at(key, "state") + (key.find("expires_at")->is_null() ? "" : " for a while");
        }
    }
    return {};
}

TEST(Key, IsPrintedOnceAndListedWithoutWhatOpens) {
    const auto& desk = Desk::get();
    const auto issued = desk.run({"key", "issue", "--tenant", desk.tenant(), "--role", "shop", "--name", "till 3"});
    ASSERT_EQ(issued.status, 0) << issued.err;
    EXPECT_THAT(issued.out, testing::StartsWith("dz_" + desk.tenant() + "_"));
    const auto secret = issued.out.substr(issued.out.rfind('_') + 1, 43);

    const auto listed = desk.run({"key", "list", "--tenant", desk.tenant()});

    EXPECT_EQ(listed.status, 0) << listed.err;
    EXPECT_THAT(listed.out, HasSubstr("till 3"));
    EXPECT_THAT(listed.out, HasSubstr(issued.out.substr(3, desk.tenant().size() + 13)));
    EXPECT_THAT(listed.out, testing::Not(HasSubstr(secret)));
    EXPECT_THAT(issued.err, testing::Not(HasSubstr(secret)));
}

TEST(Key, IsRevokedForGood) {
    const auto& desk = Desk::get();
    const auto id =
        text_at(parsed(desk.run({"--json", "key", "issue", "--tenant", desk.tenant(), "--role", "reader"})), "id");
    EXPECT_EQ(state_of(id), "good");
    EXPECT_EQ(desk.run({"key", "revoke", id}).status, 0);
    EXPECT_EQ(state_of(id), "revoked");
    EXPECT_EQ(parsed(desk.run({"--json", "key", "revoke", id})).boolean_at("already"), true);
    EXPECT_EQ(desk.run({"key", "rotate", id}).status, 3) << "what is revoked has no successor";
}

TEST(Key, IsRotatedWithAnOverlap) {
    const auto& desk = Desk::get();
    const auto old = parsed(
        desk.run({"--json", "key", "issue", "--tenant", desk.tenant(), "--role", "accountant", "--name", "books"}));

    const auto made = parsed(desk.run({"--json", "key", "rotate", text_at(old, "id"), "--overlap", "30m"}));

    EXPECT_NE(text_at(made, "key"), text_at(old, "key"));
    EXPECT_EQ(text_at(made, "role"), "accountant");
    EXPECT_EQ(text_at(made, "name"), "books");
    EXPECT_EQ(state_of(text_at(old, "id")), "good for a while");
    EXPECT_EQ(state_of(text_at(made, "id")), "good");
    EXPECT_EQ(desk.run({"key", "rotate", text_at(made, "id"), "--overlap", "0s"}).status, 0);
    EXPECT_EQ(state_of(text_at(made, "id")), "expired for a while");
}

struct Wrong {
    const char* name;
    std::vector<std::string> words;
    int status;
    std::string says;
};
class KeyRefuses : public testing::TestWithParam<Wrong> {};

TEST_P(KeyRefuses, AndSaysWhy) {
    auto words = GetParam().words;
    for (auto& word : words) {
        word = word == "TENANT" ? Desk::get().tenant() : word;
    }
    const auto ran = Desk::get().run(words);
    EXPECT_EQ(ran.status, GetParam().status) << ran.err;
    EXPECT_THAT(ran.err, HasSubstr(GetParam().says));
    EXPECT_EQ(ran.out, "");
}

INSTANTIATE_TEST_SUITE_P(
    , KeyRefuses,
    testing::Values(
        Wrong{"AnUnknownRole", {"key", "issue", "--tenant", "TENANT", "--role", "root"}, 2, "shop, reader, accountant"},
        Wrong{"AnUnknownTenant", {"key", "issue", "--tenant", "nobody", "--role", "shop"}, 2, "--tenant"},
        Wrong{"ADayThatIsOver",
              {"key", "issue", "--tenant", "TENANT", "--role", "shop", "--expires", "2020-01-01"},
              2,
              "--expires"},
        Wrong{"NoId", {"key", "revoke", "42"}, 2, "key list"},
        Wrong{"AnotherTenantsId", {"key", "revoke", "somebody_123456789012", "--tenant", "TENANT"}, 2, "--tenant"},
        Wrong{"AnOverlapWithoutUnit", {"key", "rotate", "a_123456789012", "--overlap", "24"}, 2, "--overlap"},
        Wrong{"AnOverlapOfYears", {"key", "rotate", "a_123456789012", "--overlap", "367d"}, 2, "--overlap"}),
    [](const auto& row) { return std::string(row.param.name); });

}  // namespace
}  // namespace e2e
