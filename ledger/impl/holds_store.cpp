#include "ledger/holds.h"

#include <array>
#include <utility>

#include "core/db/work.h"
#include "core/failure.h"
#include "ledger/gate.h"

namespace ledger {
namespace {

using core::db::Statement;

#define HOLD_COLUMNS                                                                                     \
    "select hold_id, source_key, account, counter_account, currency, amount_minor, description, "        \
    "(extract(epoch from created_at) * 1000)::bigint, (extract(epoch from expires_at) * 1000)::bigint, " \
    "state, (extract(epoch from ended_at) * 1000)::bigint, posted_minor, entry_id from ledger.holds "

constexpr Statement kOfNumber{"hold_of_number", HOLD_COLUMNS "where hold_id = $2 and tenant_id = $1"};
constexpr Statement kOfKey{"hold_of_key", HOLD_COLUMNS "where source_key = $2 and tenant_id = $1"};

// Of a state as of the time asked for: what has lapsed is expired, marked or not.
constexpr const char* kHolds = HOLD_COLUMNS R"(
where tenant_id = $1 and amount_minor > 0 and ($2 = '' or account = $2)
  and ($3 = '' or $3 = case when state = 'pending' and expires_at <= $4::timestamptz then 'expired' else state end)
  and hold_id < $6 and ($7 = '' or source_key = $7)
order by hold_id desc limit $5)";

constexpr const char* kInsert = R"(
insert into ledger.holds (tenant_id, source_key, account, counter_account, currency, amount_minor, description,
                          created_at, expires_at)
values ($1, $2, $3, $4, $5, $6, $7, $8::timestamptz, $9::timestamptz)
on conflict on constraint holds_source_once do nothing)";

constexpr const char* kEnd = R"(
update ledger.holds set state = $3, ended_at = $4::timestamptz, posted_minor = $5, entry_id = $6
where hold_id = $2 and tenant_id = $1 and state = 'pending')";

constexpr const char* kLapsed = R"(
select distinct account, currency from ledger.holds
where tenant_id = $1 and state = 'pending' and expires_at <= $2::timestamptz
order by account, currency limit 1000)";

struct Name {
    HoldState state;
    std::string_view name;
};
constexpr std::array<Name, 4> kNames{{{HoldState::pending, "pending"},
                                      {HoldState::posted, "posted"},
                                      {HoldState::voided, "voided"},
                                      {HoldState::expired, "expired"}}};

core::Instant instant(std::int64_t milliseconds) { return core::Instant(std::chrono::milliseconds(milliseconds)); }

Account stored_account(std::string_view name) {
    auto account = Account::from_name(std::string(name));
    core::ensure(account.has_value(), "the books hold accounts we know");
    return *account;
}
core::Currency stored_currency(std::string_view code) {
    const auto currency = core::Currency::from_code(code);
    core::ensure(currency.has_value(), "the books hold currencies we know");
    return *currency;
}

// H3: what has lapsed by `now` is expired.
HoldState state_at(std::string_view name, core::Instant expires_at, core::Instant now) {
    const auto state = hold_state_from_name(name);
    core::ensure(state.has_value(), "a hold is in one of the four states");
    return *state == HoldState::pending && expires_at <= now ? HoldState::expired : *state;
}

// As HOLD_COLUMNS give it.
Hold hold_of(const core::db::Rows::Row& row, core::Instant now) {
    const auto expires_at = instant(row.integer(8));
    Hold hold{row.integer(0),
              {std::string(row.text(1)),
               stored_account(row.text(2)),
               stored_account(row.text(3)),
               {row.integer(5), stored_currency(row.text(4))},
               expires_at,
               std::string(row.text(6))},
              instant(row.integer(7)),
              state_at(row.text(9), expires_at, now),
              std::nullopt,
              0,
              std::nullopt};
    if (!row.text(10).empty()) {
        hold.ended_at = instant(row.integer(10));
    }
    if (!row.text(12).empty()) {
        hold.posted_minor = row.integer(11);
        hold.entry = core::EntryId(row.integer(12));
    }
    return hold;
}

std::optional<Hold> first_of(const core::db::Rows& rows, core::Instant now) {
    return rows.size() == 0 ? std::nullopt : std::optional(hold_of(rows[0], now));
}

std::optional<Hold> find(core::db::TenantTransaction& transaction, const std::string& source_key, core::Instant now) {
    return first_of(core::db::run(transaction, kOfKey, transaction.tenant().text(), source_key), now);
}

AccountKey key_of(const core::db::TenantTransaction& transaction, const NewHold& hold) {
    return {transaction.tenant(), hold.account, hold.amount.currency()};
}

// The account's lock, what is available there, and the hold of the key as it stands under that lock.
struct UnderLock {
    Available available;
    std::optional<Hold> hold;
};
UnderLock lock_and_read(core::db::TenantTransaction& transaction, const NewHold& what, core::Instant now) {
    const auto key = key_of(transaction, what);
    core::db::Trip trip(transaction);
    hold_days_open(trip, {transaction.tenant()});  // before the account's lock, for the hold's entry
    const AvailableQuestion question(trip, {key}, now);
    const auto place = trip.add(kOfKey, transaction.tenant().text(), what.source_key);
    trip.run();
    return {question.answer(trip).at(key), first_of(trip[place], now)};
}

// Until when is not asked: who asks again for "fifteen minutes" says a later time.
bool same(const NewHold& stands, const NewHold& asked) {
    return stands.account == asked.account && stands.counter_account == asked.counter_account &&
           stands.amount == asked.amount && stands.description == asked.description;
}

HoldResult stands_already(const Hold& stands, const NewHold& asked) {
    if (!same(stands.what, asked)) {
        return core::Refused{HoldRefusal{HoldError::key_taken, stands, {}}};
    }
    return HoldAnswer{stands, true};
}

void end(core::db::TenantTransaction& transaction, const Hold& hold, HoldState state, core::Instant now,
         std::optional<std::int64_t> posted_minor, std::optional<std::int64_t> entry) {
    const auto ended = core::db::run(transaction, kEnd, transaction.tenant().text(), hold.number,
                                     std::string(name_of(state)), core::format_rfc3339(now), posted_minor, entry);
    core::ensure(ended.affected_rows() == 1, "H1: a hold that is pending under its account's lock ends once");
}

// What a hold that has ended answers to whoever wants it to end so; nothing while it is pending.
std::optional<HoldResult> ended(const Hold& hold, HoldState wanted, std::optional<std::int64_t> minor) {
    switch (hold.state) {
        case HoldState::pending:
            return std::nullopt;
        case HoldState::posted:
            if (wanted == HoldState::posted && minor.value_or(hold.posted_minor) == hold.posted_minor) {
                return HoldAnswer{hold, true};
            }
            return core::Refused{HoldRefusal{HoldError::is_posted, hold, {}}};
        case HoldState::voided:
            if (wanted == HoldState::voided) {
                return HoldAnswer{hold, true};
            }
            return core::Refused{HoldRefusal{HoldError::is_voided, hold, {}}};
        case HoldState::expired:
            return core::Refused{HoldRefusal{HoldError::is_expired, hold, {}}};
    }
    return std::nullopt;
}

Entry entry_of(const Hold& hold, std::int64_t minor, core::Instant now, core::BusinessDay day) {
    const auto taken = taking_sign(hold.what.account.kind()) * minor;
    const auto currency = hold.what.amount.currency();
    auto entry = Entry::make({"hold", "hold:" + hold.what.source_key, "", hold.what.description, now, day},
                             {{hold.what.account, {taken, currency}}, {hold.what.counter_account, {-taken, currency}}});
    core::ensure(static_cast<bool>(entry), "what was held is an entry");
    return *std::move(entry);
}

}  // namespace

std::string_view name_of(HoldState state) {
    for (const auto& row : kNames) {
        if (row.state == state) {
            return row.name;
        }
    }
    core::ensure(false, "a hold is in one of the four states");
    return {};
}

std::optional<HoldState> hold_state_from_name(std::string_view name) {
    for (const auto& row : kNames) {
        if (row.name == name) {
            return row.state;
        }
    }
    return std::nullopt;
}

std::string HoldRefusal::describe() const {
    switch (reason) {
        case HoldError::insufficient:
            return "only " + std::to_string(available->to_be_taken()) +
                   " can be taken: " + std::to_string(available->posted) + " posted, " +
                   std::to_string(available->held) + " held, an overdraft of " +
                   std::to_string(available->overdraft.value_or(0));
        case HoldError::already_expired:
            return "it would expire before it begins; give it a later time";
        case HoldError::key_taken:
            return "hold " + std::to_string(hold->number) +
                   " has this key and says something else; give the new one a key of its own";
        case HoldError::unknown:
            return "no hold has this key";
        case HoldError::more_than_held:
            return "from 1 to " + std::to_string(hold->what.amount.minor()) + " of it can be posted";
        case HoldError::is_posted:
            return "already posted by entry " + std::to_string(hold->entry->number()) + ", with " +
                   std::to_string(hold->posted_minor);
        case HoldError::is_voided:
            return "already voided at " + core::format_rfc3339(*hold->ended_at);
        case HoldError::is_expired:
            return "expired at " + core::format_rfc3339(hold->what.expires_at);
    }
    return {};
}

HoldResult hold(core::db::TenantTransaction& transaction, const NewHold& asked, core::Instant now) {
    core::ensure(asked.amount.minor() > 0 && asked.amount.minor() <= core::kMinorMax, "a hold is of something");
    core::ensure(asked.account != asked.counter_account, "a hold is between two accounts");
    const auto ground = lock_and_read(transaction, asked, now);
    if (ground.hold) {
        return stands_already(*ground.hold, asked);
    }
    if (asked.expires_at <= now) {
        return core::Refused{HoldRefusal{HoldError::already_expired, {}, {}}};
    }
    if (!ground.available.covers(asked.amount.minor())) {
        return core::Refused{HoldRefusal{HoldError::insufficient, {}, ground.available}};
    }
    const auto inserted =
        core::db::run(transaction, kInsert, transaction.tenant().text(), asked.source_key, asked.account.name(),
                      asked.counter_account.name(), std::string(asked.amount.currency().code()), asked.amount.minor(),
                      asked.description, core::format_rfc3339(now), core::format_rfc3339(asked.expires_at));
    const auto stands = find(transaction, asked.source_key, now);
    core::ensure(stands.has_value(), "what is held stands in the books");
    if (inserted.affected_rows() == 0) {  // on another account, whose lock somebody else had
        return stands_already(*stands, asked);
    }
    return HoldAnswer{*stands, false};
}

HoldResult commit_hold(core::db::TenantTransaction& transaction, const std::string& source_key,
                       std::optional<std::int64_t> minor, core::Instant now, core::BusinessDay day) {
    const auto known = find(transaction, source_key, now);
    if (!known) {
        return core::Refused{HoldRefusal{HoldError::unknown, {}, {}}};
    }
    auto hold = *lock_and_read(transaction, known->what, now).hold;
    if (auto answer = ended(hold, HoldState::posted, minor)) {
        return *std::move(answer);
    }
    const auto taken = minor.value_or(hold.what.amount.minor());
    if (taken < 1 || taken > hold.what.amount.minor()) {
        return core::Refused{HoldRefusal{HoldError::more_than_held, hold, {}}};
    }
    const auto entry = post(transaction, entry_of(hold, taken, now, day));
    core::ensure(entry.has_value(), "a pending hold has no entry");
    end(transaction, hold, HoldState::posted, now, taken, entry->number());
    return HoldAnswer{*find(transaction, source_key, now), false};
}

HoldResult void_hold(core::db::TenantTransaction& transaction, const std::string& source_key, core::Instant now) {
    const auto known = find(transaction, source_key, now);
    if (!known) {
        return core::Refused{HoldRefusal{HoldError::unknown, {}, {}}};
    }
    const auto hold = *lock_and_read(transaction, known->what, now).hold;
    if (auto answer = ended(hold, HoldState::voided, {})) {
        return *std::move(answer);
    }
    end(transaction, hold, HoldState::voided, now, {}, {});
    return HoldAnswer{*find(transaction, source_key, now), false};
}

std::size_t end_lapsed_holds(core::db::TenantTransaction& transaction, core::Instant now) {
    std::vector<AccountKey> accounts;
    for (const auto& row :
         core::db::run(transaction, kLapsed, transaction.tenant().text(), core::format_rfc3339(now))) {
        accounts.push_back({transaction.tenant(), stored_account(row[0].as<std::string>()),
                            stored_currency(row[1].as<std::string>())});
    }
    if (accounts.empty()) {
        return 0;
    }
    core::db::Trip trip(transaction);
    const AvailableQuestion question(trip, std::move(accounts), now);
    trip.run();
    return question.lapsed(trip);
}

std::optional<Hold> find_hold(core::db::TenantTransaction& transaction, std::int64_t number, core::Instant now) {
    return first_of(core::db::run(transaction, kOfNumber, transaction.tenant().text(), number), now);
}

std::vector<Hold> holds(core::db::TenantTransaction& transaction, const HoldsWanted& wanted, core::Instant now) {
    constexpr Statement kWanted{nullptr, kHolds};
    std::vector<Hold> found;
    for (const auto& row : core::db::run(transaction, kWanted, transaction.tenant().text(), wanted.account,
                                         wanted.state ? std::string(name_of(*wanted.state)) : std::string(),
                                         core::format_rfc3339(now), wanted.limit, wanted.before, wanted.source_key)) {
        found.push_back(hold_of(row, now));
    }
    return found;
}

}  // namespace ledger
