#include "server/order_release.h"

#include <algorithm>

#include "core/failure.h"
#include "payments/order.h"

namespace server {
namespace {

// Orders of one transaction: each holds a lock until its end, and of these the server has some thousands.
constexpr std::size_t kPart = 1000;

using Fulfilments = std::vector<payments::Fulfilment>;

template <typename Use>
void in_parts(core::db::Database& database, const core::TenantId& tenant, const Fulfilments& all, const Use& use) {
    for (std::size_t at = 0; at < all.size(); at += kPart) {
        const auto begin = all.begin() + static_cast<std::ptrdiff_t>(at);
        const auto count = static_cast<std::ptrdiff_t>(std::min(kPart, all.size() - at));
        core::db::TenantTransaction transaction(database, tenant);
        use(transaction, Fulfilments(begin, begin + count));
        transaction.commit();
    }
}

[[noreturn]] void refuse(const std::string& shown_name, const core::MerchantOrderId& order) {
    throw core::InputError(shown_name + ": order " + order.text() +
                           ": is not registered; import it first, or correct its number");
}

}  // namespace

FulfilmentCounts fulfil_orders(core::db::Database& database, const core::TenantId& tenant,
                               const std::string& shown_name, const Fulfilments& fulfilments) {
    in_parts(database, tenant, fulfilments, [&](auto& transaction, const Fulfilments& part) {
        std::vector<core::MerchantOrderId> orders;
        for (const auto& fulfilment : part) {
            orders.push_back(fulfilment.order);
        }
        if (const auto unknown = payments::find_unregistered(transaction, orders)) {
            refuse(shown_name, *unknown);
        }
    });
    FulfilmentCounts counts;
    in_parts(database, tenant, fulfilments, [&](auto& transaction, const Fulfilments& part) {
        const auto outcomes = payments::fulfil_orders(transaction, part);
        for (std::size_t i = 0; i < part.size(); ++i) {
            core::ensure(outcomes[i] != payments::FulfilmentOutcome::unknown_order, "a registered order stays");
            ++(outcomes[i] == payments::FulfilmentOutcome::recorded ? counts.recorded : counts.already_there);
        }
    });
    return counts;
}

std::size_t share_out_due(core::db::Database& database, const core::TenantId& tenant, core::Instant now) {
    std::size_t shared_out = 0;
    std::optional<std::string> after = "";
    while (after) {
        core::db::TenantTransaction transaction(database, tenant);
        const auto round = payments::share_out_due(transaction, now, *after, kPart);
        transaction.commit();
        shared_out += round.shared_out;
        after = round.looked_up_to;
    }
    return shared_out;
}

}  // namespace server
