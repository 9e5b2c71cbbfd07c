#include <algorithm>
#include <map>
#include <utility>

#include "core/db/array.h"
#include "core/db/work.h"
#include "core/failure.h"
#include "ledger/due_dates.h"
#include "payments/impl/known_store.h"
#include "payments/order.h"

namespace payments {
namespace {

using core::db::text_array;

constexpr core::db::Statement kInsert{"insert_orders", R"(
insert into payments.orders (tenant_id, merchant_order_id, amount_minor, currency, created_at, split_name,
    split_shares, description)
select $1, * from unnest($2::text[], $3::bigint[], $4::text[], $5::timestamptz[], $6::text[], $7::text[], $8::text[])
on conflict on constraint orders_pk do nothing returning merchant_order_id)"};

constexpr core::db::Statement kFind{"find_orders", R"(
select o.merchant_order_id, o.amount_minor, o.currency, o.split_name,
       coalesce(d.due_date, (o.created_at at time zone 'UTC')::date)::text
from unnest($2::text[]) as a (merchant_order_id)
join payments.orders o on o.tenant_id = $1 and o.merchant_order_id = a.merchant_order_id
left join ledger.due_dates d on d.tenant_id = $1 and d.group_key = 'order:' || o.merchant_order_id)"};

struct Terms {
    std::int64_t amount_minor;
    std::string currency;
    std::string split_name;
    std::string due_date;
};

// An order that names no due date has that which it was given when it was registered.
bool is_same(const Order& order, const Terms& stored) {
    return order.amount.minor() == stored.amount_minor && order.amount.currency().code() == stored.currency &&
           order.split_name == stored.split_name &&
           (!order.due_date || core::format_day(*order.due_date) == stored.due_date);
}

// The numbers of those that weren't there.
std::set<std::string> insert(core::db::TenantTransaction& transaction, const std::vector<const Order*>& orders) {
    std::vector<std::string> ids, currencies, created, split_names, split_shares, descriptions;
    std::vector<std::int64_t> amounts;
    for (const auto* order : orders) {
        ids.push_back(order->id.text());
        amounts.push_back(order->amount.minor());
        currencies.emplace_back(order->amount.currency().code());
        created.push_back(core::format_rfc3339(order->created_at));
        split_names.push_back(order->split_name);
        split_shares.push_back(order->split_shares);
        descriptions.push_back(order->description);
    }
    std::set<std::string> inserted;
    for (const auto& row : core::db::run(transaction, kInsert, transaction.tenant().text(), text_array(ids),
                                         core::db::integer_array(amounts), text_array(currencies), text_array(created),
                                         text_array(split_names), text_array(split_shares), text_array(descriptions))) {
        inserted.insert(std::string(row.text(0)));
    }
    return inserted;
}

std::map<std::string, Terms> find_terms(core::db::TenantTransaction& transaction, const std::set<std::string>& orders) {
    std::map<std::string, Terms> terms;
    for (const auto& row :
         core::db::run(transaction, kFind, transaction.tenant().text(), text_array({orders.begin(), orders.end()}))) {
        terms.emplace(std::string(row.text(0)), Terms{row.integer(1), std::string(row.text(2)),
                                                      std::string(row.text(3)), std::string(row.text(4))});
    }
    return terms;
}

// To those of them that are new, where it is another day than their own.
void give_due_dates(core::db::TenantTransaction& transaction, const std::vector<const Order*>& orders,
                    const std::set<std::string>& fresh, const core::DayCut& calendar) {
    std::map<ledger::GroupKey, core::BusinessDay> dates;
    for (const auto* order : orders) {
        const auto due = due_day_of(*order, calendar);
        if (fresh.contains(order->id.text()) && due != core::day_of(order->created_at, calendar)) {
            dates.emplace(ledger::GroupKey{transaction.tenant(), order_group(order->id)}, due);
        }
    }
    if (!dates.empty()) {
        ledger::set_due_dates(transaction, dates);
    }
}

}  // namespace

core::BusinessDay due_day_of(const Order& order, const core::DayCut& calendar) {
    const auto own_day = date::sys_days(core::day_of(order.created_at, calendar));
    const auto last = date::sys_days(date::year(9999) / date::December / 31);
    return order.due_date.value_or(core::BusinessDay(std::min(own_day + date::days(order.terms_days), last)));
}

std::optional<core::MerchantOrderId> find_differing(core::db::TenantTransaction& transaction,
                                                    const std::vector<Order>& orders) {
    std::set<std::string> numbers;
    for (const auto& order : orders) {
        numbers.insert(order.id.text());
    }
    const auto terms = find_terms(transaction, numbers);
    for (const auto& order : orders) {
        const auto found = terms.find(order.id.text());
        if (found != terms.end() && !is_same(order, found->second)) {
            return order.id;
        }
    }
    return std::nullopt;
}

std::vector<Registration> register_orders(core::db::TenantTransaction& transaction, const std::vector<Order>& orders,
                                          const core::DayCut& calendar) {
    std::vector<OrderKey> keys;
    std::map<std::string, const Order*> first;  // of those with one number
    std::vector<const Order*> distinct;
    std::set<std::string> numbers;
    for (const auto& order : orders) {
        keys.push_back({transaction.tenant(), order.id});
        if (first.emplace(order.id.text(), &order).second) {
            distinct.push_back(&order);
            numbers.insert(order.id.text());
        }
    }
    auto [known, entry_numbers] = lock_and_read(transaction, {}, keys);
    auto inserted = insert(transaction, distinct);
    give_due_dates(transaction, distinct, inserted, calendar);
    const auto terms = find_terms(transaction, numbers);
    std::vector<Registration> registrations;
    for (const auto& order : orders) {
        if (inserted.erase(order.id.text()) == 1) {
            known.register_order(transaction.tenant(), order, core::day_of(order.created_at, calendar));
            registrations.push_back(Registration::registered);
            continue;
        }
        const bool same = is_same(order, terms.at(order.id.text()));
        registrations.push_back(same ? Registration::same_again : Registration::differs);
    }
    core::db::Trip trip(transaction);
    ledger::AccountsToOpen accounts;
    const Writing writing(transaction, trip, known, std::move(entry_numbers), accounts);
    trip.run();
    writing.require_done(trip);
    return registrations;
}

}  // namespace payments
