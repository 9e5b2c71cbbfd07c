// Rows of a statement that are asked for read as they read the first time, and stand where they say.
#include <gtest/gtest.h>

#include "tests/support/world.h"

namespace reconciliation::test {
namespace {

using payments::StatementFile;
using payments::StatementLine;

class PickedRows : public testing::TestWithParam<const char*> {
protected:
    const test_support::SimulatedChannel& world_ = test_support::SimulatedChannel::of(GetParam());
    payments::Random random_{20261118};

    std::vector<StatementLine> read(const ScenarioStatement& statement, payments::RowPick pick) {
        std::vector<StatementLine> lines;
        const auto reading = world_.channel().read_lines(
            statement.files, statement.day, pick, [&](StatementLine&& line) { lines.push_back(std::move(line)); });
        EXPECT_TRUE(reading) << reading.error().message();
        return lines;
    }

    static std::string text_of(const StatementLine& line, const std::vector<StatementFile>& files) {
        const auto members = core::unpack(files[line.file_index].bytes);
        for (const auto& member : *members) {
            if (member.name == line.member) {
                return member.bytes.substr(line.begin, line.bytes);
            }
        }
        return "";
    }
};

bool same(const StatementLine& a, const StatementLine& b) {
    return a.row == b.row && a.line == b.line && a.begin == b.begin && a.bytes == b.bytes && a.type == b.type &&
           a.status == b.status && a.channel_txn_id == b.channel_txn_id && a.merchant_order_id == b.merchant_order_id &&
           a.amount == b.amount && a.fee == b.fee && a.occurred_at == b.occurred_at && a.attributes == b.attributes &&
           a.member == b.member && a.file_index == b.file_index;
}

TEST_P(PickedRows, ReadAsInTheWholeStatement) {
    ScenarioOptions options;
    options.seed = 5;
    options.first_day = core::BusinessDay{date::year{2026} / 11 / 18};
    const auto scenario = make_scenario(world_.simulator(), options, core::Instant(std::chrono::hours(24 * 365 * 57)));
    for (const auto& statement : scenario.statements) {
        const auto all = read(statement, {});
        ASSERT_FALSE(all.empty());
        for (const auto& line : all) {
            const auto text = text_of(line, statement.files);
            EXPECT_NE(text.find(line.channel_txn_id.text()), std::string::npos) << text;
            EXPECT_TRUE(text.ends_with('\n')) << text;
        }
        for (int round = 0; round < 20; ++round) {
            std::vector<std::uint64_t> rows;
            std::vector<const StatementLine*> wanted;
            for (const auto& line : all) {
                if (random_() % 20 <= static_cast<unsigned>(round)) {
                    rows.push_back(line.row);
                    wanted.push_back(&line);
                }
            }
            const auto again = read(statement, payments::RowPick(rows));
            ASSERT_EQ(again.size(), wanted.size());
            for (std::size_t i = 0; i < again.size(); ++i) {
                EXPECT_TRUE(same(again[i], *wanted[i])) << "row " << wanted[i]->row;
            }
        }
    }
}

INSTANTIATE_TEST_SUITE_P(Channels, PickedRows, testing::Values("wechatpay", "unionpay", "stripe"),
                         [](const auto& test) { return std::string(test.param); });

}  // namespace
}  // namespace reconciliation::test
