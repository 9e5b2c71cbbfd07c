// The worked example's Stripe half: every recorded callback is genuine, both statements have the counts and sums of
// the expected summaries.
#include "samples.h"

#include <map>
#include <sstream>

#include "core/crypto/encoding.h"

namespace payments::stripe {
namespace {

constexpr const char* kAccount = "acct_1DjsIdW5pD9socLE";

class Example : public samples::WithSamples {
protected:
    void SetUp() override {
        leave_out_unless(samples::example());
        if (!IsSkipped()) {
            channel_ =
                samples::channel(samples::contents(samples::example() / "keys/acme/stripe.secret").c_str(), kAccount);
        }
    }

    std::unique_ptr<Channel> channel_;
};

CallbackRequest recorded(const core::json::Value& line) {
    CallbackRequest request;
    for (const auto& [name, value] : line.find("headers")->members()) {
        request.headers.emplace_back(name, *value.string());
    }
    request.body = core::crypto::base64_decode(*line.string_at("body_base64")).value();
    request.received_at = core::parse_rfc3339(*line.string_at("received_at")).value();
    return request;
}

using Movements = std::map<std::pair<TransactionType, std::string>, std::vector<Transaction>>;

TEST_F(Example, CallbacksAreGenuineAndAgreeAboutEachMovement) {
    std::istringstream lines(samples::contents(samples::example() / "callbacks.jsonl"));
    std::string text;
    std::size_t read = 0;
    Movements movements;
    while (std::getline(lines, text)) {
        const auto line = samples::json(text);
        if (*line.string_at("path") != "/callbacks/acme/stripe") {
            continue;
        }
        ++read;
        const auto message = channel_->read_callback(recorded(line));
        ASSERT_TRUE(message) << message.error().reason;
        for (const auto& told : message->transactions) {
            EXPECT_EQ(told.status, TransactionStatus::captured);
            EXPECT_FALSE(told.merchant_order_id.empty());
            movements[{told.type, told.channel_txn_id.text()}].push_back(told);
        }
    }
    EXPECT_EQ(read, 89U);
    std::map<std::string, std::size_t> by_day;
    for (const auto& [key, told] : movements) {
        for (const auto& each : told) {
            EXPECT_EQ(each.amount, told.front().amount) << key.second;
            EXPECT_EQ(each.merchant_order_id, told.front().merchant_order_id) << key.second;
        }
        ++by_day[core::format_day(told.front().business_day)];
    }
    EXPECT_EQ(by_day, (std::map<std::string, std::size_t>{{"2026-11-17", 26}, {"2026-11-18", 29}}));
}

struct Sums {
    std::map<std::string, std::int64_t> amount;
    std::map<std::string, std::int64_t> fee;
};

std::map<std::string, std::int64_t> numbers(const core::json::Value& object) {
    std::map<std::string, std::int64_t> all;
    for (const auto& [name, value] : object.members()) {
        all[name] = value.integer().value();
    }
    return all;
}

class ExampleStatement : public Example, public testing::WithParamInterface<const char*> {};

TEST_P(ExampleStatement, HasTheExpectedCountsAndSums) {
    const std::string day = GetParam();
    const auto summary =
        samples::json(samples::contents(samples::example() / "expected-review/acme/stripe" / day / "summary.json"));
    const auto& file = summary.find("statements")->items().at(0);
    const std::string name(*file.string_at("file"));
    const auto bytes = samples::contents(samples::example() / "statements/acme/stripe" / day / name);

    const auto statement = channel_->read_statement({{name, bytes}}, *core::parse_day(day));

    ASSERT_TRUE(statement) << statement.error().message();
    EXPECT_EQ(statement->files.at(0).name, name);
    EXPECT_EQ(statement->files.at(0).sha256, *file.string_at("sha256"));
    EXPECT_EQ(static_cast<std::int64_t>(statement->files.at(0).lines), *file.integer_at("lines"));
    Sums sums;
    for (const auto& line : statement->lines) {
        EXPECT_TRUE(line.type == TransactionType::payment || line.type == TransactionType::refund);
        EXPECT_FALSE(line.merchant_order_id.empty());
        sums.amount[std::string(line.amount.currency().code())] += line.amount.minor();
        sums.fee[std::string(line.fee->currency().code())] += line.fee->minor();
    }
    EXPECT_EQ(sums.amount, numbers(*summary.path("channel_side", "amount")));
    EXPECT_EQ(sums.fee, numbers(*summary.path("channel_side", "fee")));
    EXPECT_EQ(static_cast<std::int64_t>(statement->lines.size()), *summary.find("channel_side")->integer_at("count"));
}

TEST_P(ExampleStatement, IsOfNoOtherDay) {
    const std::string day = GetParam();
    const auto other = core::day_after(*core::parse_day(day));
    for (const auto& entry : std::filesystem::directory_iterator(samples::example() / "statements/acme/stripe" / day)) {
        EXPECT_FALSE(
            channel_->read_statement({{entry.path().filename().string(), samples::contents(entry.path())}}, other));
    }
}

INSTANTIATE_TEST_SUITE_P(, ExampleStatement, testing::Values("2026-11-17", "2026-11-18"));

}  // namespace
}  // namespace payments::stripe
