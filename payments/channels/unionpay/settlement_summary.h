// RD2010, the summary for people (中国银联全渠道商户交易汇总表), as control totals of the rows beside it.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "payments/channel.h"
#include "payments/channels/unionpay/settlement_rows.h"

namespace payments::unionpay {

// What the summary counts, in fen; D (from the merchant) and C (to the merchant) apart. Rows are of at most 12 digits
// and a file is of at most 2 GiB, so none of the sums can leave 64 bits.
struct SettlementTotals {
    std::int64_t count = 0;
    std::int64_t amount_debit = 0;
    std::int64_t amount_credit = 0;
    std::int64_t fee_debit = 0;
    std::int64_t fee_credit = 0;
    std::int64_t settled_debit = 0;
    std::int64_t settled_credit = 0;

    void add(const SettlementRow& row);
};

// The summary's text, as far as it is understood: known by its labels, not by its columns' places, which are made for
// people and move with the length of names.
struct Summary {
    struct Row {
        std::string label;                // "自助消费", "总计"
        std::vector<std::string> values;  // seven: a count, and amount, fee, settled as debit and credit
    };
    struct Table {
        std::string title;  // "交易类型", "卡性质"
        std::vector<Row> rows;
    };

    std::string merchant_id;      // empty where the summary doesn't say
    std::string settlement_date;  // "20150905"
    std::vector<Table> tables;
    std::uint64_t torn_line = 0;  // where a 总计 stands without its seven figures; 0: nowhere
};

// `text` is UTF-8.
Summary read_summary(std::string_view text);

// For each table its 总计 against the rows of the file; and the sum of its own rows, where that is not what 总计 says.
// Amounts in yuan, as the summary has them. Empty when no table has a 总计.
std::vector<TotalCheck> compare(const Summary& summary, const SettlementTotals& totals);

}  // namespace payments::unionpay
