// The worked example of two days, through the executable: orders and callbacks go in, nightly runs, and the review
// lists are those that other people worked out.
#include <gtest/gtest.h>

#include <algorithm>
#include <iostream>
#include <memory>

#include "core/db/embedded.h"
#include "tests/samples/example/compare.h"
#include "tests/support/command.h"

namespace example {
namespace {

namespace fs = std::filesystem;
using test_support::duizhang;
using test_support::Ran;

const fs::path kExample = fs::path(DUIZHANG_SOURCE_DIR) / ".." / "shared" / "example";
const char* const kDays[] = {"2026-11-17", "2026-11-18"};

// Every file of the folder, so that two states of it can be compared.
std::map<std::string, std::string> files_below(const fs::path& folder) {
    std::map<std::string, std::string> files;
    for (const auto& item : fs::recursive_directory_iterator(folder)) {
        if (item.is_regular_file()) {
            files[fs::relative(item.path(), folder).string()] = test_support::text_of(item.path());
        }
    }
    return files;
}

// Folder by folder: below a copy of a read-only folder only root could write.
void copy_writable(const fs::path& from, const fs::path& to) {
    fs::create_directory(to);
    for (const auto& item : fs::directory_iterator(from)) {
        const auto copy = to / item.path().filename();
        if (item.is_directory()) {
            copy_writable(item, copy);
        } else {
            fs::copy_file(item, copy);
            fs::permissions(copy, fs::perms(0644));
        }
    }
}

// A copy to work in, played once for all tests: orders, callbacks, two nights.
class Played {
public:
    static const Played& get() {
        static const Played played;
        return played;
    }

    const fs::path& place() const { return folder_.path(); }
    const std::vector<Ran>& commands() const { return commands_; }
    Ran run(std::vector<std::string> words) const {
        words.insert(words.begin(), "--quiet");
        return duizhang(place(), std::move(words));
    }

private:
    Played() {
        copy_writable(kExample, place());
        for (const char* secret : {"keys/acme/wechatpay-api-v3.key", "keys/acme/stripe.secret"}) {
            fs::permissions(place() / secret, fs::perms(0600));
        }
        test_support::write_text(place() / "keys" / "master.key", std::string(64, '7') + "\n", 0600);
        // Held, so that the commands join one server instead of each starting its own.
        server_ = std::make_unique<core::db::EmbeddedCluster>(place() / "pg");
        commands_.push_back(run({"orders", "import", "--tenant", "acme", "orders/acme.jsonl"}));
        commands_.push_back(run({"--json", "callbacks", "replay", "callbacks.jsonl"}));
        for (const char* day : kDays) {
            commands_.push_back(run({"nightly", "--date", day}));
        }
    }

    test_support::TestFolder folder_;
    std::unique_ptr<core::db::EmbeddedCluster> server_;
    std::vector<Ran> commands_;
};

class WorkedExample : public testing::Test {
protected:
    void SetUp() override {
        if (!fs::exists(kExample / "duizhang.toml")) {
            std::cout << "left out: the worked example does not lie beside the source tree\n";
            GTEST_SKIP();
        }
        for (const auto& command : Played::get().commands()) {
            ASSERT_EQ(command.status, 0) << command.err;
        }
    }
    const fs::path& place() const { return Played::get().place(); }
};

TEST_F(WorkedExample, AcceptsEveryRecordedCallback) {
    const auto answers = core::json::parse(Played::get().commands()[1].out);
    ASSERT_TRUE(answers);
    std::int64_t accepted = 0;
    for (const char* status : {"200", "204"}) {
        const auto* count = answers->path("answers", status);
        accepted += count != nullptr ? count->integer().value_or(0) : 0;
    }
    EXPECT_EQ(accepted, answers->integer_at("callbacks")) << Played::get().commands()[1].out;
    EXPECT_GT(accepted, 0);
}

TEST_F(WorkedExample, ListsWhatOthersWorkedOut) {
    for (const char* channel : {"wechatpay", "unionpay", "stripe"}) {
        for (const char* day : kDays) {
            const auto part = fs::path("acme") / channel / day;
            SCOPED_TRACE(part.string());
            EXPECT_EQ(compare_lists(place() / "review" / part / "review.csv",
                                    place() / "expected-review" / part / "review.csv"),
                      "");
            EXPECT_EQ(compare_summaries(place() / "review" / part / "summary.json",
                                        place() / "expected-review" / part / "summary.json"),
                      "");
            EXPECT_TRUE(fs::exists(place() / "review" / part / "review.html"));
            EXPECT_TRUE(fs::exists(place() / "review" / part / "review.xlsx"));
        }
    }
}

TEST_F(WorkedExample, SecondRunSaysTheSame) {
    const auto balance =
        Played::get().run({"--json", "ledger", "trial-balance", "--tenant", "acme", "--until", "2026-12-31"});
    std::map<std::string, std::string> before;
    for (const auto& [name, bytes] : files_below(place() / "review")) {
        if (name.ends_with("review.csv")) {
            before[name] = bytes;
        }
    }
    ASSERT_EQ(before.size(), 6U);
    EXPECT_EQ(Played::get().run({"orders", "import", "--tenant", "acme", "orders/acme.jsonl"}).status, 0);
    EXPECT_EQ(Played::get().run({"callbacks", "replay", "callbacks.jsonl"}).status, 0);
    for (const char* day : kDays) {
        ASSERT_EQ(Played::get().run({"nightly", "--date", day}).status, 0);
    }
    for (const auto& [name, bytes] : before) {
        EXPECT_EQ(test_support::text_of(place() / "review" / name), bytes) << name;
    }
    const auto again =
        Played::get().run({"--json", "ledger", "trial-balance", "--tenant", "acme", "--until", "2026-12-31"});
    EXPECT_EQ(again.out, balance.out);
}

TEST_F(WorkedExample, TrialBalanceIsZeroAndEveryRuleHolds) {
    const auto verified = Played::get().run({"ledger", "verify", "--tenant", "acme"});
    EXPECT_EQ(verified.status, 0) << verified.out << verified.err;
    const auto ran = Played::get().run({"--json", "ledger", "trial-balance", "--tenant", "acme"});
    const auto balance = core::json::parse(ran.out);
    ASSERT_TRUE(balance) << ran.out << ran.err;
    const auto* totals = balance->find("totals");
    ASSERT_NE(totals, nullptr);
    EXPECT_GE(totals->items().size(), 4U);
    for (const auto& total : totals->items()) {
        EXPECT_EQ(total.integer_at("debit"), total.integer_at("credit"));
        EXPECT_GT(total.integer_at("debit").value_or(0), 0);
    }
}

// Two files and no database: kinds and amounts as worked out.
TEST_F(WorkedExample, DiffFindsWhatOthersWorkedOut) {
    const auto ran = Played::get().run(
        {"--json", "diff", "--left", "diff/left.csv", "--right", "diff/right.csv", "--out", "diff-out"});
    EXPECT_EQ(ran.status, 1) << ran.err;
    const auto wanted = read_json(place() / "expected-diff.json");
    const auto table = read_table(place() / "diff-out" / "diff.csv");
    const auto* rows = wanted.find("discrepancies");
    ASSERT_NE(rows, nullptr);
    EXPECT_EQ(table.rows.size(), rows->items().size());
    for (const auto& row : rows->items()) {
        const auto has_id = [&](const Row& found) {
            const auto& ids = row.find("ids")->items();
            return std::any_of(ids.begin(), ids.end(),
                               [&](const auto& id) { return id.string() == found.at("channel_txn_id"); });
        };
        const auto found = std::find_if(table.rows.begin(), table.rows.end(), [&](const Row& one) {
            return one.at("kind") == row.string_at("kind") && one.at("type") == row.string_at("type") && has_id(one);
        });
        ASSERT_NE(found, table.rows.end()) << canonical(row);
        for (const char* side : {"ledger_amount", "channel_amount"}) {
            const auto minor = row.integer_at(side);
            const std::string& cell = found->at(side);
            const std::string size = cell.starts_with('-') ? cell.substr(1) : cell;
            EXPECT_EQ(size, minor ? std::to_string(*minor) : "") << canonical(row) << " " << side;
        }
    }
    const auto summary = read_json(place() / "diff-out" / "summary.json");
    EXPECT_EQ(summary.integer_at("matched"), wanted.integer_at("matched_exact"));
}

// One fen off in the bill's own totals: one row, exit 0, and not a cent is moved.
TEST_F(WorkedExample, WrongTotalsAreListedAndBookNothing) {
    const auto before =
        Played::get().run({"--json", "ledger", "balance", "--tenant", "acme", "--account", "transit:funds:wechatpay"});
    const auto ran =
        Played::get().run({"reconcile", "--tenant", "acme", "--channel", "wechatpay", "--date", "2026-11-19",
                           "--statement", "wrong-totals/1982158722All2026-11-19.csv", "--out", "wrong-totals-out"});
    ASSERT_EQ(ran.status, 0) << ran.err;
    EXPECT_EQ(compare_lists(place() / "wrong-totals-out" / "review.csv",
                            place() / "wrong-totals" / "expected" / "review.csv"),
              "");
    EXPECT_EQ(compare_summaries(place() / "wrong-totals-out" / "summary.json",
                                place() / "wrong-totals" / "expected" / "summary.json"),
              "");
    const auto after =
        Played::get().run({"--json", "ledger", "balance", "--tenant", "acme", "--account", "transit:funds:wechatpay"});
    EXPECT_EQ(after.out, before.out);
}

}  // namespace
}  // namespace example
