// Stripe: signed webhooks, itemized balance reports, and a simulator of both (source of the formats: specs, Stripe).
//
// A payment is keyed by its charge (ch_, py_), a refund by the refund (re_, pyr_), a dispute by the dispute (du_, dp_),
// a payout by the payout (po_); what gives one of them back is a `reversal` with the same id. So two events that tell
// of one movement (charge.succeeded and payment_intent.succeeded, say) give one movement.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "config/section.h"
#include "core/secret.h"
#include "payments/channel.h"
#include "payments/simulator.h"

namespace payments::stripe {

// [tenant.stripe]. An account has one endpoint here; while its secret is being rolled Stripe signs with two.
struct Options {
    std::string account;                          // "acct_..."; an event that names another account is refused
    std::vector<core::KeyBytes> webhook_secrets;  // 1 to 8, as Stripe shows them, prefix "whsec_" included
    std::string order_key = "order_id";           // metadata key of the merchant's order number, 1 to 40 bytes
    std::string time_zone = "UTC";                // of the business day, and of the reports' `created` column
    bool livemode = true;                         // test events at a live tenant are refused, and the other way round
};

// The keys account, webhook_secrets, order_key, time_zone and livemode; the fee tables are the caller's. Nothing when
// a key was complained about.
std::unique_ptr<Channel> make_channel(config::Section& section, const ChannelContext& context);
std::unique_ptr<Channel> make_channel(Options options, const ChannelContext& context);

// Sales mostly in USD, some in EUR and JPY as the caller's transactions say. The reports carry no totals of their own,
// so StatementFaults::total_off_by_minor has nothing to act on, and rows have no state, so channel_status neither.
std::unique_ptr<ChannelSimulator> make_simulator(const std::string& tenant, std::uint64_t seed);

}  // namespace payments::stripe
