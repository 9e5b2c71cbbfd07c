#include <algorithm>
#include <set>
#include <string>
#include <utility>

#include "core/db/column.h"
#include "core/failure.h"
#include "core/json/writer.h"
#include "payments/impl/known_store.h"

namespace payments {
namespace {

using core::db::IntegerColumn;
using core::db::Statement;
using core::db::TextColumn;

constexpr Statement kInsert{"insert_movements", R"(
insert into payments.movements (tenant_id, channel, type, channel_txn_id, status, amount_minor, currency,
    merchant_order_id, own_order_id, related_txn_id, occurred_at, business_date, date_rank, attributes,
    masked_card, entry_id, order_agrees)
select tenant_id, channel, type, channel_txn_id, status, amount_minor, currency, merchant_order_id, own_order_id,
       related_txn_id, occurred_at, business_date, date_rank, attributes, masked_card, nullif(entry_id, 0),
       nullif(order_agrees, 0)::integer::boolean
from unnest($1::text[], $2::text[], $3::text[], $4::text[], $5::text[], $6::bigint[], $7::text[], $8::text[],
            $9::text[], $10::text[], $11::timestamptz[], $12::date[], $13::bigint[], $14::jsonb[], $15::text[],
            $16::bigint[], $17::bigint[])
    as t (tenant_id, channel, type, channel_txn_id, status, amount_minor, currency, merchant_order_id, own_order_id,
          related_txn_id, occurred_at, business_date, date_rank, attributes, masked_card, entry_id, order_agrees))"};

constexpr Statement kUpdate{"update_movements", R"(
update payments.movements m set
    status = t.status, amount_minor = t.amount_minor, currency = t.currency,
    merchant_order_id = t.merchant_order_id, own_order_id = t.own_order_id, related_txn_id = t.related_txn_id,
    occurred_at = t.occurred_at, business_date = t.business_date, date_rank = t.date_rank, attributes = t.attributes,
    masked_card = t.masked_card, entry_id = coalesce(m.entry_id, nullif(t.entry_id, 0)),
    moved_from = case when m.business_date <> t.business_date then m.business_date else m.moved_from end,
    order_agrees = nullif(t.order_agrees, 0)::integer::boolean
from unnest($1::text[], $2::text[], $3::text[], $4::text[], $5::text[], $6::bigint[], $7::text[], $8::text[],
            $9::text[], $10::text[], $11::timestamptz[], $12::date[], $13::bigint[], $14::jsonb[], $15::text[],
            $16::bigint[], $17::bigint[])
    as t (tenant_id, channel, type, channel_txn_id, status, amount_minor, currency, merchant_order_id, own_order_id,
          related_txn_id, occurred_at, business_date, date_rank, attributes, masked_card, entry_id, order_agrees)
where m.tenant_id = t.tenant_id and m.channel = t.channel and m.type = t.type
  and m.channel_txn_id = t.channel_txn_id)"};

// What was told first stays, and is not read again: of a number, this process sees one part or the other.
constexpr Statement kFingerprints{"insert_card_fingerprints", R"(
insert into payments.card_fingerprints (tenant_id, channel, type, channel_txn_id, card_fingerprint)
select * from unnest($1::text[], $2::text[], $3::text[], $4::text[], $5::text[])
on conflict do nothing)"};

std::string json_of(const Attributes& attributes) {
    core::json::Writer json;
    json.begin_object();
    for (const auto& [name, value] : attributes) {
        json.member(name, std::string_view(value));
    }
    json.end_object();
    return json.text();
}

// An order stays as it was registered: what is true once needn't be asked again.
bool has_its_order(const Known& known, const MovementKey& key, const Transaction& told) {
    const auto* order =
        key.type == TransactionType::payment ? known.find_order({key.tenant, told.merchant_order_id}) : nullptr;
    return order != nullptr && order->amount == told.amount;
}

// The columns of many movements, as kInsert and kUpdate take them.
struct Columns {
    TextColumn tenant, channel, type, txn_id, status, currency, order, own_order, related, masked_card;
    core::db::JsonColumn attributes;
    core::db::TimeColumn occurred_at;
    core::db::DayColumn business_day;
    IntegerColumn amount, date_rank, entry, order_agrees;

    void add(const MovementKey& key, const Transaction& told, std::int64_t entry_number, bool has_its_order) {
        tenant.add(key.tenant.text());
        channel.add(key.channel);
        type.add(name_of(key.type));
        txn_id.add(key.txn_id);
        status.add(name_of(told.status));
        amount.add(told.amount.minor());
        currency.add(told.amount.currency().code());
        order.add(told.merchant_order_id.text());
        own_order.add(told.own_order_id);
        related.add(told.related_txn_id.text());
        occurred_at.add(told.occurred_at);
        business_day.add(told.business_day);
        date_rank.add(told.date_rank);
        attributes.add(json_of(told.attributes));
        masked_card.add(told.masked_card);
        entry.add(entry_number);
        order_agrees.add(has_its_order ? 1 : 0);
    }

    void add_to(core::db::Trip& trip, const Statement& statement) && {
        if (!tenant.empty()) {
            trip.add(statement, std::move(tenant), std::move(channel), std::move(type), std::move(txn_id),
                     std::move(status), std::move(amount), std::move(currency), std::move(order), std::move(own_order),
                     std::move(related), std::move(occurred_at), std::move(business_day), std::move(date_rank),
                     std::move(attributes), std::move(masked_card), std::move(entry), std::move(order_agrees));
        }
    }
};

struct FingerprintColumns {
    TextColumn tenant, channel, type, txn_id, fingerprint;

    void add(const MovementKey& key, const std::string& card_fingerprint) {
        tenant.add(key.tenant.text());
        channel.add(key.channel);
        type.add(name_of(key.type));
        txn_id.add(key.txn_id);
        fingerprint.add(card_fingerprint);
    }
    void add_to(core::db::Trip& trip) && {
        if (!tenant.empty()) {
            trip.add(kFingerprints, std::move(tenant), std::move(channel), std::move(type), std::move(txn_id),
                     std::move(fingerprint));
        }
    }
};

}  // namespace

Writing::Writing(core::db::Transaction& transaction, core::db::Trip& trip, const Known& known,
                 std::vector<std::int64_t> numbers, ledger::AccountsToOpen& accounts) {
    const auto& postings = known.postings();
    if (numbers.size() < postings.size()) {
        core::db::Trip before(transaction);
        std::set<core::TenantId> tenants;
        for (const auto& posting : postings) {
            tenants.insert(posting.tenant);
        }
        const ledger::EntryNumbers more(before, postings.size() - numbers.size(),
                                        ledger::hold_days_open(before, tenants));
        before.run();
        const auto added = more.all(before);
        numbers.insert(numbers.end(), added.begin(), added.end());
    }
    Columns inserted;
    Columns updated;
    FingerprintColumns fingerprints;
    for (const auto& [key, movement] : known.movements()) {
        if (movement.is_changed) {
            if (!movement.told.card_fingerprint.empty()) {
                fingerprints.add(key, movement.told.card_fingerprint);
            }
            auto& columns = movement.is_stored ? updated : inserted;
            columns.add(key, movement.told, movement.posting ? numbers.at(*movement.posting) : 0,
                        has_its_order(known, key, movement.told));
        }
    }
    if (!postings.empty()) {
        entries_.emplace(trip, postings, std::move(numbers), accounts);
    }
    std::move(inserted).add_to(trip, kInsert);
    std::move(updated).add_to(trip, kUpdate);
    std::move(fingerprints).add_to(trip);
}

void Writing::require_done(const core::db::Trip& trip) const {
    if (entries_) {
        const auto ids = entries_->ids(trip);
        const bool all_posted = std::all_of(ids.begin(), ids.end(), [](const auto& id) { return id.has_value(); });
        core::ensure(all_posted, "an event of an order posts once");
    }
}

}  // namespace payments
