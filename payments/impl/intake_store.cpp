#include "payments/intake.h"

#include <map>
#include <utility>

#include "core/crypto/digest.h"
#include "core/db/column.h"
#include "core/failure.h"
#include "payments/impl/known_store.h"

namespace payments {
namespace {

using core::db::TextColumn;

constexpr core::db::Statement kInbox{"inbox", R"(
insert into payments.inbox as i
    (tenant_id, channel, event_id, event_type, body_sha256, redacted_body, received_at, deliveries)
select * from unnest($1::text[], $2::text[], $3::text[], $4::text[], $5::text[], $6::text[], $7::timestamptz[],
                     $8::bigint[])
on conflict on constraint inbox_pk do update set deliveries = i.deliveries + excluded.deliveries
returning tenant_id, channel, event_id, deliveries)"};

struct MessageKey {
    core::TenantId tenant;
    std::string channel;
    std::string event_id;
    auto operator<=>(const MessageKey&) const = default;
};
MessageKey key_of(const Heard& heard) { return {heard.tenant, heard.channel, heard.message->event_id}; }

MovementKey key_of(const Heard& heard, const Transaction& told) {
    return {heard.tenant, heard.channel, told.type, told.channel_txn_id.text()};
}

// Rows are written in the order of their keys, so that two transactions with the same messages don't wait for each
// other.
class Inbox {
public:
    Inbox(core::db::Trip& trip, const std::vector<Heard>& heard) {
        std::map<MessageKey, const Heard*> first;
        for (const auto& one : heard) {
            const auto key = key_of(one);
            first.emplace(key, &one);
            ++times_[key];
        }
        TextColumn tenants, channels, ids, types, digests, bodies;
        core::db::TimeColumn received;
        core::db::IntegerColumn times;
        for (const auto& [key, one] : first) {
            tenants.add(key.tenant.text());
            channels.add(key.channel);
            ids.add(key.event_id);
            types.add(one->message->event_type);
            digests.add(core::crypto::sha256_hex(one->request->body));
            bodies.add(one->message->redacted_body);
            received.add(one->request->received_at);
            times.add(times_.at(key));
        }
        place_ = trip.add(kInbox, std::move(tenants), std::move(channels), std::move(ids), std::move(types),
                          std::move(digests), std::move(bodies), std::move(received), std::move(times));
    }

    // How often each message had come before these.
    std::map<MessageKey, std::int64_t> before(const core::db::Trip& trip) const {
        std::map<MessageKey, std::int64_t> before;
        for (const auto& row : trip[place_]) {
            const MessageKey key{core::TenantId(std::string(row.text(0))), std::string(row.text(1)),
                                 std::string(row.text(2))};
            before[key] = row.integer(3) - times_.at(key);
        }
        return before;
    }

private:
    std::map<MessageKey, std::int64_t> times_;
    std::size_t place_;
};

}  // namespace

std::vector<IntakeOutcome> take_in(core::db::Transaction& transaction, const std::vector<Heard>& heard) {
    ledger::AccountsToOpen accounts;
    return take_in(transaction, heard, accounts);
}

std::vector<IntakeOutcome> take_in(core::db::Transaction& transaction, const std::vector<Heard>& heard,
                                   ledger::AccountsToOpen& accounts) {
    if (heard.empty()) {
        return {};
    }
    std::vector<Told> told;
    for (const auto& one : heard) {
        for (const auto& movement : one.message->transactions) {
            told.push_back({key_of(one, movement), &movement});
        }
    }
    std::vector<bool> posted(heard.size(), false);
    Ground ground;
    if (!told.empty()) {
        ground = lock_and_read(transaction, told, {});
        auto next = told.begin();
        for (std::size_t i = 0; i < heard.size(); ++i) {
            for (std::size_t n = heard[i].message->transactions.size(); n > 0; --n, ++next) {
                posted[i] = ground.known.take_in(next->key, *next->movement) || posted[i];
            }
        }
    }
    core::db::Trip trip(transaction);
    const Writing writing(transaction, trip, ground.known, std::move(ground.entry_numbers), accounts);
    const Inbox inbox(trip, heard);
    trip.run();
    writing.require_done(trip);
    auto before = inbox.before(trip);
    std::vector<IntakeOutcome> outcomes;
    for (std::size_t i = 0; i < heard.size(); ++i) {
        const bool was_there = before.at(key_of(heard[i]))++ > 0;
        outcomes.push_back(posted[i]   ? IntakeOutcome::booked
                           : was_there ? IntakeOutcome::repeated
                                       : IntakeOutcome::recorded);
    }
    return outcomes;
}

}  // namespace payments
