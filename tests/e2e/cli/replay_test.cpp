// `callbacks replay` takes in hundreds of callbacks with a few commits, and answers each as it would alone.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>

#include "core/db/connection.h"
#include "tests/e2e/cli/desk.h"

namespace e2e {
namespace {

using test_support::text_of;
using test_support::write_text;

// What writes in PostgreSQL takes a number.
std::int64_t transactions_that_wrote(const Desk& desk) {
    core::db::Connection session(desk.admin_connection());
    return pqxx::nontransaction(session.get()).exec("select txid_current()").front()[0].as<std::int64_t>();
}

std::string answers_to(const Desk& desk, const std::string& callbacks) {
    const test_support::TestFolder inbox;
    write_text(inbox.path() / "callbacks.jsonl", callbacks);
    const auto ran = desk.run({"--json", "callbacks", "replay", (inbox.path() / "callbacks.jsonl").string()});
    EXPECT_EQ(ran.status, 0) << ran.err;
    return ran.out;
}

TEST(CallbacksReplay, SharesCommitsAndBooksNothingTwice) {
    const auto& desk = Desk::get();
    const auto callbacks = text_of(desk.place() / "callbacks.jsonl");
    const auto lines = std::count(callbacks.begin(), callbacks.end(), '\n');
    const auto books = desk.books();
    const auto before = transactions_that_wrote(desk);
    answers_to(desk, callbacks);
    const auto took = transactions_that_wrote(desk) - before;
    EXPECT_GT(lines, 50);
    EXPECT_GT(took, 0);
    EXPECT_LE(took, lines / 5) << "one transaction a callback would be " << lines;
    EXPECT_EQ(desk.books(), books);
}

// One that is forged and one for nobody, in the middle of good ones.
TEST(CallbacksReplay, AnswersEachAsItWouldAlone) {
    const auto& desk = Desk::get();
    const auto all = text_of(desk.place() / "callbacks.jsonl");
    std::vector<std::string> rows;
    for (std::size_t at = 0; rows.size() < 12; at = all.find('\n', at) + 1) {
        rows.push_back(all.substr(at, all.find('\n', at) + 1 - at));
    }
    auto forged = rows[3];
    forged.insert(forged.find("\"body_base64\": \"") == std::string::npos ? forged.find("\"body_base64\":\"") + 15
                                                                          : forged.find("\"body_base64\": \"") + 16,
                  "Zm9y");
    auto for_nobody = rows[5];
    for_nobody.replace(for_nobody.find("/callbacks/") + 11, 4, "none");
    rows.insert(rows.begin() + 4, forged);
    rows.insert(rows.begin() + 6, for_nobody);
    std::map<std::string, std::int64_t> alone;
    std::string together;
    for (const auto& row : rows) {
        const auto answered = core::json::parse(answers_to(desk, row));
        ASSERT_TRUE(answered);
        for (const auto& [status, count] : answered->find("answers")->members()) {
            alone[status] += count.integer().value_or(0);
        }
        together += row;
    }
    const auto answered = core::json::parse(answers_to(desk, together));
    ASSERT_TRUE(answered);
    std::map<std::string, std::int64_t> counted;
    for (const auto& [status, count] : answered->find("answers")->members()) {
        counted[status] += count.integer().value_or(0);
    }
    EXPECT_EQ(counted, alone);
    EXPECT_EQ(alone["404"], 1);
    EXPECT_GE(alone["401"], 1);
}

}  // namespace
}  // namespace e2e
