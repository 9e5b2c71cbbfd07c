// What is wrong with a statement is said with its file, status 3, and leaves books and lists as they were.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>

#include "core/archive.h"
#include "tests/e2e/cli/desk.h"

namespace e2e {
namespace {

using testing::HasSubstr;

enum class Fault {
    truncated,
    cut_inside_a_row,
    doubled,
    of_another_merchant,
    of_another_day,
    unknown_dialect,
    impossible_amount,
    impossible_date,
    empty_bytes,
    not_a_statement,
};

struct Case {
    const char* name;
    const char* channel;
    Fault fault;
};

using Files = std::vector<payments::StatementFile>;

// Changes the detail text of a statement, whatever it is packed in.
template <typename Change>
payments::StatementFile changed(const std::string& channel, const payments::StatementFile& file, const Change& change) {
    auto members = core::unpack(file.bytes);
    if (!members) {
        throw std::runtime_error("a simulated statement can be unpacked");
    }
    members->front().bytes = change(std::move(members->front().bytes));
    if (channel == "stripe") {
        return {file.name, core::gzip(members->front().bytes)};
    }
    return {file.name, channel == "wechatpay" ? members->front().bytes : core::zip(*members)};
}

std::string replaced(std::string text, const std::string& what, const std::string& with) {
    const auto at = text.find(what);
    if (at == std::string::npos) {
        throw std::runtime_error("a statement does not hold " + what);
    }
    return text.replace(at, what.size(), with);
}

// How the first detail row writes the time: changed to one that can't be.
std::string with_impossible_date(const std::string& channel, std::string text) {
    if (channel == "unionpay") {
        return text.replace(35, 10, "1399999999");  // 交易传输时间, behind 3, 11, 11 and 6 bytes with their blanks
    }
    const auto row = text.find('\n') + 1;
    const auto date = text.find_first_of("0123456789", channel == "stripe" ? text.find("\",\"", row) : row);
    return text.replace(date + 5, 2, "13");
}

std::string with_impossible_amount(const std::string& channel, std::string text) {
    if (channel == "unionpay") {
        return text.replace(66, 12, "00000000x123");  // 交易金额, behind the time and the card
    }
    if (channel == "stripe") {
        const auto row = text.find('\n') + 1;
        auto at = row;
        for (int cell = 0; cell < 4; ++cell) {
            at = text.find("\",\"", at) + 3;
        }
        return text.insert(at, "1e");
    }
    const auto row = text.find('\n') + 1;
    auto at = row;
    for (int cell = 0; cell < 12; ++cell) {
        at = text.find(",`", at) + 2;
    }
    return text.insert(at, "1e");
}

std::string with_unknown_head(const std::string& channel, std::string text) {
    if (channel == "stripe") {
        return replaced(std::move(text), "reporting_category", "sort_of_movement");
    }
    if (channel == "wechatpay") {
        return replaced(std::move(text), "交易时间", "买卖辰光");
    }
    std::replace(text.begin(), text.end(), ' ', '|');
    return text;
}

std::string without_last_bytes(std::string text, std::size_t bytes) {
    text.resize(text.size() - bytes);
    return text;
}

Files spoiled(const Case& test, const payments::StatementFile& file) {
    const std::string channel = test.channel;
    switch (test.fault) {
        case Fault::truncated:
            return {{file.name, file.bytes.substr(0, file.bytes.size() * 6 / 10)}};
        case Fault::cut_inside_a_row:
            return {changed(channel, file, [](std::string text) { return without_last_bytes(std::move(text), 25); })};
        case Fault::doubled:
            return {file, {"copy-of-" + file.name, file.bytes}};
        case Fault::of_another_merchant:
            return Desk::get().foreign(channel).scenario.statements.front().files;
        case Fault::of_another_day:
            return Desk::get().channel(channel).scenario.statements.back().files;
        case Fault::unknown_dialect:
            return {
                changed(channel, file, [&](std::string text) { return with_unknown_head(channel, std::move(text)); })};
        case Fault::impossible_amount:
            return {changed(channel, file,
                            [&](std::string text) { return with_impossible_amount(channel, std::move(text)); })};
        case Fault::impossible_date:
            return {changed(channel, file,
                            [&](std::string text) { return with_impossible_date(channel, std::move(text)); })};
        case Fault::empty_bytes:
            return {{file.name, ""}};
        case Fault::not_a_statement:
            return {{file.name, "<html><body>Service unavailable</body></html>\n"}};
    }
    return {};
}

std::vector<std::string> reconcile_words(const Case& test, const Files& files, const fs::path& inbox) {
    const auto& channel = Desk::get().channel(test.channel);
    std::vector<std::string> words = {"reconcile",
                                      "--tenant",
                                      channel.tenant,
                                      "--channel",
                                      test.channel,
                                      "--date",
                                      core::format_day(channel.scenario.statements.front().day),
                                      "--out",
                                      (inbox / "out").string()};
    for (const auto& file : files) {
        test_support::write_text(inbox / file.name, file.bytes);
        words.insert(words.end(), {"--statement", (inbox / file.name).string()});
    }
    return words;
}

class BadStatement : public testing::TestWithParam<Case> {};

TEST_P(BadStatement, IsRefusedAndChangesNothing) {
    const auto& desk = Desk::get();
    const auto& good = desk.channel(GetParam().channel).scenario.statements.front();
    test_support::TestFolder inbox;
    const auto books = desk.books();
    test_support::write_text(inbox.path() / "out" / "review.csv", "an earlier list");

    const auto files = spoiled(GetParam(), good.files.front());
    const auto ran = desk.run(reconcile_words(GetParam(), files, inbox.path()));

    EXPECT_EQ(ran.status, 3) << ran.out << ran.err;
    EXPECT_EQ(ran.out, "");
    EXPECT_EQ(std::count(ran.err.begin(), ran.err.end(), '\n'), 1) << ran.err;
    EXPECT_TRUE(std::any_of(files.begin(), files.end(), [&](const auto& file) {
        return ran.err.find(file.name) != std::string::npos;
    })) << ran.err;
    EXPECT_EQ(files_below(inbox.path() / "out"),
              (std::map<std::string, std::string>{{"review.csv", "an earlier list"}}));
    EXPECT_EQ(desk.books(), books);
}

// Stripe's report names no account, so nothing tells whose it is.
INSTANTIATE_TEST_SUITE_P(, BadStatement,
                         testing::Values(Case{"UnionpayTruncated", "unionpay", Fault::truncated},
                                         Case{"UnionpayCutInsideARow", "unionpay", Fault::cut_inside_a_row},
                                         Case{"UnionpayDoubled", "unionpay", Fault::doubled},
                                         Case{"UnionpayOfAnotherMerchant", "unionpay", Fault::of_another_merchant},
                                         Case{"UnionpayOfAnotherDay", "unionpay", Fault::of_another_day},
                                         Case{"UnionpayUnknownDialect", "unionpay", Fault::unknown_dialect},
                                         Case{"UnionpayImpossibleAmount", "unionpay", Fault::impossible_amount},
                                         Case{"UnionpayImpossibleDate", "unionpay", Fault::impossible_date},
                                         Case{"UnionpayEmptyBytes", "unionpay", Fault::empty_bytes},
                                         Case{"UnionpayNotAStatement", "unionpay", Fault::not_a_statement},
                                         Case{"WechatpayTruncated", "wechatpay", Fault::truncated},
                                         Case{"WechatpayCutInsideARow", "wechatpay", Fault::cut_inside_a_row},
                                         Case{"WechatpayDoubled", "wechatpay", Fault::doubled},
                                         Case{"WechatpayOfAnotherMerchant", "wechatpay", Fault::of_another_merchant},
                                         Case{"WechatpayOfAnotherDay", "wechatpay", Fault::of_another_day},
                                         Case{"WechatpayUnknownDialect", "wechatpay", Fault::unknown_dialect},
                                         Case{"WechatpayImpossibleAmount", "wechatpay", Fault::impossible_amount},
                                         Case{"WechatpayImpossibleDate", "wechatpay", Fault::impossible_date},
                                         Case{"WechatpayEmptyBytes", "wechatpay", Fault::empty_bytes},
                                         Case{"WechatpayNotAStatement", "wechatpay", Fault::not_a_statement},
                                         Case{"StripeTruncated", "stripe", Fault::truncated},
                                         Case{"StripeCutInsideARow", "stripe", Fault::cut_inside_a_row},
                                         Case{"StripeDoubled", "stripe", Fault::doubled},
                                         Case{"StripeOfAnotherDay", "stripe", Fault::of_another_day},
                                         Case{"StripeUnknownDialect", "stripe", Fault::unknown_dialect},
                                         Case{"StripeImpossibleAmount", "stripe", Fault::impossible_amount},
                                         Case{"StripeImpossibleDate", "stripe", Fault::impossible_date},
                                         Case{"StripeEmptyBytes", "stripe", Fault::empty_bytes},
                                         Case{"StripeNotAStatement", "stripe", Fault::not_a_statement}),
                         [](const auto& row) { return std::string(row.param.name); });

// Where and what, so that somebody can go and look.
TEST(BadStatementMessage, NamesLineAndField) {
    const auto& desk = Desk::get();
    const Case test{"", "wechatpay", Fault::impossible_amount};
    const auto& file = desk.channel("wechatpay").scenario.statements.front().files.front();
    test_support::TestFolder inbox;
    const auto ran = desk.run(reconcile_words(test, spoiled(test, file), inbox.path()));
    EXPECT_EQ(ran.status, 3);
    EXPECT_THAT(ran.err, HasSubstr(file.name + ":2: "));
    EXPECT_FALSE(fs::exists(inbox.path() / "out"));
}

// The lists come together or not at all, and the books follow the lists.
TEST(OutputFolder, ThatCannotBeMadeEndsWithFour) {
    const auto& desk = Desk::get();
    const auto& channel = desk.channel("stripe");
    const auto& statement = channel.scenario.statements.front();
    test_support::TestFolder inbox;
    const auto file = inbox.path() / statement.files.front().name;
    test_support::write_text(file, statement.files.front().bytes);
    test_support::write_text(inbox.path() / "out", "a file where the folder should be");
    const auto books = desk.books();

    const auto ran = desk.run({"reconcile", "--tenant", channel.tenant, "--channel", "stripe", "--date",
                               core::format_day(statement.day), "--statement", file.string(), "--out",
                               (inbox.path() / "out").string()});

    EXPECT_EQ(ran.status, 4) << ran.err;
    EXPECT_THAT(ran.err, HasSubstr("out"));
    EXPECT_EQ(desk.books(), books);
    EXPECT_EQ(test_support::text_of(inbox.path() / "out"), "a file where the folder should be");
}

}  // namespace
}  // namespace e2e
