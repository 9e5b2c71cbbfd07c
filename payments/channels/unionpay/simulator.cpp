#include <algorithm>
#include <array>
#include <cstdint>
#include <filesystem>
#include <memory>
#include <mutex>
#include <string>
#include <utility>
#include <vector>

#include "core/archive.h"
#include "core/crypto/digest.h"
#include "core/crypto/encoding.h"
#include "core/failure.h"
#include "core/files.h"
#include "core/text/encoding.h"
#include "payments/channels/unionpay/dates.h"
#include "payments/channels/unionpay/message.h"
#include "payments/channels/unionpay/settlement_writer.h"
#include "payments/channels/unionpay/unionpay.h"

namespace payments::unionpay {

namespace {

namespace crypto = core::crypto;

constexpr std::string_view kSignerName = "041@8310000000083040@中国银联股份有限公司@00016495";
constexpr std::string_view kZone = "Asia/Shanghai";
// Published test numbers, masked as UnionPay masks them.
constexpr std::array<std::string_view, 4> kCards = {"622155******0000", "620000******0005", "356600******0505",
                                                    "620550*********0004"};
constexpr std::size_t kNoteBytes = 32;
constexpr std::array<std::string_view, 4> kNotes = {"", "门店自提", "診詞飢", "a|b"};

// An authority of its own under the real chain's shape: root, intermediate, leaf.
struct Keys {
    crypto::PrivateKey root_key = crypto::PrivateKey::generate_rsa();
    crypto::PrivateKey middle_key = crypto::PrivateKey::generate_rsa();
    crypto::PrivateKey leaf_key = crypto::PrivateKey::generate_rsa();
    crypto::Certificate root = issue("CFCA SIMULATED CS CA", true, root_key, nullptr, nullptr);
    crypto::Certificate middle = issue("CFCA SIMULATED OCA1", true, middle_key, &root, &root_key);
    crypto::Certificate leaf = issue(std::string(kSignerName), false, leaf_key, &middle, &middle_key);

    static crypto::Certificate issue(std::string common_name, bool authority, const crypto::PrivateKey& key,
                                     const crypto::Certificate* issuer, const crypto::PrivateKey* issuer_key) {
        using date::sys_days;
        using date::year;
        // Simulated days lie anywhere; a certificate that ran out would only hide what a test is about.
        const crypto::CertificateRequest request{std::move(common_name), "China Financial Certification Authority",
                                                 sys_days(year{2015} / 1 / 1), sys_days(year{2049} / 1 / 1), authority};
        if (issuer == nullptr) {
            return crypto::issue_certificate(request, key, nullptr);
        }
        const crypto::Issuer by{*issuer, *issuer_key};
        return crypto::issue_certificate(request, key, &by);
    }
};

// As it travels in messages: CRLF, and no line end behind the last line.
std::string travelling_pem(const crypto::Certificate& certificate) {
    std::string out;
    for (const char c : certificate.to_pem()) {
        if (c == '\n') {
            out += "\r\n";
        } else if (c != '\r') {
            out += c;
        }
    }
    while (out.ends_with("\r\n")) {
        out.resize(out.size() - 2);
    }
    return out;
}

std::string digits_of(std::uint64_t number, std::size_t count) {
    auto text = std::to_string(number);
    return std::string(count - std::min(count, text.size()), '0') +
           text.substr(text.size() - std::min(count, text.size()));
}

// "20261117091828" of an instant, in Beijing.
std::string local_compact(core::Instant instant) {
    auto text = core::format_local(instant, std::string(kZone)).substr(0, 19);
    std::erase_if(text, [](char c) { return c < '0' || c > '9'; });
    return text;
}

std::string attribute(const SimulatedTransaction& transaction, const std::string& key) {
    const auto found = transaction.attributes.find(key);
    return found == transaction.attributes.end() ? std::string() : found->second;
}

// The same card in the notification and in the file.
template <std::size_t N>
std::string_view chosen(const std::array<std::string_view, N>& from, const std::string& by) {
    return from.at(crypto::sha256(by).at(0) % N);
}

struct Code {
    std::string_view txn_type;
    std::string_view txn_sub_type;
    std::string_view transaction_code;
    std::string_view label;
};

Code code_of(TransactionType type) {
    switch (type) {
        case TransactionType::refund:
            return {"04", "00", "S30", "退货"};
        case TransactionType::reversal:
            return {"31", "00", "S31", "消费撤销"};
        case TransactionType::payment:
        case TransactionType::dispute:
        case TransactionType::fee:
        case TransactionType::payout:
        case TransactionType::adjustment:
            return {"01", "01", "S56", "自助消费"};
    }
    return {};
}

std::string card_of(const SimulatedTransaction& transaction) {
    return transaction.card.empty() ? std::string(chosen(kCards, transaction.channel_txn_id)) : transaction.card;
}

bool gives_back(const SimulatedTransaction& transaction) { return transaction.type != TransactionType::payment; }

const std::string& order_of(const SimulatedTransaction& transaction) {
    return gives_back(transaction) ? transaction.own_order_id : transaction.merchant_order_id;
}

class Simulator final : public ChannelSimulator {
public:
    Simulator(const std::string& tenant, std::uint64_t seed) {
        const auto hash = crypto::sha256("unionpay " + tenant + " " + std::to_string(seed));
        std::uint64_t number = 0;
        for (std::size_t i = 0; i < sizeof number; ++i) {
            number = (number << 8U) | hash.at(i);
        }
        merchant_id_ = "777" + digits_of(number, 12);
    }

    std::string_view channel() const override { return "unionpay"; }
    core::DayCut day_cut() const override { return unionpay::day_cut(); }
    core::Currency currency() const override { return *core::Currency::from_number("156"); }

    std::string write_configuration(const std::filesystem::path& config_folder,
                                    const std::filesystem::path& keys_folder) override {
        const auto write = [&](const char* name, const crypto::Certificate& certificate) {
            const auto path = keys_folder / name;
            std::filesystem::create_directories(keys_folder);
            core::write_file(path, certificate.to_pem());
            return std::filesystem::proximate(path, config_folder).generic_string();
        };
        const auto root = write("unionpay_root.pem", keys().root);
        const auto middle = write("unionpay_middle.pem", keys().middle);
        return "[tenant.unionpay]\nmerchant_id = \"" + merchant_id_ + "\"\nroot_certificate = \"" + root +
               "\"\nintermediate_certificate = \"" + middle + "\"\nsigner_common_name = \"中国银联股份有限公司\"\n";
    }

    void assign_ids(SimulatedTransaction& transaction, const SimulatedTransaction* payment,
                    Random& random) const override {
        const auto time = local_compact(transaction.occurred_at);
        const auto trace_no = digits_of(random() % 1'000'000, 6);
        transaction.attributes["trace_no"] = trace_no;
        transaction.attributes["trace_time"] = time.substr(4);
        transaction.channel_txn_id =
            digits_of(random() % 100, 2) + time.substr(2) + trace_no + digits_of(random() % 10, 1);
        if (payment != nullptr) {
            transaction.related_txn_id = payment->channel_txn_id;
            transaction.attributes["orig_trace_no"] = attribute(*payment, "trace_no");
            transaction.attributes["orig_trace_time"] = attribute(*payment, "trace_time");
        }
    }

    std::vector<SignedCallback> callbacks(const SimulatedTransaction& transaction, core::Instant /*signed_at*/,
                                          Random& /*random*/) const override {
        return {signed_form(notification(transaction))};
    }

    // A card that was opened for payments without a redirect: a notification about no money.
    std::vector<SignedCallback> further_callbacks(const SimulatedTransaction& transaction, core::Instant /*signed_at*/,
                                                  Random& /*random*/) const override {
        auto fields = notification(transaction);
        for (const auto* name : {"queryId", "origQryId", "settleAmt", "settleCurrencyCode", "settleDate", "traceNo",
                                 "traceTime", "txnAmt", "currencyCode"}) {
            fields.erase(name);
        }
        fields["txnType"] = "79";
        fields["txnSubType"] = "00";
        return {signed_form(std::move(fields))};
    }

    std::vector<StatementFile> statement(core::BusinessDay day, const std::vector<SimulatedTransaction>& transactions,
                                         const StatementFaults& faults, Random& /*random*/) const override {
        const SettlementDay settlement{merchant_id_, day};
        std::string rows;
        std::vector<SummaryLine> lines;
        SettlementTotals total;
        for (const auto& transaction : transactions) {
            rows += zm_row(transaction);
            count(transaction, line_for(lines, transaction));
            count(transaction, total);
        }
        total.amount_credit += faults.total_off_by_minor;
        auto bytes = core::zip({{transactions_name(settlement), std::move(rows)},
                                {summary_name(settlement), write_summary(settlement, "演示商户", lines, total)}});
        return {{archive_name(settlement), std::move(bytes)}};
    }

private:
    SignedCallback signed_form(Fields fields) const {
        const auto digest = crypto::sha256_hex(string_to_sign(fields));
        fields["signature"] = crypto::base64_encode(keys().leaf_key.sign_rsa_sha256(digest));
        std::string body;
        for (const auto& [name, value] : fields) {
            body.append(body.empty() ? "" : "&").append(name).append("=").append(core::text::form_encode(value));
        }
        return {{{"Content-Type", "application/x-www-form-urlencoded;charset=UTF-8"}}, std::move(body)};
    }

    const Keys& keys() const {
        std::call_once(made_, [&] { keys_ = std::make_unique<Keys>(); });
        return *keys_;
    }

    Fields notification(const SimulatedTransaction& transaction) const {
        const auto code = code_of(transaction.type);
        const auto amount = std::to_string(transaction.amount.minor());
        auto settle_date = core::format_day(transaction.business_day).substr(5);
        std::erase(settle_date, '-');
        Fields fields = {
            {"accNo", card_of(transaction)},
            {"accessType", "0"},
            {"bizType", "000201"},
            {"currencyCode", "156"},
            {"encoding", "UTF-8"},
            {"merId", merchant_id_},
            {"orderId", order_of(transaction)},
            {"queryId", transaction.channel_txn_id},
            {"respCode", transaction.channel_status.empty() ? "00" : transaction.channel_status},
            {"respMsg", transaction.channel_status.empty() ? "成功[0000000]" : "交易失败"},
            {"settleAmt", amount},
            {"settleCurrencyCode", "156"},
            {"settleDate", settle_date},
            {"signMethod", "01"},
            {"signPubKeyCert", travelling_pem(keys().leaf)},
            {"traceNo", attribute(transaction, "trace_no")},
            {"traceTime", attribute(transaction, "trace_time")},
            {"txnAmt", amount},
            {"txnSubType", std::string(code.txn_sub_type)},
            {"txnTime", local_compact(transaction.occurred_at)},
            {"txnType", std::string(code.txn_type)},
            {"version", "5.1.0"},
        };
        if (!transaction.related_txn_id.empty()) {
            fields["origQryId"] = transaction.related_txn_id;
        }
        if (!transaction.remark.empty()) {
            fields["reqReserved"] = transaction.remark;
            fields["reserved"] = "{" + transaction.remark + "}";
        }
        return fields;
    }

    // The merchant's side: what the sale brings less the fee, or what giving back costs less the fee returned.
    static std::int64_t settled(const SimulatedTransaction& transaction) {
        const auto amount = transaction.amount.minor();
        return (gives_back(transaction) ? -amount : amount) - transaction.fee.minor();
    }

    std::string zm_row(const SimulatedTransaction& transaction) const {
        const auto code = code_of(transaction.type);
        const auto text = [](std::string_view value) { return std::string(value); };
        RowWriter row(zm_layout());
        row.text(zm::kCode, text(code.transaction_code)).text(zm::kAcquirer, "88022900").text(zm::kSender, "00049993");
        row.text(zm::kTraceNo, attribute(transaction, "trace_no"));
        row.text(zm::kTraceTime, attribute(transaction, "trace_time"));
        row.text(zm::kAccount, card_of(transaction));
        row.fen(zm::kAmount, transaction.amount.minor()).directed(zm::kFee, -transaction.fee.minor());
        row.directed(zm::kSettled, settled(transaction)).directed(zm::kNet, settled(transaction));
        row.text(zm::kCategory, "5311").text(zm::kTerminalType, "08").text(zm::kOldPayType, "01");
        row.text(zm::kQueryId, transaction.channel_txn_id).text(zm::kOrderId, order_of(transaction));
        row.text(zm::kCardType, "01").text(zm::kPayType, "0001").text(zm::kBizType, "000201");
        row.text(zm::kTxnType, text(code.txn_type)).text(zm::kTxnSubType, text(code.txn_sub_type));
        row.text(zm::kMerchantId, merchant_id_).text(zm::kSubMerchantId, std::string(15, '0'));
        row.directed(zm::kSplitAmount, 0).directed(zm::kDiscount, 0).directed(zm::kInvoice, 0);
        row.directed(zm::kInstalmentFee, 0).text(zm::kMedium, "7").text(zm::kTerminalId, "01080209");
        const bool fits = !transaction.remark.empty() && transaction.remark.size() <= kNoteBytes;
        row.text(zm::kMerchantNote, fits ? transaction.remark : text(chosen(kNotes, order_of(transaction))));
        if (gives_back(transaction)) {
            row.text(zm::kOrigTraceNo, attribute(transaction, "orig_trace_no"));
            row.text(zm::kOrigTraceTime, attribute(transaction, "orig_trace_time"));
            row.text(zm::kOrigQueryId, transaction.related_txn_id);
            row.text(zm::kOrigOrderId, transaction.merchant_order_id);
        }
        return row.row();
    }

    static SettlementTotals& line_for(std::vector<SummaryLine>& lines, const SimulatedTransaction& transaction) {
        const auto label = code_of(transaction.type).label;
        const auto found =
            std::find_if(lines.begin(), lines.end(), [&](const SummaryLine& line) { return line.label == label; });
        return found != lines.end() ? found->totals : lines.emplace_back(SummaryLine{std::string(label), {}}).totals;
    }

    static void count(const SimulatedTransaction& transaction, SettlementTotals& totals) {
        const auto amount = transaction.amount.minor();
        const auto fee = transaction.fee.minor();
        const auto net = settled(transaction);
        ++totals.count;
        (gives_back(transaction) ? totals.amount_debit : totals.amount_credit) += amount;
        (fee < 0 ? totals.fee_credit : totals.fee_debit) += fee < 0 ? -fee : fee;
        (net < 0 ? totals.settled_debit : totals.settled_credit) += net < 0 ? -net : net;
    }

    std::string merchant_id_;
    mutable std::once_flag made_;
    mutable std::unique_ptr<Keys> keys_;
};

}  // namespace

std::unique_ptr<ChannelSimulator> make_simulator(const std::string& tenant, std::uint64_t seed) {
    return std::make_unique<Simulator>(tenant, seed);
}

}  // namespace payments::unionpay
