// The sample reports: the same thirteen balance transactions in five files, and through the API.
#include "samples.h"

#include <map>
#include <set>
#include <sstream>

#include "payments/channels/stripe/itemized.h"
#include "payments/channels/stripe/objects.h"
#include "payments/channels/stripe/summaries.h"

namespace payments::stripe {
namespace {

using Type = TransactionType;
using samples::usd;

constexpr const char* kColumns = "report_balance_change_from_activity.itemized.3_columns.csv";
constexpr const char* kDefault = "report_balance_change_from_activity.itemized.3_default.csv";
constexpr const char* kPayoutBare = "report_payout_reconciliation.itemized.5_columns_bare.csv";
constexpr const char* kPayoutDefault = "report_payout_reconciliation.itemized.7_default.csv";

class SampleReports : public samples::WithSamples {};

struct Itemized : ItemizedReport {
    std::vector<StatementLine> lines;
};

Itemized itemized(const std::string& name) {
    const std::string order_key = "order_id";
    const std::string zone = "UTC";
    const Redact as_it_is = [](std::string_view text) { return std::string(text); };
    Itemized itemized;
    RowPick all;
    const auto report =
        read_itemized(samples::sample(name), name, {order_key, zone, as_it_is}, all,
                      [&](StatementLine&& line, core::BusinessDay) { itemized.lines.push_back(std::move(line)); });
    EXPECT_TRUE(report) << name << (report ? "" : report.error().message());
    static_cast<ItemizedReport&>(itemized) = report ? *report : ItemizedReport{};
    return itemized;
}

std::map<std::string, BalanceTransaction> api_list() {
    std::map<std::string, BalanceTransaction> all;
    const auto list = samples::json(samples::sample("balance_transactions_list.json"));
    for (const auto& item : list.find("data")->items()) {
        const auto entry = read_balance_transaction(item);
        EXPECT_TRUE(entry);
        if (entry) {
            all.emplace(entry->id, *entry);
        }
    }
    return all;
}

std::multiset<Type> types_of(const Itemized& report) {
    std::multiset<Type> types;
    for (const auto& line : report.lines) {
        types.insert(line.type);
    }
    return types;
}

TEST_F(SampleReports, HaveElevenRowsOfTheSameTypes) {
    const std::multiset<Type> expected = {Type::payment,    Type::payment,    Type::payment,   Type::refund,
                                          Type::reversal,   Type::reversal,   Type::dispute,   Type::fee,
                                          Type::adjustment, Type::adjustment, Type::adjustment};
    for (const auto* name : {kColumns, kDefault, kPayoutBare, kPayoutDefault}) {
        EXPECT_EQ(types_of(itemized(name)), expected) << name;
    }
    EXPECT_EQ(itemized(kColumns).dialect, "stripe balance_change_from_activity itemized (22 columns)");
    EXPECT_EQ(itemized(kDefault).dialect, "stripe balance_change_from_activity itemized (9 columns)");
    EXPECT_EQ(itemized(kPayoutBare).dialect, "stripe payout_reconciliation itemized (18 columns)");
    EXPECT_EQ(itemized(kPayoutDefault).dialect, "stripe payout_reconciliation itemized (11 columns)");
}

TEST_F(SampleReports, HaveTheAmountsOfTheApi) {
    const auto api = api_list();
    ASSERT_EQ(api.size(), 13U);
    for (const auto* name : {kColumns, kDefault, kPayoutBare, kPayoutDefault}) {
        for (const auto& line : itemized(name).lines) {
            const auto& entry = api.at(line.attributes.at("balance_transaction"));
            EXPECT_EQ(line.fee, entry.fee) << name << " " << entry.id;
            EXPECT_EQ(line.occurred_at, entry.created) << name << " " << entry.id;
            EXPECT_EQ(line.attributes.at("reporting_category"), entry.category) << name;
            const auto settlement = line.attributes.find("settlement_minor");
            EXPECT_EQ(settlement == line.attributes.end() ? std::to_string(line.amount.minor()) : settlement->second,
                      std::to_string(entry.amount.minor()))
                << name << " " << entry.id;
            if (name == kColumns || name == kPayoutBare) {
                EXPECT_EQ(line.channel_txn_id.text(), entry.source.empty() ? entry.id : entry.source) << name;
            }
        }
    }
}

TEST_F(SampleReports, WithChosenColumnsSayWhoseTheRowsAre) {
    const auto report = itemized(kColumns);
    EXPECT_TRUE(report.warnings.empty());
    const auto& euros = report.lines.at(3);
    EXPECT_EQ(euros.channel_txn_id.text(), "ch_3SaPayRecon0000000000C");
    EXPECT_EQ(euros.merchant_order_id.text(), "ORD-1003");
    EXPECT_EQ(euros.amount, core::Money(1000, *core::Currency::from_code("EUR")));
    EXPECT_EQ(euros.fee, usd(66));
    EXPECT_EQ(euros.attributes.at("payment_intent"), "pi_3SaPayRecon0000000000C");
    const auto& refund = report.lines.at(4);
    EXPECT_EQ(refund.channel_txn_id.text(), "re_3SaPayRecon0000000000A1");
    EXPECT_EQ(refund.related_txn_id.text(), "ch_3SaPayRecon0000000000A");
    EXPECT_EQ(refund.merchant_order_id.text(), "ORD-1001");
    EXPECT_EQ(refund.amount, usd(-2500));
    EXPECT_EQ(report.lines.at(9).fee, usd(-1500));
    EXPECT_EQ(report.lines.at(9).line, 11U);
}

TEST_F(SampleReports, WithDefaultColumnsWarnThatRowsHaveNoSource) {
    for (const auto* name : {kDefault, kPayoutDefault}) {
        const auto report = itemized(name);
        ASSERT_EQ(report.warnings.size(), 1U) << name;
        EXPECT_EQ(report.lines.at(0).channel_txn_id.text(), "") << name;
        EXPECT_EQ(report.lines.at(0).attributes.at("balance_transaction"), "txn_3SaReconTxn00000001") << name;
    }
}

// The rows of one day, under the file's own header.
std::string day_of(const std::string& name, const std::string& day) {
    std::istringstream text(samples::sample(name));
    std::string out;
    std::string row;
    while (std::getline(text, row)) {
        if (out.empty() || row.find(day + " ") < 80) {
            out += row + "\n";
        }
    }
    return out;
}

TEST_F(SampleReports, AreStatementsDayByDay) {
    const auto channel = samples::channel("whsec_unused");
    const auto read = [&](const std::string& text, const char* day) {
        const auto statement = channel->read_statement({{kColumns, text}}, *core::parse_day(day));
        EXPECT_TRUE(statement) << (statement ? "" : statement.error().message());
        return statement ? statement->lines.size() : 0;
    };

    EXPECT_EQ(read(day_of(kColumns, "2026-09-01"), "2026-09-01"), 5U);
    EXPECT_EQ(read(day_of(kColumns, "2026-09-02"), "2026-09-02"), 4U);
    EXPECT_EQ(read(day_of(kColumns, "2026-09-03"), "2026-09-03"), 2U);
}

TEST_F(SampleReports, OfSeveralDaysAreNoStatementOfOne) {
    const auto channel = samples::channel("whsec_unused");
    for (const auto* name : {kColumns, kDefault, kPayoutBare, kPayoutDefault}) {
        const auto some = channel->read_statement({{name, samples::sample(name)}}, *core::parse_day("2026-09-01"));
        const auto none = channel->read_statement({{name, samples::sample(name)}}, *core::parse_day("2026-10-01"));
        ASSERT_FALSE(some);
        ASSERT_FALSE(none);
        EXPECT_EQ(some.error().line, 7U) << name;
        EXPECT_NE(none.error().what.find("another day"), std::string::npos) << name;
    }
}

TEST_F(SampleReports, OfOtherKindsAreNamedAndRefused) {
    const auto channel = samples::channel("whsec_unused");
    const std::map<std::string, std::string> kinds = {{"report_balance.summary.1.csv", "balance summary"},
                                                      {"report_balance.summary_2026.csv", "balance summary"},
                                                      {"report_payouts.itemized.3_columns.csv", "list of payouts"}};
    for (const auto& [name, kind] : kinds) {
        const auto statement = channel->read_statement({{name, samples::sample(name)}}, *core::parse_day("2026-09-01"));
        ASSERT_FALSE(statement) << name;
        EXPECT_NE(statement.error().what.find(kind), std::string::npos) << statement.error().message();
    }
}

// What went into the balance is what the payout took out, and the payout came back.
TEST_F(SampleReports, AddUpToThePayout) {
    std::int64_t net = 0;
    for (const auto& line : itemized(kPayoutDefault).lines) {
        net += line.amount.minor() - line.fee->minor();
    }
    const auto payouts = read_payouts(samples::sample("report_payouts.itemized.3_columns.csv"));

    ASSERT_TRUE(payouts);
    ASSERT_EQ(payouts->size(), 2U);
    EXPECT_EQ(payouts->at(0).payout_id, "po_1SaPayReconPayout0001");
    EXPECT_EQ(payouts->at(0).category, "payout");
    EXPECT_EQ(payouts->at(0).status, "failed");
    EXPECT_EQ(payouts->at(0).net, usd(-net));
    EXPECT_EQ(payouts->at(1).category, "payout_reversal");
    EXPECT_EQ(payouts->at(1).net, usd(net));
    const auto api = api_list();
    for (const auto& payout : *payouts) {
        EXPECT_EQ(payout.gross, api.at(payout.balance_transaction).amount);
    }
}

TEST_F(SampleReports, SummariesAddUp) {
    for (const auto& [name, rows] :
         {std::pair{"report_balance.summary.1.csv", 4U}, std::pair{"report_balance.summary_2026.csv", 9U}}) {
        const auto summary = read_balance_summary(samples::sample(name));
        ASSERT_TRUE(summary) << name;
        EXPECT_EQ(summary->size(), rows) << name;
        EXPECT_EQ(summary->back().category, "ending_balance");
        EXPECT_EQ(summary->back().net, usd(9591));
    }
}

// Wherever the file is cut, no shorter statement comes of it without a word, rows' ends apart.
TEST_F(SampleReports, CutAnywhereAreRefused) {
    for (const auto* name : {kColumns, kPayoutBare}) {
        const auto whole = day_of(name, "2026-09-01");
        const auto channel = samples::channel("whsec_unused");
        for (std::size_t size = 0; size + 1 < whole.size(); ++size) {
            const bool after_rows = whole.find('\n') < size;
            const bool at_row_end =
                size > 0 && (whole[size - 1] == '\n' || (whole[size] == '\n' && name == kColumns && after_rows));
            const auto statement =
                channel->read_statement({{name, whole.substr(0, size)}}, *core::parse_day("2026-09-01"));
            ASSERT_EQ(static_cast<bool>(statement), at_row_end) << name << " cut at " << size;
        }
    }
}

}  // namespace
}  // namespace payments::stripe
