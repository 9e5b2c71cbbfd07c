#include "server/order_import.h"

#include "core/failure.h"

namespace server {
namespace {

constexpr std::size_t kProgressEvery = 5000;

}  // namespace

ImportCounts register_orders(core::db::Database& database, const config::TenantSettings& tenant,
                             const std::string& shown_name, const std::vector<payments::Order>& orders,
                             const std::function<void(std::size_t)>& progress) {
    ImportCounts counts;
    core::db::TenantTransaction transaction(database, tenant.id);
    for (const auto& order : orders) {
        switch (payments::register_order(transaction, order, {"UTC", std::chrono::minutes(0)})) {
            case payments::Registration::registered:
                ++counts.registered;
                break;
            case payments::Registration::same_again:
                ++counts.already_there;
                break;
            case payments::Registration::differs:
                throw core::InputError(shown_name + ": order " + order.id.text() +
                                       ": is registered already with another amount, currency or split; give the "
                                       "changed order a number of its own");
        }
        const auto done = counts.registered + counts.already_there;
        if (done % kProgressEvery == 0) {
            progress(done);
        }
    }
    transaction.commit();
    return counts;
}

}  // namespace server
