// Settlement files as UnionPay writes them; for the simulator and the tests.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "payments/channels/unionpay/settlement_layout.h"
#include "payments/channels/unionpay/settlement_rows.h"
#include "payments/channels/unionpay/settlement_summary.h"

namespace payments::unionpay {

// A row before it is laid out; texts are UTF-8.
class RowWriter {
public:
    explicit RowWriter(const Layout& layout);

    // Left-aligned, padded with blanks; cut to the field's width (a whole character at a time) where it is longer.
    RowWriter& text(std::size_t field, const std::string& value);
    // 0 <= fen, padded with zeros.
    RowWriter& fen(std::size_t field, std::int64_t value);
    // C above zero, D below it, a blank for zero.
    RowWriter& directed(std::size_t field, std::int64_t value);

    // With CRLF.
    std::string row() const;

private:
    const Layout& layout_;
    std::vector<std::string> fields_;
};

struct SummaryLine {
    std::string label;  // "自助消费"
    SettlementTotals totals;
};

// RD2010 as GBK: a line for each label, and 总计 as given (so that a test can make it lie).
std::string write_summary(const SettlementDay& settlement, const std::string& merchant_name,
                          const std::vector<SummaryLine>& lines, const SettlementTotals& total);

// "INN26111788ZM_777290058110097", "RD201026111701_777290058110097", "777290058110097_20261117.zip".
std::string transactions_name(const SettlementDay& settlement);
std::string disputes_name(const SettlementDay& settlement);
std::string summary_name(const SettlementDay& settlement);
std::string archive_name(const SettlementDay& settlement);

}  // namespace payments::unionpay
