#include "server/order_import.h"

#include <algorithm>

#include "core/failure.h"

namespace server {
namespace {

// Orders of one transaction: each holds a lock until its end, and of these the server has some thousands.
constexpr std::size_t kPart = 1000;

using Orders = std::vector<payments::Order>;

template <typename Use>
void in_parts(core::db::Database& database, const core::TenantId& tenant, const Orders& orders, const Use& use) {
    for (std::size_t at = 0; at < orders.size(); at += kPart) {
        const auto begin = orders.begin() + static_cast<std::ptrdiff_t>(at);
        const auto count = static_cast<std::ptrdiff_t>(std::min(kPart, orders.size() - at));
        core::db::TenantTransaction transaction(database, tenant);
        use(transaction, Orders(begin, begin + count));
        transaction.commit();
    }
}

[[noreturn]] void refuse(const std::string& shown_name, const core::MerchantOrderId& order) {
    throw core::InputError(shown_name + ": order " + order.text() +
                           ": is registered already with another amount, currency, split or due date; give the changed "
                           "order a number of its own");
}

}  // namespace

ImportCounts register_orders(core::db::Database& database, const config::TenantSettings& tenant,
                             const std::string& shown_name, const Orders& orders,
                             const std::function<void(std::size_t)>& progress) {
    in_parts(database, tenant.id, orders, [&](auto& transaction, const Orders& part) {
        if (const auto differing = payments::find_differing(transaction, part)) {
            refuse(shown_name, *differing);
        }
    });
    ImportCounts counts;
    in_parts(database, tenant.id, orders, [&](auto& transaction, const Orders& part) {
        const auto registered = payments::register_orders(transaction, part, {"UTC", std::chrono::minutes(0)});
        for (std::size_t i = 0; i < part.size(); ++i) {
            if (registered[i] == payments::Registration::differs) {
                refuse(shown_name, part[i].id);
            }
            ++(registered[i] == payments::Registration::registered ? counts.registered : counts.already_there);
        }
        progress(counts.registered + counts.already_there);
    });
    return counts;
}

}  // namespace server
