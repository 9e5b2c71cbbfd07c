// Settlement files to test against, built row by row.
#pragma once

#include <string>
#include <utility>
#include <vector>

#include "core/archive.h"
#include "payments/channels/unionpay/settlement_writer.h"
#include "payments/channels/unionpay/statement.h"
#include "world.h"

namespace payments::unionpay::test {

inline const SettlementDay kDay{kMerchant, *core::parse_day("2026-11-18")};

// A payment's row as a file has it; tests change what they are about.
inline RowWriter payment_row() {
    RowWriter row(zm_layout());
    row.text(zm::kCode, "S56").text(zm::kTraceNo, "449221").text(zm::kTraceTime, "1118112144");
    row.text(zm::kAccount, "622155******0000").fen(zm::kAmount, 12345).directed(zm::kFee, -74);
    row.directed(zm::kSettled, 12271).directed(zm::kNet, 12271).text(zm::kTxnType, "01");
    row.text(zm::kQueryId, "432611181121443244922").text(zm::kOrderId, "U26111800000GEz9J");
    row.text(zm::kMerchantId, kMerchant).text(zm::kMerchantNote, "詞典、診所");
    return row;
}

inline RowWriter refund_row() {
    auto row = payment_row();
    row.text(zm::kTxnType, "04").directed(zm::kFee, 30).directed(zm::kSettled, -4970).directed(zm::kNet, -4970);
    row.fen(zm::kAmount, 5000).text(zm::kOrderId, "RU26111800000GEz9J").text(zm::kOrigOrderId, "U26111800000GEz9J");
    row.text(zm::kOrigQueryId, "432611181121443244922").text(zm::kQueryId, "432611181200003244931");
    return row;
}

inline SettlementTotals payment_totals() { return {1, 0, 12345, 74, 0, 0, 12271}; }

inline std::string summary(const SettlementTotals& totals) {
    return write_summary(kDay, "演示商户", {{"自助消费", totals}}, totals);
}

inline std::string zipped(std::vector<core::ArchiveMember> members) { return core::zip(members); }

inline StatementFile plain(std::string bytes) { return {transactions_name(kDay), std::move(bytes)}; }

inline std::string outcome(const core::Result<Statement, StatementRefusal>& result) {
    return result ? "read" : result.error().message();
}

inline core::Result<Statement, StatementRefusal> read(const std::vector<StatementFile>& files) {
    return with_lines([&](const LineTaker& take) { return read_settlement(files, kDay, context(), {}, take); });
}
inline const std::string kZip = "777290058110097_20261118.zip";

inline std::vector<StatementFile> one_zip(std::vector<core::ArchiveMember> members, std::string name = kZip) {
    return {{std::move(name), zipped(std::move(members))}};
}

inline std::vector<StatementFile> good(std::string name = kZip) {
    return one_zip({{transactions_name(kDay), payment_row().row()}}, std::move(name));
}

}  // namespace payments::unionpay::test
