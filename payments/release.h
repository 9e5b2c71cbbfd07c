// Releases: what lets the money of an order be shared out whose split is not shared out at capture. A fulfilment is
// told by the merchant; a day that the split names comes by itself, and is recorded by the round that finds it come.
// Both are kept, so that the books depend on what is recorded and never on the clock.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "config/split.h"
#include "core/db/database.h"
#include "core/ids.h"
#include "core/time.h"
#include "payments/allocation.h"

namespace payments {

struct Fulfilment {
    core::MerchantOrderId order;
    core::Instant at;
};

// Whether the order's money is to be shared out, by what was released.
bool is_released(const config::SplitTime& when, const Releases& releases);

// The day in UTC from which a paid order is due; nothing where a fulfilment has to be told first, or where none but the
// payment or the fulfilment itself is waited for.
std::optional<core::BusinessDay> due_day(const config::SplitTime& when, core::Instant paid_at,
                                         std::optional<core::Instant> fulfilled_at);

enum class FulfilmentOutcome { recorded, same_again, unknown_order };

// The first of them that nobody registered.
std::optional<core::MerchantOrderId> find_unregistered(core::db::TenantTransaction& transaction,
                                                       const std::vector<core::MerchantOrderId>& orders);

// Records that orders were fulfilled, and shares out those that waited for it alone. The first time told stays; the
// same order again is harmless. One element for each, in their order.
std::vector<FulfilmentOutcome> fulfil_orders(core::db::TenantTransaction& transaction,
                                             const std::vector<Fulfilment>& fulfilments);

// Shares out paid orders whose day has come by `now`, each once, looking at `limit` orders at most, in the order of
// their numbers behind `after`.
struct DueRound {
    std::size_t shared_out = 0;
    std::optional<std::string> looked_up_to;  // nothing: there are no more
};
DueRound share_out_due(core::db::TenantTransaction& transaction, core::Instant now, const std::string& after,
                       std::size_t limit);

// Reads a file of fulfilments: JSON lines or CSV, merchant_order_id and fulfilled_at. Throws core::InputError naming
// file, line, field and remedy, before anything is given back; a time after `now` is refused.
std::vector<Fulfilment> read_fulfilments(const std::string& shown_name, std::string_view text, core::Instant now,
                                         const std::function<std::string(std::string_view)>& redact);

}  // namespace payments
