// POST /v1/entries from many at once: what shares a commit is answered as if it came alone.
#include <barrier>

#include "ledger/limits.h"
#include "tests/integration/server/api_world.h"

namespace server {
namespace {

struct Asked {
    std::string path;
    std::string body;
    std::string key;
};

class EntriesAtOnce : public WithApi {
protected:
    // All at the same moment, from connections of their own; each is asked for by a thread.
    std::vector<Answer> at_once(const std::vector<Asked>& all) {
        const auto& key = world_.key("accountant");
        std::vector<Answer> answers(all.size());
        std::barrier together(static_cast<std::ptrdiff_t>(all.size()));
        std::vector<std::thread> threads;
        for (std::size_t i = 0; i < all.size(); ++i) {
            threads.emplace_back([&, i] {
                together.arrive_and_wait();
                answers[i] = world_.request("POST", all[i].path, key, all[i].body, all[i].key);
            });
        }
        for (auto& thread : threads) {
            thread.join();
        }
        return answers;
    }
    std::int64_t stands_on(const std::string& account) {
        core::db::TenantTransaction transaction(world_.application().database(), core::TenantId(world_.tenant()));
        std::int64_t minor = 0;
        for (const auto& row : ledger::account_balances(transaction, account)) {
            minor += row.balance_minor();
        }
        return minor;
    }
    static std::string kind_of(const Answer& answer) {
        return std::to_string(answer.status) + " " +
               (answer.status < 300 ? "" : text_at(parsed(answer.body), "type") + " ") +
               (answer.status < 300 ? "" : text_at(parsed(answer.body), "field"));
    }
    void TearDown() override { EXPECT_EQ(complaints(), ""); }
};

TEST_F(EntriesAtOnce, AreEachAnsweredForThemselves) {
    ASSERT_EQ(world_.post("/v1/entries", "accountant", entry_json(3, "stands"), "at-once-used").status, 201);
    std::vector<Asked> all;
    std::vector<std::string> expected;
    for (int i = 0; i < 12; ++i) {
        const auto number = std::to_string(i);
        all.push_back({"/v1/entries", entry_json(1 + i, "good " + number), "at-once-" + number});
        expected.emplace_back("201 ");
        all.push_back({"/v1/entries", entry_json(0, "bad"), "at-once-bad-" + number});
        expected.emplace_back("400 urn:duizhang:problem:bad-field legs[1].amount");
        all.push_back({"/v1/entries", entry_json(4, "stands"), "at-once-used"});
        expected.emplace_back("409 urn:duizhang:problem:idempotency-key-reused Idempotency-Key");
        all.push_back({"/v1/entries", entry_json(3, "stands"), "at-once-used"});
        expected.emplace_back("201 ");
        all.push_back({"/v1/entries/999999999/reversal", R"({"description":"x"})", "at-once-none-" + number});
        expected.emplace_back("404 about:blank (none)");
    }
    const auto before = stands_on("expense:rent");
    const auto answers = at_once(all);
    for (std::size_t i = 0; i < all.size(); ++i) {
        EXPECT_EQ(kind_of(answers[i]), expected[i]) << all[i].key << answers[i].body;
    }
    EXPECT_EQ(stands_on("expense:rent") - before, 12 * 13 / 2);
    for (const auto& refused : {"at-once-bad-0", "at-once-none-0"}) {
        EXPECT_EQ(world_.post("/v1/entries", "accountant", entry_json(1, "corrected"), refused).status, 201)
            << "what is refused leaves its key free";
    }
}

TEST_F(EntriesAtOnce, AreAnsweredWithWhatStandsInTheBooks) {
    std::vector<Asked> all;
    for (int i = 0; i < 16; ++i) {
        all.push_back({"/v1/entries", entry_json(100 + i, "shown"), "at-once-shown-" + std::to_string(i)});
    }
    for (const auto& answer : at_once(all)) {
        ASSERT_EQ(answer.status, 201) << answer.body;
        EXPECT_EQ(world_.get(answer.header("location"), "reader").body, answer.body);
    }
}

TEST_F(EntriesAtOnce, ReverseAnEntryOnce) {
    const auto entry = world_.post("/v1/entries", "accountant", entry_json(77, "wrong"), "at-once-wrong");
    const auto path = entry.header("location") + "/reversal";
    std::vector<Asked> all;
    for (int i = 0; i < 24; ++i) {
        all.push_back({path, R"({"description":"mistyped","business_date":"2026-11-18"})",
                       i % 2 == 0 ? "" : "at-once-reversal-" + std::to_string(i)});
    }
    std::map<int, int> statuses;
    std::set<std::string> locations;
    for (const auto& answer : at_once(all)) {
        ++statuses[answer.status];
        locations.insert(answer.header("location"));
    }
    EXPECT_EQ(statuses, (std::map<int, int>{{200, 23}, {201, 1}}));
    EXPECT_EQ(locations.size(), 1U);
}

// Somebody sets a limit and takes a while over it: who waits for his lock is posted when he is done, and others'
// entries meanwhile.
TEST_F(EntriesAtOnce, WaitForSomebodyElsesLockWithoutKeepingOthersWaiting) {
    const auto path = "/v1/entries";
    auto setting =
        std::make_unique<core::db::TenantTransaction>(world_.application().database(), core::TenantId(world_.tenant()));
    ledger::set_limit(*setting, *ledger::Account::from_name("bank:slow"), *core::Currency::from_code("CNY"), 100,
                      world_.clock().now(), "test");
    Answer waited;
    std::thread waiting([&] { waited = world_.post(path, "accountant", entry_json(7), "at-once-waits"); });
    std::this_thread::sleep_for(std::chrono::milliseconds(1500));
    const auto other = world_.request("POST", path, world_.key("accountant", true), entry_json(8), "at-once-other");
    EXPECT_EQ(other.status, 201) << other.body;
    setting->commit();
    setting.reset();
    waiting.join();
    EXPECT_EQ(waited.status, 201) << waited.body;
    EXPECT_EQ(world_.post(path, "accountant", entry_json(7), "at-once-waits").body, waited.body);
}

TEST_F(EntriesAtOnce, NeverTakeMoreThanTheLimitAllows) {
    const auto spend = [](std::int64_t minor) {
        const auto amount = std::to_string(minor);
        return R"({"business_date":"2026-11-18","description":"spent","legs":[)"
               R"({"account":"expense:rent","amount":{"amount":)" +
               amount + R"(,"currency":"CNY"}},{"account":"bank:limited","currency":"CNY","amount":-)" + amount + "}]}";
    };
    {
        core::db::TenantTransaction transaction(world_.application().database(), core::TenantId(world_.tenant()));
        ledger::set_limit(transaction, *ledger::Account::from_name("bank:limited"), *core::Currency::from_code("CNY"),
                          100, world_.clock().now(), "test");
        transaction.commit();
    }
    std::vector<Asked> all;
    for (int i = 0; i < 40; ++i) {
        all.push_back({"/v1/entries", spend(30), "at-once-spend-" + std::to_string(i)});
    }
    std::map<std::string, int> kinds;
    for (const auto& answer : at_once(all)) {
        ++kinds[kind_of(answer)];
    }
    EXPECT_EQ(kinds, (std::map<std::string, int>{{"201 ", 3}, {"409 urn:duizhang:problem:beyond-limit (none)", 37}}));
    EXPECT_EQ(stands_on("bank:limited"), -90);
}

}  // namespace
}  // namespace server
