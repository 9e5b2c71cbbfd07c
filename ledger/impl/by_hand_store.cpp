#include "ledger/by_hand.h"

#include <algorithm>
#include <map>
#include <utility>

#include "core/db/column.h"
#include "core/failure.h"

namespace ledger {
namespace {

using core::db::IntegerColumn;
using core::db::Statement;
using core::db::TextColumn;

// Whoever posts by hand holds it in common, and whoever sets a limit alone (limits_store.cpp).
constexpr Statement kShareLimits{"share_limits", R"(
select count(pg_advisory_xact_lock_shared(hashtextextended('limits of ' || t.name, 0)))
from (select name from unnest($1::text[]) with ordinality as n (name, place) order by place) t)"};

constexpr Statement kClosed{"days_closed", R"(
select t.tenant_id, (select max(c.closed_until)::text from ledger.closes c where c.tenant_id = t.tenant_id)
from unnest($1::text[]) as t (tenant_id))"};

// A row for each leg, an entry's together and in their order.
constexpr Statement kStanding{"entries_standing", R"(
select e.tenant_id, e.source_key, e.entry_id, e.event, e.group_key, e.description,
       (extract(epoch from e.occurred_at) * 1000)::bigint, e.business_date::text,
       (extract(epoch from e.recorded_at) * 1000)::bigint, l.leg_no, l.account, l.currency, l.amount
from unnest($1::text[], $2::text[]) as a (tenant_id, source_key)
join ledger.entries e on e.source_key = a.source_key and e.tenant_id = a.tenant_id,
unnest(e.leg_accounts, e.leg_currencies, e.leg_amounts) with ordinality as l (account, currency, amount, leg_no)
order by e.entry_id, l.leg_no)"};

// The places of those that have a limit. Where none of the tenants has set any, nothing is looked up.
constexpr Statement kLimited{"accounts_limited", R"(
select a.place
from unnest($1::text[], $2::text[], $3::text[]) with ordinality as a (tenant_id, account, currency, place)
where (select exists (select from ledger.limits l where l.tenant_id = any ($1::text[])))
  and (select l.overdraft_minor from ledger.limits l
       where l.account = a.account and l.currency = a.currency and l.tenant_id = a.tenant_id
       order by l.limit_no desc limit 1) is not null)"};

constexpr Statement kRecorded{"entries_recorded", R"(
select e.entry_id, (extract(epoch from e.recorded_at) * 1000)::bigint
from unnest($1::text[], $2::bigint[]) as a (tenant_id, entry_id)
join ledger.entries e on e.tenant_id = a.tenant_id and e.entry_id = a.entry_id)"};

using SourceKey = std::pair<std::string, std::string>;  // of a tenant
SourceKey source_of(const Posting& posting) { return {posting.tenant.text(), posting.entry.head().source_key}; }

core::Instant instant(std::int64_t milliseconds) { return core::Instant(std::chrono::milliseconds(milliseconds)); }

std::size_t ask_standing(core::db::Trip& trip, const std::vector<Posting>& postings) {
    TextColumn tenants, sources;
    for (const auto& posting : postings) {
        tenants.add(posting.tenant.text());
        sources.add(posting.entry.head().source_key);
    }
    return trip.add(kStanding, std::move(tenants), std::move(sources));
}

std::map<SourceKey, StoredEntry> standing_of(const core::db::Rows& rows) {
    std::map<SourceKey, StoredEntry> all;
    for (const auto& row : rows) {
        const auto text = [&](int column) { return std::string(row.text(column)); };
        auto [found, is_new] = all.try_emplace({text(0), text(1)});
        if (is_new) {
            found->second = {
                core::EntryId(row.integer(2)), text(3), text(1), text(4), text(5), instant(row.integer(6)), text(7),
                instant(row.integer(8)),       {}};
        }
        found->second.legs.push_back({static_cast<int>(row.integer(9)), text(10), text(11), row.integer(12)});
    }
    return all;
}

StoredEntry stored(const Entry& entry, std::int64_t number, core::Instant recorded_at) {
    const auto& head = entry.head();
    StoredEntry stored{core::EntryId(number),
                       head.event,
                       head.source_key,
                       head.group_key,
                       head.description,
                       head.occurred_at,
                       core::format_day(head.business_day),
                       recorded_at,
                       {}};
    for (const auto& leg : entry.legs()) {
        stored.legs.push_back({static_cast<int>(stored.legs.size()) + 1, leg.account.name(),
                               std::string(leg.amount.currency().code()), leg.amount.minor()});
    }
    return stored;
}

ByHand standing(const StoredEntry& stands, const Entry& entry) {
    return {says_the_same(stands, entry) ? ByHand::Outcome::stands : ByHand::Outcome::differs, stands, {}};
}

// Somebody else has posted under the source key since it was looked for, other than by hand.
ByHand stands_meanwhile(core::db::Transaction& transaction, const Posting& posting) {
    core::db::Trip trip(transaction);
    const auto place = ask_standing(trip, {posting});
    trip.run();
    return standing(standing_of(trip[place]).at(source_of(posting)), posting.entry);
}

std::int64_t sum(std::int64_t one, std::int64_t other) {
    const auto both = core::checked_add(one, other);
    core::ensure(both.has_value(), "a balance fits 64 bits");
    return *both;
}

std::set<core::TenantId> tenants_of(const std::vector<Posting>& postings) {
    std::set<core::TenantId> tenants;
    for (const auto& posting : postings) {
        tenants.insert(posting.tenant);
    }
    return tenants;
}

TextColumn names_of(const std::set<core::TenantId>& tenants) {
    TextColumn names;
    for (const auto& tenant : tenants) {
        names.add(tenant.text());
    }
    return names;
}

std::size_t ask_limited(core::db::Trip& trip, const std::vector<AccountKey>& accounts) {
    TextColumn tenants, names, currencies;
    for (const auto& key : accounts) {
        tenants.add(key.tenant.text());
        names.add(key.account.name());
        currencies.add(key.currency.code());
    }
    return trip.add(kLimited, std::move(tenants), std::move(names), std::move(currencies));
}

DaysHeldOpen take_locks(core::db::Trip& trip, const std::vector<Posting>& postings) {
    const auto tenants = tenants_of(postings);
    const auto days = hold_days_open(trip, tenants);
    trip.add(kShareLimits, names_of(tenants));
    return days;
}

}  // namespace

bool has_legs_of(const StoredEntry& stands, const Entry& entry) {
    const auto legs = legs_of(stands);
    return std::equal(
        legs.begin(), legs.end(), entry.legs().begin(), entry.legs().end(),
        [](const Leg& one, const Leg& other) { return one.account == other.account && one.amount == other.amount; });
}

bool says_the_same(const StoredEntry& stands, const Entry& entry) {
    return stands.description == entry.head().description &&
           stands.business_date == core::format_day(entry.head().business_day) && has_legs_of(stands, entry);
}

// What is known under the locks, each entry applied to it in its turn.
class EntriesByHand::Ground {
public:
    Ground(std::map<SourceKey, StoredEntry> standing, std::map<std::string, core::BusinessDay> closed,
           std::map<AccountKey, Available> available)
        : standing_(std::move(standing)), closed_(std::move(closed)), available_(std::move(available)) {}

    // Nothing when it is to be posted.
    std::optional<ByHand> refusal(const Posting& posting) {
        if (const auto found = standing_.find(source_of(posting)); found != standing_.end()) {
            return standing(found->second, posting.entry);
        }
        const auto day = posting.entry.head().business_day;
        if (const auto closed = closed_.find(posting.tenant.text()); closed != closed_.end() && day <= closed->second) {
            return ByHand{ByHand::Outcome::day_closed,
                          {},
                          core::format_day(day) + " is closed; date a correction " +
                              core::format_day(core::day_after(closed->second)) + " or later"};
        }
        const auto taken = taken_by(posting);
        for (const auto& [key, minor] : taken) {
            if (const auto& there = available_.at(key); minor > 0 && !there.covers(minor)) {
                return ByHand{ByHand::Outcome::beyond_limit, {}, beyond_limit(key, there, minor)};
            }
        }
        for (const auto& [key, minor] : taken) {
            auto& there = available_.at(key);
            there.posted = sum(there.posted, -minor);
        }
        return std::nullopt;
    }

private:
    // Of accounts with limits; below zero for what it gives.
    std::map<AccountKey, std::int64_t> taken_by(const Posting& posting) const {
        std::map<AccountKey, std::int64_t> taken;
        if (available_.empty()) {
            return taken;
        }
        for (const auto& leg : posting.entry.legs()) {
            const AccountKey key{posting.tenant, leg.account, leg.amount.currency()};
            if (available_.contains(key)) {
                taken[key] = sum(taken[key], taking_sign(leg.account.kind()) * leg.amount.minor());
            }
        }
        return taken;
    }

    std::map<SourceKey, StoredEntry> standing_;
    std::map<std::string, core::BusinessDay> closed_;
    std::map<AccountKey, Available> available_;
};

EntriesByHand::EntriesByHand(core::db::Trip& trip, std::vector<Posting> postings, core::Instant now)
    : postings_(std::move(postings)),
      now_(now),
      accounts_(accounts()),
      numbers_(trip, postings_.size(), take_locks(trip, postings_)),
      closed_(trip.add(kClosed, names_of(tenants_of(postings_)))),
      standing_(ask_standing(trip, postings_)),
      limited_(ask_limited(trip, accounts_)) {}

std::vector<AccountKey> EntriesByHand::accounts() const {
    std::set<AccountKey> keys;
    for (const auto& posting : postings_) {
        for (const auto& leg : posting.entry.legs()) {
            keys.insert({posting.tenant, leg.account, leg.amount.currency()});
        }
    }
    return {keys.begin(), keys.end()};
}

EntriesByHand::Ground EntriesByHand::ground(core::db::Transaction& transaction, const core::db::Trip& trip) const {
    std::map<std::string, core::BusinessDay> closed;
    for (const auto& row : trip[closed_]) {
        if (const auto day = core::parse_day(row.text(1))) {
            closed.emplace(row.text(0), *day);
        }
    }
    std::vector<AccountKey> limited;
    for (const auto& row : trip[limited_]) {
        limited.push_back(accounts_.at(static_cast<std::size_t>(row.integer(0)) - 1));
    }
    std::map<AccountKey, Available> available;
    if (!limited.empty()) {
        core::db::Trip second(transaction);
        const AvailableQuestion question(second, std::move(limited), now_);
        second.run();
        available = question.answer(second);
    }
    return {standing_of(trip[standing_]), std::move(closed), std::move(available)};
}

std::vector<std::optional<ByHand>> EntriesByHand::post(core::db::Transaction& transaction, const core::db::Trip& trip,
                                                       AccountsToOpen& accounts) {
    std::vector<std::optional<ByHand>> all(postings_.size());
    if (left_out_.size() == postings_.size()) {
        return all;
    }
    auto known = ground(transaction, trip);
    std::vector<std::size_t> to_post;
    for (std::size_t i = 0; i < postings_.size(); ++i) {
        if (left_out_.contains(i)) {
            continue;
        }
        all[i] = known.refusal(postings_[i]);
        if (!all[i]) {
            to_post.push_back(i);
        }
    }
    if (!to_post.empty()) {
        write(transaction, to_post, numbers_.all(trip), accounts, all);
    }
    return all;
}

void EntriesByHand::write(core::db::Transaction& transaction, const std::vector<std::size_t>& places,
                          std::vector<std::int64_t> numbers, AccountsToOpen& accounts,
                          std::vector<std::optional<ByHand>>& all) {
    std::vector<Posting> postings;
    TextColumn tenants;
    IntegerColumn entries;
    for (const auto place : places) {
        tenants.add(postings_[place].tenant.text());
        entries.add(numbers.at(postings.size()));
        postings.push_back(std::move(postings_[place]));
    }
    core::db::Trip trip(transaction);
    const NewEntries written(trip, postings, std::move(numbers), accounts);
    const auto recorded = trip.add(kRecorded, std::move(tenants), std::move(entries));
    trip.run();
    std::map<std::int64_t, core::Instant> recorded_at;
    for (const auto& row : trip[recorded]) {
        recorded_at.emplace(row.integer(0), instant(row.integer(1)));
    }
    const auto ids = written.ids(trip);
    for (std::size_t i = 0; i < places.size(); ++i) {
        all[places[i]] = ids[i] ? ByHand{ByHand::Outcome::posted,
                                         stored(postings[i].entry, ids[i]->number(), recorded_at.at(ids[i]->number())),
                                         {}}
                                : stands_meanwhile(transaction, postings[i]);
    }
}

}  // namespace ledger
