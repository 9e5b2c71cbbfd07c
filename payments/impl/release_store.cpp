#include <set>
#include <utility>

#include "core/db/column.h"
#include "core/failure.h"
#include "ledger/split.h"
#include "payments/impl/known_store.h"
#include "payments/release.h"

namespace payments {
namespace {

constexpr core::db::Statement kInsert{"insert_releases", R"(
insert into payments.releases (tenant_id, merchant_order_id, reason, released_at)
select $1, r.merchant_order_id, $2, r.released_at
from unnest($3::text[], $4::timestamptz[]) as r (merchant_order_id, released_at)
on conflict on constraint releases_pk do nothing returning merchant_order_id)"};

constexpr core::db::Statement kUnregistered{"unregistered_orders", R"(
select a.merchant_order_id from unnest($2::text[]) with ordinality as a (merchant_order_id, place)
where not exists (select from payments.orders o where o.tenant_id = $1 and o.merchant_order_id = a.merchant_order_id)
order by a.place limit 1)"};

// Paid orders that wait for a day, which is not known to have come.
constexpr core::db::Statement kWaiting{"orders_waiting_for_a_day", R"(
select o.merchant_order_id, o.split_shares, (extract(epoch from p.paid_at) * 1000)::bigint, 
       (extract(epoch from f.released_at) * 1000)::bigint
from payments.orders o
cross join lateral (
    select min(m.occurred_at) as paid_at from payments.movements m
    where m.tenant_id = o.tenant_id and m.merchant_order_id = o.merchant_order_id and m.merchant_order_id <> ''
      and m.type = 'payment' and m.status = 'captured') p
left join payments.releases f on f.tenant_id = o.tenant_id and f.merchant_order_id = o.merchant_order_id
    and f.reason = 'fulfilled'
where o.tenant_id = $1 and o.merchant_order_id > $2 and o.split_shares like 'v2;when=%'
  and o.split_shares not like 'v2;when=fulfilment;%' and p.paid_at is not null
  and not exists (select from payments.releases d where d.tenant_id = o.tenant_id
                      and d.merchant_order_id = o.merchant_order_id and d.reason = 'due')
order by o.merchant_order_id limit $3)"};

core::Instant instant(std::int64_t milliseconds) { return core::Instant(std::chrono::milliseconds(milliseconds)); }

const core::DayCut& utc() {
    static const core::DayCut kUtc{"UTC", std::chrono::minutes(0)};
    return kUtc;
}

config::SplitTime time_of(const std::string& split_shares) {
    const auto terms = ledger::terms_from_text(split_shares);
    core::ensure(terms.has_value(), "an order keeps its shares in a form we read");
    return terms->when;
}

std::vector<OrderKey> keys_of(const core::TenantId& tenant, const std::vector<core::MerchantOrderId>& orders) {
    std::vector<OrderKey> keys;
    keys.reserve(orders.size());
    for (const auto& order : orders) {
        keys.push_back({tenant, order});
    }
    return keys;
}

// Records that the orders, whose clusters are locked, were released for the reason, and posts what follows from it. The
// numbers of those that had not been before.
std::set<std::string> release(core::db::TenantTransaction& transaction, Ground ground, const std::string& reason,
                              const std::vector<Fulfilment>& released) {
    core::db::TextColumn orders;
    core::db::TimeColumn times;
    for (const auto& one : released) {
        orders.add(one.order.text());
        times.add(one.at);
    }
    std::set<std::string> fresh;
    for (const auto& row : core::db::run(transaction, kInsert, transaction.tenant().text(), reason, std::move(orders),
                                         std::move(times))) {
        fresh.insert(std::string(row.text(0)));
    }
    std::set<std::string> open = fresh;  // of an order that is named twice the first counts
    for (const auto& one : released) {
        if (open.erase(one.order.text()) == 1) {
            ground.known.release({transaction.tenant(), one.order}, reason, one.at, core::day_of(one.at, utc()));
        }
    }
    core::db::Trip trip(transaction);
    ledger::AccountsToOpen accounts;
    const Writing writing(transaction, trip, ground.known, std::move(ground.entry_numbers), accounts);
    trip.run();
    writing.require_done(trip);
    return fresh;
}

// Of the orders behind `after` that wait for a day, those whose day has come as far as can be said before they are
// locked.
std::vector<core::MerchantOrderId> look_for_due(core::db::TenantTransaction& transaction, core::BusinessDay today,
                                                const std::string& after, std::size_t limit, DueRound& round) {
    std::vector<core::MerchantOrderId> orders;
    const auto rows =
        core::db::run(transaction, kWaiting, transaction.tenant().text(), after, static_cast<std::int64_t>(limit));
    for (const auto& row : rows) {
        const auto fulfilled_at = row.text(3).empty() ? std::nullopt : std::optional(instant(row.integer(3)));
        const auto due = due_day(time_of(std::string(row.text(1))), instant(row.integer(2)), fulfilled_at);
        if (due && *due <= today) {
            orders.emplace_back(std::string(row.text(0)));
        }
        round.looked_up_to = std::string(row.text(0));
    }
    if (static_cast<std::size_t>(rows.size()) < limit) {
        round.looked_up_to = std::nullopt;
    }
    return orders;
}

}  // namespace

std::optional<core::MerchantOrderId> find_unregistered(core::db::TenantTransaction& transaction,
                                                       const std::vector<core::MerchantOrderId>& orders) {
    core::db::TextColumn numbers;
    for (const auto& order : orders) {
        numbers.add(order.text());
    }
    const auto rows = core::db::run(transaction, kUnregistered, transaction.tenant().text(), std::move(numbers));
    return rows.size() == 0 ? std::nullopt : std::optional(core::MerchantOrderId(std::string(rows[0].text(0))));
}

std::vector<FulfilmentOutcome> fulfil_orders(core::db::TenantTransaction& transaction,
                                             const std::vector<Fulfilment>& fulfilments) {
    std::vector<core::MerchantOrderId> orders;
    orders.reserve(fulfilments.size());
    for (const auto& fulfilment : fulfilments) {
        orders.push_back(fulfilment.order);
    }
    auto ground = lock_and_read(transaction, {}, keys_of(transaction.tenant(), orders));
    std::vector<Fulfilment> of_known;
    std::vector<FulfilmentOutcome> outcomes;
    for (const auto& fulfilment : fulfilments) {
        const bool known = ground.known.find_order({transaction.tenant(), fulfilment.order}) != nullptr;
        outcomes.push_back(known ? FulfilmentOutcome::same_again : FulfilmentOutcome::unknown_order);
        if (known) {
            of_known.push_back(fulfilment);
        }
    }
    auto fresh = release(transaction, std::move(ground), "fulfilled", of_known);
    for (std::size_t i = 0; i < fulfilments.size(); ++i) {
        if (fresh.erase(fulfilments[i].order.text()) == 1) {
            outcomes[i] = FulfilmentOutcome::recorded;
        }
    }
    return outcomes;
}

DueRound share_out_due(core::db::TenantTransaction& transaction, core::Instant now, const std::string& after,
                       std::size_t limit) {
    DueRound round;
    const auto today = core::day_of(now, utc());
    const auto orders = look_for_due(transaction, today, after, limit, round);
    if (orders.empty()) {
        return round;
    }
    auto ground = lock_and_read(transaction, {}, keys_of(transaction.tenant(), orders));
    std::vector<Fulfilment> due;
    for (const auto& order : orders) {
        const auto day = ground.known.due_day_of({transaction.tenant(), order});
        if (day && *day <= today) {
            due.push_back({order, now});
        }
    }
    round.shared_out = release(transaction, std::move(ground), "due", due).size();
    return round;
}

}  // namespace payments
