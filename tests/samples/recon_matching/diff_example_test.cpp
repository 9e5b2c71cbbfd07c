// The worked example of `diff`: two files and what differs between them, which other people worked out.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <iostream>

#include "core/files.h"
#include "core/json/reader.h"
#include "reconciliation/diff.h"

namespace reconciliation {
namespace {

using core::json::Value;

std::optional<std::int64_t> number_in(const Value& row, std::string_view key) { return row.integer_at(key); }

std::string text_in(const Value& row, std::string_view key) { return std::string(row.string_at(key).value_or("")); }

AmountByCurrency amounts_in(const Value& object) {
    AmountByCurrency amounts;
    for (const auto& [currency, minor] : object.members()) {
        amounts[currency] = minor.integer().value();
    }
    return amounts;
}

class DiffExample : public testing::Test {
protected:
    void SetUp() override {
        folder_ = std::filesystem::path(DUIZHANG_SOURCE_DIR) / ".." / "shared" / "example";
        if (!std::filesystem::exists(folder_ / "expected-diff.json")) {
            std::cout << "left out: the worked example does not lie beside the source tree\n";
            GTEST_SKIP();
        }
        DiffOptions options;
        options.left = folder_ / "diff" / "left.csv";
        options.right = folder_ / "diff" / "right.csv";
        options.redact = [](std::string_view text) { return std::string(text); };
        result_ = diff(options);
        auto parsed = core::json::parse(core::read_file(folder_ / "expected-diff.json", 1U << 20U));
        ASSERT_TRUE(parsed);
        expected_ = std::move(*parsed);
    }

    const Discrepancy* found(const std::string& id, const std::string& kind) const {
        for (const auto& row : result_.discrepancies) {
            if (row.channel_txn_id == id && name_of(row.kind) == kind) {
                return &row;
            }
        }
        return nullptr;
    }

    std::filesystem::path folder_;
    DiffResult result_;
    Value expected_ = Value::make_null();
};

TEST_F(DiffExample, HasExactlyTheExpectedDiscrepancies) {
    const auto& rows = expected_.find("discrepancies")->items();
    EXPECT_EQ(result_.discrepancies.size(), rows.size());
    for (const Value& expected : rows) {
        const std::string id(expected.find("ids")->items().front().string().value());
        const Discrepancy* row = found(id, text_in(expected, "kind"));
        ASSERT_NE(row, nullptr) << id;
        EXPECT_EQ(payments::name_of(row->type.value()), text_in(expected, "type")) << id;
        EXPECT_EQ(row->merchant_order_id, expected.find("order_ids")->items().front().string()) << id;
        EXPECT_EQ(core::format_rfc3339(row->occurred_at.value()), text_in(expected, "occurred_at")) << id;
        EXPECT_EQ(row->ledger_amount, number_in(expected, "ledger_amount")) << id;
        EXPECT_EQ(row->channel_amount, number_in(expected, "channel_amount")) << id;
        EXPECT_EQ(row->ledger_currency, text_in(expected, "ledger_currency")) << id;
        EXPECT_EQ(row->channel_currency, text_in(expected, "channel_currency")) << id;
        EXPECT_EQ(row->ledger_fee, number_in(expected, "ledger_fee")) << id;
        EXPECT_EQ(row->channel_fee, number_in(expected, "channel_fee")) << id;
    }
}

TEST_F(DiffExample, HasTheExpectedFigures) {
    std::map<std::string, std::int64_t> kinds;
    for (const auto& [kind, count] : count_kinds(result_)) {
        kinds[std::string(name_of(kind))] = static_cast<std::int64_t>(count);
    }
    std::map<std::string, std::int64_t> expected_kinds;
    for (const auto& [kind, count] : expected_.find("counts")->members()) {
        expected_kinds[kind] = count.integer().value();
    }
    EXPECT_EQ(kinds, expected_kinds);
    EXPECT_EQ(static_cast<std::int64_t>(result_.paired), expected_.integer_at("matched"));
    EXPECT_EQ(static_cast<std::int64_t>(result_.matched), expected_.integer_at("matched_exact"));
    for (const auto& [name, side] : {std::pair("left", &result_.left), std::pair("right", &result_.right)}) {
        const Value& expected = *expected_.find(name);
        EXPECT_EQ(static_cast<std::int64_t>(side->count), expected.integer_at("count")) << name;
        EXPECT_EQ(side->amounts[payments::TransactionType::payment], amounts_in(*expected.find("payments"))) << name;
        EXPECT_EQ(side->amounts[payments::TransactionType::refund], amounts_in(*expected.find("refunds"))) << name;
    }
    EXPECT_EQ(result_.right.fee, amounts_in(*expected_.path("right", "fee")));
}

}  // namespace
}  // namespace reconciliation
