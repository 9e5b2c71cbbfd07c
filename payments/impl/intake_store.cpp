#include "payments/intake.h"

#include <map>

#include "core/crypto/digest.h"
#include "core/db/array.h"
#include "core/db/work.h"
#include "core/failure.h"
#include "payments/impl/known_store.h"

namespace payments {
namespace {

using core::db::text_array;

constexpr core::db::Statement kInbox{"inbox", R"(
insert into payments.inbox as i
    (tenant_id, channel, event_id, event_type, body_sha256, redacted_body, received_at, deliveries)
select * from unnest($1::text[], $2::text[], $3::text[], $4::text[], $5::text[], $6::text[], $7::timestamptz[],
                     $8::integer[])
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

// How often each message had come before these. Rows are written in the order of their keys, so that two transactions
// with the same messages don't wait for each other.
std::map<MessageKey, std::int64_t> write_inbox(core::db::Transaction& transaction, const std::vector<Heard>& heard) {
    struct Delivered {
        const Heard* first;
        std::int64_t times;
    };
    std::map<MessageKey, Delivered> messages;
    for (const auto& one : heard) {
        ++messages.try_emplace(key_of(one), Delivered{&one, 0}).first->second.times;
    }
    std::vector<std::string> tenants, channels, ids, types, digests, bodies, received;
    std::vector<std::int64_t> times;
    for (const auto& [key, delivered] : messages) {
        tenants.push_back(key.tenant.text());
        channels.push_back(key.channel);
        ids.push_back(key.event_id);
        types.push_back(delivered.first->message->event_type);
        digests.push_back(core::crypto::sha256_hex(delivered.first->request->body));
        bodies.push_back(delivered.first->message->redacted_body);
        received.push_back(core::format_rfc3339(delivered.first->request->received_at));
        times.push_back(delivered.times);
    }
    std::map<MessageKey, std::int64_t> before;
    for (const auto& row : core::db::run(transaction, kInbox, text_array(tenants), text_array(channels),
                                         text_array(ids), text_array(types), text_array(digests), text_array(bodies),
                                         text_array(received), core::db::integer_array(times))) {
        const MessageKey key{core::TenantId(row[0].as<std::string>()), row[1].as<std::string>(),
                             row[2].as<std::string>()};
        before[key] = row[3].as<std::int64_t>() - messages.at(key).times;
    }
    return before;
}

}  // namespace

std::vector<IntakeOutcome> take_in(core::db::Transaction& transaction, const std::vector<Heard>& heard) {
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
    if (!told.empty()) {
        auto known = lock_and_read(transaction, told, {});
        auto next = told.begin();
        for (std::size_t i = 0; i < heard.size(); ++i) {
            for (std::size_t n = heard[i].message->transactions.size(); n > 0; --n, ++next) {
                posted[i] = known.take_in(next->key, *next->movement) || posted[i];
            }
        }
        write(transaction, known);
    }
    auto before = write_inbox(transaction, heard);
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
