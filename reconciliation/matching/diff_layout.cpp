#include "reconciliation/matching/diff_layout.h"

#include <algorithm>
#include <cctype>

#include "core/failure.h"
#include "core/text/encoding.h"

namespace reconciliation::matching {

namespace {

constexpr std::array<std::string_view, kDiffFields> kNames{
    "channel_txn_id", "merchant_order_id", "own_order_id", "type", "amount", "fee", "currency",
    "status",         "occurred_at"};

using Names = std::vector<std::string_view>;

// What files call the fields, as squeezed() leaves it; the surest name first.
const std::array<Names, kDiffFields>& usual_names() {
    static const std::array<Names, kDiffFields> names{
        Names{"transactionid", "txnid",      "channeltransactionid", "channelid",
              "tradeno",       "queryid",    "pspreference",         "chargeid",
              "paymentid",     "sourceid",   "微信订单号",           "支付宝交易号",
              "渠道流水号",    "渠道交易号", "渠道订单号",           "平台订单号",
              "交易流水号",    "支付流水号", "查询流水号",           "交易号",
              "流水号",        "id"},
        Names{"orderid", "orderno", "ordernumber", "merchantorder", "merchantorderno", "merchantreference",
              "outtradeno", "order", "商户订单号", "商家订单号", "商户单号", "订单编号", "订单号"},
        Names{"outrefundno", "merchantrefundid", "merchantrefundno", "refundno", "商户退款单号", "退款单号"},
        Names{"transactiontype", "txntype", "reportingcategory", "category", "kind", "业务类型", "交易类型", "类型"},
        Names{"grossamount", "gross", "totalamount", "transactionamount", "txnamount", "txnamt", "total", "交易金额",
              "订单金额", "支付金额", "总金额", "发生额", "金额"},
        Names{"fees", "feeamount", "commission", "servicefee", "手续费", "手续费金额", "服务费"},
        Names{"currencycode", "ccy", "币种", "交易币种", "货币种类", "货币代码", "货币"},
        Names{"state", "tradestate", "tradestatus", "transactionstatus", "交易状态", "支付状态", "订单状态", "状态"},
        Names{"time", "datetime", "timestamp", "transactiontime", "tradetime", "txntime", "successtime", "paidat",
              "createdat", "created", "date", "交易时间", "支付时间", "完成时间", "创建时间", "时间", "日期"},
    };
    return names;
}

// Lower-case without blanks, underscores, hyphens and brackets: "Transaction ID" and "transaction_id" are one name.
std::string squeezed(std::string_view name) {
    static constexpr std::array<std::string_view, 4> kWide{"（", "）", "　", "："};
    std::string out;
    for (std::size_t at = 0; at < name.size();) {
        const auto wide = std::find_if(kWide.begin(), kWide.end(),
                                       [&](std::string_view w) { return name.substr(at, w.size()) == w; });
        if (wide != kWide.end()) {
            at += wide->size();
            continue;
        }
        const char c = name[at++];
        if (std::string_view(" \t_-().:`'").find(c) == std::string_view::npos) {
            out += static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
        }
    }
    return out;
}

[[noreturn]] void refuse(const std::string& file, std::uint64_t line, DiffField field, const std::string& what) {
    throw core::InputError(file + ":" + std::to_string(line) + ": " + std::string(name_of(field)) + ": " + what);
}

// Looks columns up in one header; every column serves one field at most.
class Finder {
public:
    Finder(const std::vector<std::string>& header, std::string file, std::uint64_t line)
        : header_(header), taken_(header.size()), file_(std::move(file)), line_(line) {
        std::transform(header.begin(), header.end(), std::back_inserter(squeezed_), squeezed);
    }

    // The column that the mapping names, exactly or at least as squeezed.
    std::size_t named(DiffField field, const std::string& name) {
        for (const bool exactly : {true, false}) {
            const auto found = only(field, [&](std::size_t i) {
                return exactly ? core::text::trimmed(header_[i]) == name : squeezed_[i] == squeezed(name);
            });
            if (found) {
                return take(*found);
            }
        }
        refuse(file_, line_, field, "the header has no column '" + name + "'; correct the mapping or the file");
    }

    std::optional<std::size_t> called(DiffField field, std::string_view squeezed_name) {
        const auto found = only(field, [&](std::size_t i) { return !taken_[i] && squeezed_[i] == squeezed_name; });
        if (found) {
            take(*found);
        }
        return found;
    }

private:
    template <typename Matches>
    std::optional<std::size_t> only(DiffField field, Matches matches) const {
        std::optional<std::size_t> found;
        for (std::size_t i = 0; i < header_.size(); ++i) {
            if (!matches(i)) {
                continue;
            }
            if (found) {
                refuse(file_, line_, field,
                       "columns " + std::to_string(*found + 1) + " and " + std::to_string(i + 1) +
                           " of the header have the same name; rename one of them");
            }
            found = i;
        }
        return found;
    }

    std::size_t take(std::size_t column) {
        taken_[column] = true;
        return column;
    }

    const std::vector<std::string>& header_;
    std::vector<std::string> squeezed_;
    std::vector<bool> taken_;
    std::string file_;
    std::uint64_t line_;
};

void check_enough(const Layout& layout, const std::string& file, std::uint64_t line) {
    const auto has = [&](DiffField field) { return layout.columns[static_cast<std::size_t>(field)].has_value(); };
    if (!has(DiffField::amount)) {
        refuse(file, line, DiffField::amount,
               "no column of the header is known to hold it; name the column with --mapping");
    }
    if (!has(DiffField::channel_txn_id) && !has(DiffField::merchant_order_id)) {
        refuse(file, line, DiffField::channel_txn_id,
               "no column of the header is known to hold it, nor merchant_order_id; name one with --mapping");
    }
}

}  // namespace

std::string_view name_of(DiffField field) { return kNames[static_cast<std::size_t>(field)]; }

std::optional<DiffField> diff_field_from(std::string_view name) {
    const auto* const found = std::find(kNames.begin(), kNames.end(), name);
    if (found == kNames.end()) {
        return std::nullopt;
    }
    return static_cast<DiffField>(found - kNames.begin());
}

Layout find_columns(const std::vector<std::string>& header, const SideMapping& mapping, const std::string& file,
                    std::uint64_t line, const std::function<std::string(std::string_view)>& redact) {
    Layout layout;
    layout.width = header.size();
    std::array<DiffColumn::Source, kDiffFields> sources{};
    sources.fill(DiffColumn::Source::absent);
    Finder finder(header, file, line);
    // The surest first, over all fields: a guess must not take the column that another field has by name.
    for (const auto& [field, name] : mapping.columns) {
        if (!name.empty()) {
            layout.columns[static_cast<std::size_t>(field)] = finder.named(field, name);
            sources[static_cast<std::size_t>(field)] = DiffColumn::Source::mapping;
        }
    }
    const auto search = [&](std::size_t i, std::string_view name, DiffColumn::Source source) {
        const auto field = static_cast<DiffField>(i);
        if (layout.columns[i] || mapping.columns.contains(field) || mapping.constants.contains(field)) {
            return;
        }
        layout.columns[i] = finder.called(field, name);
        if (layout.columns[i]) {
            sources[i] = source;
        }
    };
    for (std::size_t i = 0; i < kDiffFields; ++i) {
        search(i, squeezed(kNames[i]), DiffColumn::Source::name);
    }
    for (std::size_t i = 0; i < kDiffFields; ++i) {
        for (const auto name : usual_names()[i]) {
            search(i, name, DiffColumn::Source::guess);
        }
    }
    for (std::size_t i = 0; i < kDiffFields; ++i) {
        const auto constant = mapping.constants.find(static_cast<DiffField>(i));
        if (constant != mapping.constants.end()) {
            layout.told.push_back({std::string(kNames[i]), constant->second, DiffColumn::Source::constant});
        } else {
            const std::string column =
                layout.columns[i] ? redact(core::text::trimmed(header[*layout.columns[i]])) : std::string();
            layout.told.push_back({std::string(kNames[i]), column, sources[i]});
        }
    }
    check_enough(layout, file, line);
    return layout;
}

char guess_separator(std::string_view text) {
    const std::string_view header = text.substr(0, text.find_first_of("\r\n"));
    char best = ',';
    std::ptrdiff_t most = 0;
    for (const char separator : {',', '\t', ';', '|'}) {
        const auto count = std::count(header.begin(), header.end(), separator);
        if (count > most) {
            most = count;
            best = separator;
        }
    }
    return best;
}

}  // namespace reconciliation::matching
