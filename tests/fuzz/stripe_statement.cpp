// Stripe's reports: the two itemized ones, plain and packed, and the summaries.
#include <array>

#include "core/archive.h"
#include "payments/channels/stripe/stripe.h"
#include "payments/channels/stripe/summaries.h"
#include "tests/fuzz/fuzz_channel.h"

namespace {

namespace stripe = payments::stripe;

const std::string kActivity = "Itemized_balance_change_from_activity_2026-11-18_to_2026-11-19_UTC.csv";
const std::string kPayouts = "Itemized_payout_reconciliation_2026-11-18_to_2026-11-19_UTC.csv";

const payments::Channel& channel() {
    static const auto made = [] {
        stripe::Options options;
        options.account = "acct_1fuzzed";
        options.webhook_secrets.emplace_back("whsec_fuzzed");
        return stripe::make_channel(std::move(options), fuzz::context());
    }();
    return *made;
}

void check_report(const std::string& name, const std::string& text) {
    const auto plain = fuzz::checked(channel().read_statement({{name, text}}, fuzz::kDay), 1);
    const bool is_packed = text.starts_with("\x1F\x8B") || text.starts_with("PK");
    if (is_packed) {
        return;
    }
    for (const auto& packed : {core::gzip(text), core::zip({{name, text}})}) {
        const auto unpacked = fuzz::checked(channel().read_statement({{name, packed}}, fuzz::kDay), 1);
        fuzz::promise(
            static_cast<bool>(unpacked) == static_cast<bool>(plain) && (!plain || fuzz::same_lines(*plain, *unpacked)),
            "packed, a report says the same");
    }
    const auto other_day = channel().read_statement({{name, text}}, core::day_after(fuzz::kDay));
    fuzz::promise(!plain || plain->lines.empty() || !other_day, "a report is of one day");
    fuzz::promise(!channel().read_statement({{name, text}, {name, text}}, fuzz::kDay), "no report counts twice");
}

void check_payouts(std::string_view text) {
    const auto rows = stripe::read_payouts(text);
    if (!rows) {
        return;
    }
    for (const auto& row : *rows) {
        const auto net = row.gross.minus(row.fee);
        fuzz::promise(net && *net == row.net && row.line > 1, "gross less fee is net");
    }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const unsigned char* data, std::size_t size) {
    fuzz::Input input(data, size);
    const auto variant = input.choice(4);
    const std::string text(input.rest());
    switch (variant) {
        case 0:
            check_report(kActivity, text);
            break;
        case 1:
            check_report(kPayouts, text);
            break;
        case 2:
            check_payouts(text);
            break;
        default:
            if (const auto rows = stripe::read_balance_summary(text)) {
                fuzz::promise(rows->size() <= text.size(), "no more rows than lines");
            }
    }
    return 0;
}
