// What a run leaves in the database is what its review list says.
#include <algorithm>
#include <map>
#include <set>

#include "core/archive.h"
#include "core/json/reader.h"
#include "tests/integration/reconciliation/unusual_day.h"

namespace reconciliation::test {
namespace {

class StoredRows : public UnusualDay {
protected:
    static void expect_same(const StoredDiscrepancy& stored, const Discrepancy& listed) {
        EXPECT_EQ(stored.discrepancy_id, listed.id);
        EXPECT_EQ(stored.kind, name_of(listed.kind));
        ASSERT_TRUE(stored.subject);
        const auto& subject = *stored.subject;
        EXPECT_EQ(subject.type, listed.type ? payments::name_of(*listed.type) : "");
        EXPECT_EQ(subject.channel_txn_id, listed.channel_txn_id);
        EXPECT_EQ(subject.merchant_order_id, listed.merchant_order_id);
        EXPECT_EQ(subject.ledger_amount, money(listed.ledger_amount, listed.ledger_currency));
        EXPECT_EQ(subject.channel_amount, money(listed.channel_amount, listed.channel_currency));
        EXPECT_EQ(subject.difference, money(listed.difference(), listed.currency()));
    }

private:
    static std::optional<core::Money> money(const std::optional<std::int64_t>& minor, const std::string& currency) {
        return minor ? std::optional(core::Money(*minor, core::Currency::from_code(currency).value())) : std::nullopt;
    }
};

TEST_P(StoredRows, HaveTheAmountsOfTheReviewList) {
    scenario_ = make_scenario(world_.simulator(), quiet_days(20), kSigned);
    shop_.register_orders(scenario_);
    shop_.take_in(scenario_, kSigned);
    std::set<DiscrepancyKind> kinds;
    for (const auto& statement : scenario_.statements) {
        const auto listed = shop_.reconcile(statement).discrepancies;
        const auto stored = shop_.stored_discrepancies(statement.day);
        ASSERT_EQ(stored.size(), listed.size());
        for (std::size_t i = 0; i < listed.size(); ++i) {
            SCOPED_TRACE(listed[i].id);
            expect_same(stored[i], listed[i]);
            kinds.insert(listed[i].kind);
        }
    }
    EXPECT_GE(kinds.size(), 4U) << "the days have little to tell apart";
}

// What the evidence calls it, and its bytes unpacked.
std::map<std::string, std::string> unpacked(const std::vector<payments::StatementFile>& files) {
    std::map<std::string, std::string> texts;
    for (const auto& file : files) {
        const auto members = core::unpack(file.bytes);
        EXPECT_TRUE(members);
        for (const auto& member : *members) {
            texts[file.name + (member.name.empty() ? "" : "!" + member.name)] = member.bytes;
        }
    }
    return texts;
}

// The bytes are the line that the evidence names, and the row is of that line.
void expect_line(const EvidenceBytes& range, const Discrepancy& row, const std::map<std::string, std::string>& texts) {
    const auto file = texts.find(range.evidence.substr(0, range.evidence.rfind(':')));
    ASSERT_NE(file, texts.end()) << range.evidence;
    const auto& [name, text] = *file;
    ASSERT_LE(range.begin + range.bytes, text.size());
    const auto before = text.substr(0, range.begin);
    const auto line = text.substr(range.begin, range.bytes);
    EXPECT_EQ(name + ":" + std::to_string(std::count(before.begin(), before.end(), '\n') + 1), range.evidence);
    EXPECT_EQ(line.find('\n'), line.size() - 1) << "one line, with what ends it";
    EXPECT_NE(line.find(row.channel_txn_id), std::string::npos);
}

TEST_P(StoredRows, NameTheBytesOfTheStatementThatTheyRestOn) {
    scenario_ = make_scenario(world_.simulator(), quiet_days(20), kSigned);
    shop_.register_orders(scenario_);
    shop_.take_in(scenario_, kSigned);
    std::size_t lines = 0;
    for (const auto& statement : scenario_.statements) {
        const auto listed = shop_.reconcile(statement).discrepancies;
        const auto stored = shop_.stored_discrepancies(statement.day);
        const auto csv = shop_.file(statement.day, "review.csv");
        ASSERT_EQ(stored.size(), listed.size());
        for (std::size_t i = 0; i < listed.size(); ++i) {
            ASSERT_TRUE(stored[i].told);
            const auto told = core::json::parse(*stored[i].told);
            ASSERT_TRUE(told);
            EXPECT_EQ(told->path("evidence")->items().size(), listed[i].evidence.size());
            EXPECT_EQ(told->path("candidates")->items().size(), listed[i].candidates.size());
            EXPECT_NE(csv.find(evidence_bytes_text(listed[i].evidence_bytes)), std::string::npos);
            for (const auto& range : listed[i].evidence_bytes) {
                expect_line(range, listed[i], unpacked(statement.files));
                ++lines;
            }
        }
    }
    EXPECT_GT(lines, 0U);
}

INSTANTIATE_TEST_SUITE_P(, StoredRows, testing::Values("unionpay", "wechatpay", "stripe"),
                         [](const auto& param) { return std::string(param.param); });

}  // namespace
}  // namespace reconciliation::test
