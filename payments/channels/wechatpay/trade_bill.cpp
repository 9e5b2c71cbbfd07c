#include "payments/channels/wechatpay/trade_bill.h"

#include <algorithm>
#include <array>
#include <optional>
#include <utility>

#include "payments/channels/wechatpay/bill_values.h"
#include "payments/channels/wechatpay/envelope.h"

namespace payments::wechatpay {
namespace {

constexpr const char* kAsDownloaded = "use the bill as downloaded";
// The columns a summary can add up.
constexpr std::array kSummed = {Column::settled, Column::refund_settled, Column::refund_coupon,
                                Column::fee,     Column::order_amount,   Column::refund_amount};

TransactionStatus status_of_payment(std::string_view word) {
    if (word == "SUCCESS") {
        return TransactionStatus::captured;
    }
    return word == "REVOKED" ? TransactionStatus::revoked : TransactionStatus::abnormal;
}

// The bill's words for a refund's state, which are not the interface's (spec 3.4). A snapshot: it is not updated when
// a PROCESSING refund ends.
TransactionStatus status_of_refund(std::string_view word) {
    if (word == "SUCCESS") {
        return TransactionStatus::captured;
    }
    if (word == "PROCESSING") {
        return TransactionStatus::processing;
    }
    return word == "FAIL" ? TransactionStatus::failed : TransactionStatus::abnormal;
}

class TradeBillReader {
public:
    TradeBillReader(core::BusinessDay day, const Merchant& merchant, const ChannelContext& context, const RowPick& pick,
                    const LineTaker& take)
        : clock_(day), merchant_(merchant), context_(context), pick_(pick), take_(take) {}

    std::optional<BillFault> take_header(const BillRow& header) {
        auto layout = Layout::from_header(header);
        if (!layout) {
            return layout.error();
        }
        bill_.layout = *std::move(layout);
        return std::nullopt;
    }

    std::optional<BillFault> take_row(const BillRow& row) {
        fault_.reset();
        ++rows_;
        const auto when = read_whose_and_when(row);
        std::optional<StatementLine> line;
        if (fault_) {
            return std::move(fault_);
        }
        if (merchant_.has(sub_merchant_of(row))) {
            line = read_line(row);
            if (line) {
                line->occurred_at = when;
            }
        } else {
            first_of_others_ = of_others_++ == 0 ? row.line : first_of_others_;
        }
        add_to_sums(row);
        if (fault_) {
            return std::move(fault_);
        }
        if (line) {
            ++bill_.lines;
            take_(*std::move(line));
        }
        return std::nullopt;
    }

    core::Result<TradeBill, BillFault> finish(const BillSummary& summary) && {
        for (std::size_t place = 0; place < summary.header.cells.size(); ++place) {
            const auto name = summary.header.cells[place];
            if (auto fault = check_total(name, summary.values.cells[place], summary.values.line)) {
                return core::Refused{*std::move(fault)};
            }
        }
        warn_of(of_others_, first_of_others_, "rows of sub-merchants that are not this tenant's, left out");
        warn_of(fine_fees_, first_fine_fee_, "fees finer than the minor unit, rounded half up");
        warn_of(unknown_states_, first_unknown_state_, "states unknown to this version, taken as abnormal");
        return std::move(bill_);
    }

private:
    // Remembers the first thing that is wrong with a row, so that the reading below needs no branch a field.
    template <typename T>
    std::optional<T> kept(core::Result<T, BillFault> result) {
        if (result) {
            return *std::move(result);
        }
        fail(std::move(result).error());
        return std::nullopt;
    }

    void fail(BillFault fault) {
        if (!fault_) {
            fault_ = std::move(fault);
        }
    }

    void fail(const BillRow& row, Column column, std::string what, std::string remedy = kAsDownloaded) {
        fail(BillFault{row.line, std::string(label_of(column)), std::move(what), std::move(remedy)});
    }

    std::string_view cell(const BillRow& row, Column column) const { return bill_.layout.cell(row, column); }

    std::string identifier(const BillRow& row, Column column) {
        const auto text = cell(row, column);
        if (!is_identifier(text)) {
            fail(row, column, "is empty, too long or holds control characters");
            return {};
        }
        return context_.redact(text);
    }

    // The bill's own words, of which it has a handful.
    const std::string& redacted_word(std::string_view word) {
        if (word != last_word_ || last_redacted_.empty()) {
            last_word_ = word;
            last_redacted_ = context_.redact(word);
        }
        return last_redacted_;
    }

    // Empty: of none, which bills write as 0, too.
    std::string_view sub_merchant_of(const BillRow& row) const {
        const auto text = cell(row, Column::sub_merchant);
        return text == "0" ? std::string_view() : text;
    }

    // Of every row, whosever sub-merchant it is: a bill of another merchant or day is refused.
    std::optional<core::Instant> read_whose_and_when(const BillRow& row) {
        if (cell(row, Column::merchant) != merchant_.id) {
            fail(row, Column::merchant, "the row is of another merchant than " + merchant_.id,
                 "give the bill of this merchant, or correct merchant_id");
            return std::nullopt;
        }
        return kept(clock_.read(cell(row, Column::time), row.line, label_of(Column::time)));
    }

    std::optional<StatementLine> read_line(const BillRow& row) {
        const auto currency = core::Currency::from_code(cell(row, Column::currency));
        if (!currency) {
            fail(row, Column::currency, "is no known currency");
            return std::nullopt;
        }
        const bool refund = cell(row, Column::trade_state) == "REFUND";
        auto line = refund ? read_refund(row, *currency) : read_payment(row, *currency);
        line.fee = read_fee(row, *currency);
        line.line = row.line;
        line.begin = row.begin;
        line.bytes = row.bytes;
        line.row = pick_.row();
        if (const auto sub_merchant = sub_merchant_of(row); !sub_merchant.empty()) {
            line.attributes.emplace("sub_mchid", context_.redact(sub_merchant));
        }
        return line;
    }

    StatementLine read_payment(const BillRow& row, core::Currency currency) {
        const auto word = cell(row, Column::trade_state);
        const auto status = status_of_payment(word);
        note_unknown(status, row);
        const Column column = bill_.layout.payment_amount();
        // Only a revoked or unknown row may be of nothing: what such rows show is known from no real bill.
        const auto minor = positive_amount(row, column, currency, status == TransactionStatus::captured);
        return make_line(row, TransactionType::payment, status, word, {minor, currency});
    }

    StatementLine read_refund(const BillRow& row, core::Currency currency) {
        if (!bill_.layout.has(Column::refund_id)) {
            fail(row, Column::trade_state, "a refund, on a bill of payments only");
        }
        const auto word = cell(row, Column::refund_state);
        const auto status = status_of_refund(word);
        if (word != "CHANGE") {  // stuck, and known to be
            note_unknown(status, row);
        }
        const auto minor = positive_amount(row, bill_.layout.refunded_amount(), currency, true);
        auto line = make_line(row, TransactionType::refund, status, word, {-minor, currency});
        line.related_txn_id =
            std::exchange(line.channel_txn_id, core::ChannelTxnId(identifier(row, Column::refund_id)));
        line.own_order_id = identifier(row, Column::own_refund_id);
        return line;
    }

    StatementLine make_line(const BillRow& row, TransactionType type, TransactionStatus status, std::string_view word,
                            core::Money amount) {
        return StatementLine{.type = type,
                             .status = status,
                             .channel_status = redacted_word(word),
                             .channel_txn_id = core::ChannelTxnId(identifier(row, Column::transaction_id)),
                             .merchant_order_id = core::MerchantOrderId(identifier(row, Column::order_id)),
                             .own_order_id = {},
                             .related_txn_id = {},
                             .amount = amount,
                             .fee = std::nullopt,
                             .occurred_at = std::nullopt,
                             .attributes = {},
                             .masked_card = {},
                             .card_fingerprint = {},
                             .file_index = 0,
                             .member = {},
                             .line = 0};
    }

    std::int64_t positive_amount(const BillRow& row, Column column, core::Currency currency, bool must_move) {
        const auto minor = kept(read_amount(cell(row, column), currency, row.line, label_of(column)));
        if (minor && *minor == 0 && must_move) {
            fail(row, column, "is zero, which no payment or refund can be");
        }
        return minor.value_or(0);
    }

    std::optional<core::Money> read_fee(const BillRow& row, core::Currency currency) {
        const auto fine = kept(read_decimal(cell(row, Column::fee), row.line, label_of(Column::fee)));
        if (!fine) {
            return std::nullopt;
        }
        std::int64_t unit = 1;
        for (int decimals = currency.exponent(); decimals < kBillDecimals; ++decimals) {
            unit *= 10;
        }
        const auto minor = core::scaled(*fine, 1, unit, core::Rounding::half_up);
        if (!minor || *minor > core::kMinorMax || *minor < -core::kMinorMax) {
            fail(row, Column::fee, "is larger than any fee can be");
            return std::nullopt;
        }
        if (*fine % unit != 0) {
            first_fine_fee_ = fine_fees_++ == 0 ? row.line : first_fine_fee_;
        }
        return core::Money(*minor, currency);
    }

    void add_to_sums(const BillRow& row) {
        for (std::size_t at = 0; at < kSummed.size(); ++at) {
            // A column that the ledger isn't compared with may be left empty, and then adds nothing; most of the others
            // are of nothing.
            if (const auto text = cell(row, kSummed[at]); !text.empty() && text != "0.00") {
                const auto amount = kept(read_decimal(text, row.line, label_of(kSummed[at])));
                sums_[at].add(amount.value_or(0));
            }
        }
    }

    std::optional<BillFault> check_total(std::string_view name, std::string_view stated, std::uint64_t line) {
        if (name == kCountTotal) {
            const auto count = read_count(stated, line, name);
            if (!count) {
                return count.error();
            }
            bill_.totals.push_back({std::string(name), std::to_string(*count), std::to_string(rows_)});
            return std::nullopt;
        }
        const auto column = column_of_total(name);
        if (!column) {
            return BillFault{line - 1, std::string(name), "is no known total of a trade bill", kAsDownloaded};
        }
        const auto amount = read_decimal(stated, line, name);
        if (!amount) {
            return amount.error();
        }
        const auto at = static_cast<std::size_t>(std::find(kSummed.begin(), kSummed.end(), *column) - kSummed.begin());
        bill_.totals.push_back({std::string(name), normalized_sum(*amount), sums_.at(at).text()});
        return std::nullopt;
    }

    void note_unknown(TransactionStatus status, const BillRow& row) {
        if (status == TransactionStatus::abnormal) {
            first_unknown_state_ = unknown_states_++ == 0 ? row.line : first_unknown_state_;
        }
    }

    void warn_of(std::uint64_t count, std::uint64_t first_line, const std::string& what) {
        if (count > 0) {
            bill_.warnings.push_back(std::to_string(count) + " " + what + " (the first on line " +
                                     std::to_string(first_line) + ")");
        }
    }

    BillClock clock_;
    const Merchant& merchant_;
    const ChannelContext& context_;
    const RowPick& pick_;
    const LineTaker& take_;
    TradeBill bill_;
    std::array<BillSum, kSummed.size()> sums_;
    std::optional<BillFault> fault_;
    std::string last_word_;
    std::string last_redacted_;
    std::uint64_t rows_ = 0;
    std::uint64_t of_others_ = 0;
    std::uint64_t first_of_others_ = 0;
    std::uint64_t fine_fees_ = 0;
    std::uint64_t first_fine_fee_ = 0;
    std::uint64_t unknown_states_ = 0;
    std::uint64_t first_unknown_state_ = 0;
};

}  // namespace

core::Result<TradeBill, BillFault> read_trade_bill(std::string_view text, core::BusinessDay day,
                                                   const Merchant& merchant, const ChannelContext& context,
                                                   RowPick& pick, const LineTaker& take) {
    TradeBillReader reader(day, merchant, context, pick, take);
    const auto summary = walk_bill(
        text, kCountTotal, pick, [&](const BillRow& header) { return reader.take_header(header); },
        [&](const BillRow& row) { return reader.take_row(row); });
    if (!summary) {
        return core::Refused{summary.error()};
    }
    return std::move(reader).finish(*summary);
}

}  // namespace payments::wechatpay
