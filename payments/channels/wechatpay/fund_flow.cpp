#include "payments/channels/wechatpay/fund_flow.h"

#include <algorithm>
#include <array>
#include <optional>
#include <utility>

#include "core/archive.h"
#include "payments/channels/wechatpay/bill_text.h"
#include "payments/channels/wechatpay/bill_values.h"

namespace payments::wechatpay {
namespace {

enum Cell : std::size_t {
    time,
    business,
    movement,
    name,
    type,
    direction,
    amount,
    balance,
    applicant,
    remark,
    voucher
};

// With half-width brackets; older files have full-width ones.
constexpr std::array<std::string_view, 11> kHeader = {
    "记账时间",     "微信支付业务单号", "资金流水单号",       "业务名称", "业务类型",  "收支类型",
    "收支金额(元)", "账户结余(元)",     "资金变更提交申请人", "备注",     "业务凭证号"};
constexpr std::string_view kSummaryBegin = "资金流水总笔数";
constexpr std::string_view kIn = "收入";
constexpr std::string_view kOut = "支出";
constexpr const char* kAsDownloaded = "use the bill as downloaded";

core::Currency yuan() { return *core::Currency::from_code("CNY"); }

std::string with_half_width_brackets(std::string_view text) {
    std::string result(text);
    for (const auto& [wide, narrow] : {std::pair<std::string_view, std::string_view>{"（", "("}, {"）", ")"}}) {
        for (auto at = result.find(wide); at != std::string::npos; at = result.find(wide, at)) {
            result.replace(at, wide.size(), narrow);
        }
    }
    return result;
}

class FundFlowReader {
public:
    FundFlowReader(core::BusinessDay day, const ChannelContext& context) : day_(day), context_(context) {}

    std::optional<BillFault> take_header(const BillRow& header) {
        for (std::size_t column = 0; column < kHeader.size(); ++column) {
            const auto found = std::find_if(header.cells.begin(), header.cells.end(), [&](std::string_view cell) {
                return with_half_width_brackets(cell) == kHeader[column];
            });
            if (found == header.cells.end()) {
                return BillFault{header.line, std::string(kHeader[column]), "the header has no such column",
                                 kAsDownloaded};
            }
            places_[column] = static_cast<std::size_t>(found - header.cells.begin());
        }
        if (header.cells.size() != kHeader.size()) {
            return BillFault{header.line, "", "the header has columns that no fund-flow bill is known to have",
                             kAsDownloaded};
        }
        return std::nullopt;
    }

    std::optional<BillFault> take_row(const BillRow& row) {
        const auto when = read_time(cell(row, Cell::time), day_, row.line, kHeader[Cell::time]);
        if (!when) {
            return when.error();
        }
        const auto direction = cell(row, Cell::direction);
        if (direction != kIn && direction != kOut) {
            return BillFault{row.line, std::string(kHeader[Cell::direction]), "is neither 收入 nor 支出",
                             kAsDownloaded};
        }
        const auto amount = read_amount(cell(row, Cell::amount), yuan(), row.line, kHeader[Cell::amount]);
        if (!amount) {
            return amount.error();
        }
        // An overdrawn account has a balance below zero, so this one may have a sign.
        const auto balance = core::minor_from_decimal(cell(row, Cell::balance), yuan().exponent());
        if (!balance) {
            return BillFault{row.line, std::string(kHeader[Cell::balance]), "is no amount", kAsDownloaded};
        }
        count(direction == kIn ? in_ : out_, *amount);
        flow_.movements.push_back(FundMovement{.booked_at = *when,
                                               .business_id = text(row, Cell::business),
                                               .movement_id = text(row, Cell::movement),
                                               .business_name = text(row, Cell::name),
                                               .business_type = text(row, Cell::type),
                                               .amount = {direction == kIn ? *amount : -*amount, yuan()},
                                               .balance = {*balance, yuan()},
                                               .applicant = text(row, Cell::applicant),
                                               .remark = text(row, Cell::remark),
                                               .merchant_reference = text(row, Cell::voucher),
                                               .line = row.line});
        return std::nullopt;
    }

    core::Result<FundFlow, BillFault> finish(const BillSummary& summary) && {
        for (std::size_t place = 0; place < summary.header.cells.size(); ++place) {
            const std::string title = with_half_width_brackets(summary.header.cells[place]);
            if (auto fault = check_total(title, summary.values.cells[place], summary.values.line)) {
                return core::Refused{*std::move(fault)};
            }
        }
        return std::move(flow_);
    }

private:
    struct Side {
        std::int64_t rows = 0;
        BillSum sum;
    };

    std::string_view cell(const BillRow& row, Cell column) const { return row.cells[places_[column]]; }
    std::string text(const BillRow& row, Cell column) const { return context_.redact(cell(row, column)); }

    static void count(Side& side, std::int64_t minor) {
        constexpr std::int64_t kPerFen = 1000;  // kMinorMax * 1000 fits
        ++side.rows;
        side.sum.add(minor * kPerFen);
    }

    std::optional<BillFault> check_total(const std::string& title, std::string_view stated, std::uint64_t line) {
        const std::array<std::pair<std::string_view, std::int64_t>, 3> counts = {
            {{kSummaryBegin, in_.rows + out_.rows}, {"收入笔数", in_.rows}, {"支出笔数", out_.rows}}};
        for (const auto& [known, rows] : counts) {
            if (title == known) {
                const auto number = read_count(stated, line, title);
                if (!number) {
                    return number.error();
                }
                flow_.totals.push_back({title, std::to_string(*number), std::to_string(rows)});
                return std::nullopt;
            }
        }
        const bool in = title == "收入金额" || title == "收入金额(元)";
        if (!in && title != "支出金额" && title != "支出金额(元)") {
            return BillFault{line - 1, title, "is no known total of a fund-flow bill", kAsDownloaded};
        }
        const auto sum = read_decimal(stated, line, title);
        if (!sum) {
            return sum.error();
        }
        flow_.totals.push_back({title, normalized_sum(*sum), (in ? in_ : out_).sum.text()});
        return std::nullopt;
    }

    core::BusinessDay day_;
    const ChannelContext& context_;
    std::array<std::size_t, kHeader.size()> places_{};
    FundFlow flow_;
    Side in_;
    Side out_;
};

core::Result<FundFlow, BillFault> read_text(std::string_view text, core::BusinessDay day,
                                            const ChannelContext& context) {
    FundFlowReader reader(day, context);
    RowPick all;
    const auto summary = walk_bill(
        text, kSummaryBegin, all, [&](const BillRow& header) { return reader.take_header(header); },
        [&](const BillRow& row) { return reader.take_row(row); });
    if (!summary) {
        return core::Refused{summary.error()};
    }
    return std::move(reader).finish(*summary);
}

}  // namespace

bool is_fund_flow(std::string_view text) {
    const auto cells = first_line_cells(text);
    return std::find(cells.begin(), cells.end(), kHeader[Cell::time]) != cells.end();
}

core::Result<FundFlow, StatementRefusal> read_fund_flow(const StatementFile& file, core::BusinessDay day,
                                                        const ChannelContext& context) {
    const auto members = core::unpack(file.bytes);
    if (!members) {
        return core::Refused{StatementRefusal{file.name, 0, "", members.error(), "download the bill again"}};
    }
    if (members->size() != 1) {
        return core::Refused{
            StatementRefusal{file.name, 0, "", "holds more or fewer files than one", "give one fund-flow bill"}};
    }
    auto flow = read_text(members->front().bytes, day, context);
    if (!flow) {
        const auto& fault = flow.error();
        return core::Refused{without_cards(
            StatementRefusal{file.name, fault.line, fault.field, fault.what, fault.remedy}, context.redact)};
    }
    return *std::move(flow);
}

}  // namespace payments::wechatpay
