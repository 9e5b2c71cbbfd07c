#include "payments/channels/wechatpay/statement.h"

#include <array>
#include <optional>
#include <string_view>
#include <utility>

#include "core/archive.h"
#include "core/crypto/digest.h"
#include "payments/channels/wechatpay/fund_flow.h"
#include "payments/channels/wechatpay/trade_bill.h"

namespace payments::wechatpay {
namespace {

// What packing programs add to an archive by themselves.
bool is_packing_litter(std::string_view member) {
    return member.ends_with('/') || member.starts_with("__MACOSX/") || member.ends_with(".DS_Store");
}

class StatementReader {
public:
    StatementReader(core::BusinessDay day, const Merchant& merchant, const ChannelContext& context, std::size_t files,
                    RowPick pick, const LineTaker& take)
        : day_(day), merchant_(merchant), context_(context), files_(files), pick_(pick), take_(take) {}

    std::optional<StatementRefusal> take_file(const StatementFile& file) {
        statement_.files.push_back({file.name, pick_.all() ? core::crypto::sha256_hex(file.bytes) : "", 0});
        if (!core::is_packed(file.bytes)) {
            return take_bill(file.name, "", file.bytes);
        }
        const auto members = core::unpack(file.bytes);
        if (!members) {
            return StatementRefusal{file.name, 0, "", members.error(), "download the bill again"};
        }
        for (const auto& member : *members) {
            if (is_packing_litter(member.name)) {
                statement_.warnings.push_back(file.name + "!" + member.name + ": left out, not a bill");
            } else if (auto refusal = take_bill(file.name, member.name, member.bytes)) {
                return refusal;
            }
        }
        return std::nullopt;
    }

    core::Result<Statement, StatementRefusal> finish() && {
        if (statement_.dialect.empty()) {
            const std::string name = statement_.files.empty() ? std::string("statement") : statement_.files[0].name;
            return core::Refused{StatementRefusal{name, 0, "", "there is no bill in it", "give the day's trade bill"}};
        }
        if (has(BillKind::success) != has(BillKind::refund)) {
            statement_.warnings.emplace_back(has(BillKind::success)
                                                 ? "the REFUND bill of the day is not there, only the SUCCESS bill"
                                                 : "the SUCCESS bill of the day is not there, only the REFUND bill");
        }
        return std::move(statement_);
    }

private:
    bool& has(BillKind kind) { return kinds_.at(static_cast<std::size_t>(kind)); }

    // `member`: empty where the file isn't packed.
    std::optional<StatementRefusal> take_bill(const std::string& file, const std::string& member,
                                              std::string_view bytes) {
        const std::string where = member.empty() ? file : file + "!" + member;
        if (is_fund_flow(bytes)) {
            return StatementRefusal{where, 1, "", "this is a fund-flow bill, not a trade bill",
                                    "give the day's trade bill (ALL, or SUCCESS and REFUND)"};
        }
        const std::size_t index = statement_.files.size() - 1;
        const std::string shown = context_.redact(member);
        auto bill = read_trade_bill(bytes, day_, merchant_, context_, pick_, [&](StatementLine&& line) {
            line.file_index = index;
            line.member = shown;
            take_(std::move(line));
        });
        if (!bill) {
            const auto& fault = bill.error();
            return StatementRefusal{where, fault.line, fault.field, fault.what, fault.remedy};
        }
        if (auto refusal = refuse_doubled(where, bill->layout.kind())) {
            return refusal;
        }
        add(where, *std::move(bill));
        return std::nullopt;
    }

    // ALL is SUCCESS and REFUND together, so each transaction may come from one bill only.
    std::optional<StatementRefusal> refuse_doubled(const std::string& where, BillKind kind) {
        const bool doubled = has(kind) || has(BillKind::all) ||
                             (kind == BillKind::all && (has(BillKind::success) || has(BillKind::refund)));
        has(kind) = true;
        if (!doubled) {
            return std::nullopt;
        }
        return StatementRefusal{where, 0, "",
                                "the " + std::string(name_of(kind)) + " bill doubles what another file has",
                                "give the ALL bill alone, or one SUCCESS and one REFUND bill"};
    }

    void add(const std::string& where, TradeBill bill) {
        statement_.files.back().lines += bill.lines;
        for (auto& total : bill.totals) {
            if (files_ > 1) {
                total.name.insert(0, where + " ");
            }
            statement_.totals.push_back(std::move(total));
        }
        for (const auto& warning : bill.warnings) {
            statement_.warnings.emplace_back(where).append(": ").append(warning);
        }
        statement_.dialect += (statement_.dialect.empty() ? "" : ", ") + bill.layout.dialect();
    }

    core::BusinessDay day_;
    const Merchant& merchant_;
    const ChannelContext& context_;
    std::size_t files_;
    RowPick pick_;
    const LineTaker& take_;
    Statement statement_;
    std::array<bool, 3> kinds_{};
};

}  // namespace

core::Result<Statement, StatementRefusal> read_wechatpay_statement(const std::vector<StatementFile>& files,
                                                                   core::BusinessDay day, const Merchant& merchant,
                                                                   const ChannelContext& context, RowPick pick,
                                                                   const LineTaker& take) {
    StatementReader reader(day, merchant, context, files.size(), pick, take);
    for (const auto& file : files) {
        if (auto refusal = reader.take_file(file)) {
            return core::Refused{without_cards(*std::move(refusal), context.redact)};
        }
    }
    return without_cards(std::move(reader).finish(), context.redact);
}

}  // namespace payments::wechatpay
