// API keys on a real PostgreSQL: found, refused, revoked, rotated, and behind their tenant's wall.
#include "server/api_keys.h"

#include <gtest/gtest.h>

#include <thread>

#include "tests/support/books.h"

namespace server {
namespace {

using namespace std::chrono_literals;
using test_support::instant;

class Keys : public testing::Test {
protected:
    NewApiKey issue(const char* role = "shop", std::optional<core::Instant> expires = std::nullopt) {
        auto made = make_api_key(books_.tenant(), "a till", role, now_, expires);
        books_.with([&](auto& transaction) { store_api_key(transaction, made.key); });
        return made;
    }
    bool opens(const NewApiKey& made) { return keys_.holder(made.text.reveal(), now_).has_value(); }
    static std::string with_last_character_changed(const NewApiKey& made) {
        std::string text(made.text.reveal());
        text.back() = text.back() == 'a' ? 'b' : 'a';
        return text;
    }

    test_support::TenantBooks books_;
    ApiKeys keys_{test_support::books_database()};
    core::Instant now_ = instant("2026-11-18T09:00:00Z");
};

TEST_F(Keys, OpenWithTheirWholeTextAlone) {
    const auto made = issue("accountant");

    const auto holder = keys_.holder(made.text.reveal(), now_);

    ASSERT_TRUE(holder);
    EXPECT_EQ(holder->tenant, books_.tenant());
    EXPECT_EQ(holder->role, "accountant");
    EXPECT_EQ(holder->name, "a till");
    EXPECT_FALSE(keys_.holder(with_last_character_changed(made), now_));
    EXPECT_FALSE(keys_.holder(made.key.id(), now_));
    EXPECT_FALSE(keys_.holder("", now_));
    EXPECT_TRUE(opens(made)) << "a wrong text did nothing to it";
}

TEST_F(Keys, AreStoredAsADigest) {
    const auto made = issue();
    const auto stored = test_support::books_test_database().administer_here(
        "select row_to_json(k)::text from access.api_keys k where key_id = '" + made.key.number + "'");
    ASSERT_EQ(stored.size(), 1U);
    const auto secret = std::string(made.text.reveal()).substr(made.text.reveal().rfind('_') + 1);
    EXPECT_EQ(stored[0][0].as<std::string>().find(secret), std::string::npos);
    EXPECT_NE(stored[0][0].as<std::string>().find(made.key.key_sha256), std::string::npos);
}

TEST_F(Keys, OfOneTenantDoNotOpenAnother) {
    const test_support::TenantBooks other;
    const auto made = issue();
    auto text = std::string(made.text.reveal());
    text.replace(3, books_.tenant().text().size(), other.tenant().text());
    EXPECT_FALSE(keys_.holder(text, now_));
}

TEST_F(Keys, AreRefusedFromTheMomentTheyExpire) {
    const auto made = issue("shop", now_ + 1h);
    now_ += 1h - 1ms;
    EXPECT_TRUE(opens(made));
    now_ += 1ms;
    EXPECT_FALSE(opens(made));
}

TEST_F(Keys, ThatAreRevokedStopWithinTheTimeNamed) {
    const auto made = issue();
    ASSERT_TRUE(opens(made));
    EXPECT_TRUE(books_.with([&](auto& t) { return revoke_api_key(t, made.key.number, now_); }));
    EXPECT_FALSE(books_.with([&](auto& t) { return revoke_api_key(t, made.key.number, now_ + 1h); }));
    const auto until = std::chrono::steady_clock::now() + kKeyRemembered + 1s;
    while (opens(made) && std::chrono::steady_clock::now() < until) {
        std::this_thread::sleep_for(50ms);
    }
    EXPECT_FALSE(opens(made));
    const auto kept = books_.with([&](auto& t) { return find_api_key(t, made.key.number); });
    ASSERT_TRUE(kept && kept->revoked_at);
    EXPECT_EQ(*kept->revoked_at, now_);
}

TEST_F(Keys, ExpireNoLaterThanTheyWould) {
    const auto made = issue("shop", now_ + 1h);
    books_.with([&](auto& t) { expire_api_key(t, made.key.number, now_ + 2h); });
    EXPECT_EQ(books_.with([&](auto& t) { return find_api_key(t, made.key.number); })->expires_at, now_ + 1h);
    books_.with([&](auto& t) { expire_api_key(t, made.key.number, now_ + 1min); });
    EXPECT_EQ(books_.with([&](auto& t) { return find_api_key(t, made.key.number); })->expires_at, now_ + 1min);
}

TEST_F(Keys, AreListedOldestFirst) {
    const auto first = issue();
    now_ += 1s;
    const auto second = issue("reader");
    const auto all = books_.with([](auto& t) { return all_api_keys(t); });
    ASSERT_EQ(all.size(), 2U);
    EXPECT_EQ(all[0].number, first.key.number);
    EXPECT_EQ(all[1].number, second.key.number);
}

TEST_F(Keys, NeverBecomeAnotherKey) {
    const auto made = issue();
    for (const std::string change : {"key_sha256 = repeat('0', 64)", "role = 'accountant'", "tenant_id = 'other'"}) {
        core::db::Connection session(test_support::books_test_database().service_connection());
        pqxx::work work(session.get());
        work.exec_params("select set_config('duizhang.tenant', $1, true)", books_.tenant().text());
        EXPECT_THROW(work.exec("update access.api_keys set " + change), pqxx::insufficient_privilege) << change;
    }
    EXPECT_TRUE(opens(made));
}

}  // namespace
}  // namespace server
