#include "core/db/work.h"
#include "core/failure.h"
#include "payments/impl/cluster_store.h"
#include "payments/order.h"

namespace payments {
namespace {

constexpr const char* kInsert = R"(
insert into payments.orders (tenant_id, merchant_order_id, amount_minor, currency, created_at, split_name,
    split_shares, description)
values ($1, $2, $3, $4, $5::timestamptz, $6, $7, $8)
on conflict on constraint orders_pk do nothing returning 1)";

constexpr const char* kFind = R"(
select amount_minor, currency, split_name from payments.orders where tenant_id = $1 and merchant_order_id = $2)";

}  // namespace

Registration register_order(core::db::TenantTransaction& transaction, const Order& order,
                            const core::DayCut& calendar) {
    lock_groups(transaction, {order_group(order.id)});
    const auto& tenant = transaction.tenant().text();
    const std::string currency(order.amount.currency().code());
    const auto inserted =
        core::db::run(transaction, kInsert, tenant, order.id.text(), order.amount.minor(), currency,
                      core::format_rfc3339(order.created_at), order.split_name, order.split_shares, order.description);
    if (inserted.empty()) {
        const auto rows = core::db::run(transaction, kFind, tenant, order.id.text());
        core::ensure(!rows.empty(), "an order that is there can be read");
        const bool same = rows[0][0].as<std::int64_t>() == order.amount.minor() &&
                          rows[0][1].as<std::string>() == currency && rows[0][2].as<std::string>() == order.split_name;
        return same ? Registration::same_again : Registration::differs;
    }
    // Nothing is left to post for an order whose payment was already given back in full: the books say so already.
    post_cluster(transaction, {order.id, {}, {}},
                 {"order", "order:" + order.id.text(), order_group(order.id), "order " + order.id.text(),
                  order.created_at, core::day_of(order.created_at, calendar)});
    return Registration::registered;
}

}  // namespace payments
