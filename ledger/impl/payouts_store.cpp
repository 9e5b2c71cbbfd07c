#include <algorithm>
#include <array>
#include <limits>
#include <utility>

#include "core/crypto/random.h"
#include "core/db/work.h"
#include "core/failure.h"
#include "ledger/gate.h"
#include "ledger/limits.h"
#include "ledger/payouts.h"
#include "ledger/request_key.h"

namespace ledger {
namespace {

using core::db::Statement;

// A row for each step of a payout, the proposal first.
#define PAYOUT_COLUMNS                                                                                          \
    "select p.payout_id, p.payout_key, p.party_account, p.bank_account, p.currency, p.amount_minor, "           \
    "p.description, s.state, s.done_by, (extract(epoch from s.done_at) * 1000)::bigint, s.reason, s.entry_id, " \
    "s.request_key "
#define PAYOUT_STEPS                                                                            \
    " cross join lateral (select 0 as step_no, 'proposed' as state, p.proposed_by as done_by, " \
    "   p.proposed_at as done_at, '' as reason, null::bigint as entry_id, null as request_key " \
    " union all select step_no, state, done_by, done_at, reason, entry_id, request_key "        \
    "   from ledger.payout_steps "                                                              \
    "   where tenant_id = p.tenant_id and payout_id = p.payout_id) s order by p.payout_id desc, s.step_no "

constexpr Statement kOfKey{
    "payout_of_key",
    PAYOUT_COLUMNS "from (select * from ledger.payouts where tenant_id = $1 and payout_key = $2) p" PAYOUT_STEPS};
constexpr Statement kOfNumber{
    "payout_of_number",
    PAYOUT_COLUMNS "from (select * from ledger.payouts where tenant_id = $1 and payout_id = $2) p" PAYOUT_STEPS};
constexpr Statement kPayouts{nullptr, PAYOUT_COLUMNS R"(from (
    select * from ledger.payouts q
    where tenant_id = $1 and ($2 = '' or party_account = $2) and payout_id < $4
      and ($3 = '' or $3 = coalesce((select state from ledger.payout_steps t
                                     where t.tenant_id = $1 and t.payout_id = q.payout_id
                                     order by step_no desc limit 1), 'proposed'))
    order by payout_id desc limit $5) p)" PAYOUT_STEPS};

// What is proposed and not decided yet.
constexpr Statement kProposed{"payouts_proposed", R"(
select coalesce(sum(amount_minor), 0)::bigint from ledger.payouts p
where tenant_id = $1 and party_account = $2 and currency = $3
  and not exists (select from ledger.payout_steps s where s.tenant_id = p.tenant_id and s.payout_id = p.payout_id))"};

constexpr const char* kPropose = R"(
insert into ledger.payouts (tenant_id, payout_key, party_account, bank_account, currency, amount_minor, description,
                            proposed_by, proposed_at)
values ($1, $2, $3, $4, $5, $6, $7, $8, $9::timestamptz)
on conflict on constraint payouts_key_once do nothing)";

constexpr const char* kTakeStep = R"(
insert into ledger.payout_steps (tenant_id, payout_id, step_no, state_before, state, proposed_by, amount_minor, done_by,
                                 done_at, reason, owed_minor, entry_id, request_key)
values ($1, $2, $3, $4, $5, $6, $7, $8, $9::timestamptz, $10, $11, $12, $13))";

constexpr std::size_t kNonceBytes = 16;

struct Name {
    PayoutState state;
    std::string_view name;
};
constexpr std::array<Name, 7> kNames{{{PayoutState::proposed, "proposed"},
                                      {PayoutState::approved, "approved"},
                                      {PayoutState::rejected, "rejected"},
                                      {PayoutState::sent, "sent"},
                                      {PayoutState::confirmed, "confirmed"},
                                      {PayoutState::failed, "failed"},
                                      {PayoutState::returned, "returned"}}};

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

// As PAYOUT_COLUMNS give them.
std::vector<Payout> read(const core::db::Rows& rows) {
    std::vector<Payout> all;
    for (const auto& row : rows) {
        if (all.empty() || all.back().number != row.integer(0)) {
            all.push_back({row.integer(0),
                           {std::string(row.text(1)),
                            stored_account(row.text(2)),
                            stored_account(row.text(3)),
                            {row.integer(5), stored_currency(row.text(4))},
                            std::string(row.text(6))},
                           {}});
        }
        const auto state = payout_state_from_name(row.text(7));
        core::ensure(state.has_value(), "a payout is in one of the seven states");
        PayoutStep step{*state, std::string(row.text(8)), core::Instant(std::chrono::milliseconds(row.integer(9))),
                        std::string(row.text(10)), std::nullopt};
        if (!row.text(11).empty()) {
            step.entry = core::EntryId(row.integer(11));
        }
        step.request_key = row.text(12);
        all.back().steps.push_back(std::move(step));
    }
    return all;
}

std::optional<Payout> first_of(const core::db::Rows& rows) {
    auto found = read(rows);
    return found.empty() ? std::nullopt : std::optional(std::move(found.front()));
}

// The party's lock, and what stands under it.
struct UnderLock {
    std::int64_t available;  // posted less held
    std::int64_t proposed;   // and not decided yet
    std::optional<Payout> payout;
};
UnderLock lock_and_read(core::db::TenantTransaction& transaction, const Account& party, core::Currency currency,
                        const std::string& key, core::Instant now) {
    const AccountKey account{transaction.tenant(), party, currency};
    const auto& tenant = transaction.tenant().text();
    core::db::Trip trip(transaction);
    hold_days_open(trip, {transaction.tenant()});  // before the account's lock, for the step's entry
    const AvailableQuestion question(trip, {account}, now);
    const auto proposed = trip.add(kProposed, tenant, party.name(), std::string(currency.code()));
    const auto payout = trip.add(kOfKey, tenant, key);
    trip.run();
    return {question.answer(trip).at(account).available(), trip[proposed][0].integer(0), first_of(trip[payout])};
}

std::int64_t less(std::int64_t one, std::int64_t other) {
    const auto difference = core::checked_add(one, -other);
    core::ensure(difference.has_value(), "a balance fits 64 bits");
    return *difference;
}

PayoutResult refused(PayoutError reason, std::optional<Payout> payout = {}, std::int64_t left_minor = 0) {
    return core::Refused{PayoutRefusal{reason, std::move(payout), left_minor}};
}

bool same(const NewPayout& stands, const NewPayout& asked) {
    return stands.party == asked.party && stands.bank == asked.bank && stands.amount == asked.amount &&
           stands.description == asked.description;
}

PayoutAnswer inserted(core::db::TenantTransaction& transaction, const NewPayout& asked, const std::string& by,
                      core::Instant now) {
    const auto rows = core::db::run(transaction, kPropose, transaction.tenant().text(), asked.key, asked.party.name(),
                                    asked.bank.name(), std::string(asked.amount.currency().code()),
                                    asked.amount.minor(), asked.description, by, core::format_rfc3339(now));
    auto stands = find_payout(transaction, asked.key);
    core::ensure(stands.has_value(), "what is proposed stands in the books");
    return {*std::move(stands), rows.affected_rows() == 0};
}

bool is_allowed(PayoutState before, PayoutState after) {
    using enum PayoutState;
    switch (after) {
        case proposed:
            return false;
        case approved:
            return before == proposed;
        case rejected:
            return before == proposed || before == approved;
        case sent:
            return before == approved;
        case confirmed:
        case failed:
            return before == sent;
        case returned:
            return before == confirmed;
    }
    return false;
}

// What a step books: the debited account, then the credited one. Nothing for one that moves no money.
std::optional<std::pair<Account, Account>> booked(const Payout& payout, PayoutState after) {
    const auto& [key, party, bank, amount, description] = payout.what;
    const auto transit = payouts_in_transit(bank);
    switch (after) {
        case PayoutState::approved:
            return std::pair(party, transit);
        case PayoutState::confirmed:
            return std::pair(transit, bank);
        case PayoutState::failed:
            return std::pair(transit, party);
        case PayoutState::returned:
            return std::pair(bank, party);
        case PayoutState::rejected:
            return payout.state() == PayoutState::approved ? std::optional(std::pair(transit, party)) : std::nullopt;
        case PayoutState::proposed:
        case PayoutState::sent:
            return std::nullopt;
    }
    return std::nullopt;
}

std::optional<std::int64_t> post_step(core::db::TenantTransaction& transaction, const Payout& payout, PayoutState after,
                                      core::Instant now, core::BusinessDay day) {
    const auto accounts = booked(payout, after);
    if (!accounts) {
        return std::nullopt;
    }
    const auto& what = payout.what;
    const auto credit = what.amount.negated();
    core::ensure(static_cast<bool>(credit), "an amount can be negated");
    const auto source_key = "payout:" + std::string(name_of(after)) + ":" + what.key;
    const auto entry = Entry::make({"party_payout", source_key, "payout:" + what.key, what.description, now, day},
                                   {{accounts->first, what.amount}, {accounts->second, *credit}});
    core::ensure(static_cast<bool>(entry), "a payout's step is an entry");
    const auto posted = post(transaction, *entry);
    core::ensure(posted.has_value(), "a step that is not taken yet has no entry");
    return posted->number();
}

}  // namespace

std::string_view name_of(PayoutState state) {
    const auto* found = std::find_if(kNames.begin(), kNames.end(), [&](const Name& row) { return row.state == state; });
    core::ensure(found != kNames.end(), "a payout is in one of the seven states");
    return found->name;
}

std::optional<PayoutState> payout_state_from_name(std::string_view name) {
    const auto* found = std::find_if(kNames.begin(), kNames.end(), [&](const Name& row) { return row.name == name; });
    return found == kNames.end() ? std::nullopt : std::optional(found->state);
}

std::string Payout::request_key() const {
    const auto approval =
        std::find_if(steps.begin(), steps.end(), [](const auto& step) { return step.state == PayoutState::approved; });
    return approval == steps.end() ? std::string() : approval->request_key;
}

std::string PayoutRefusal::describe() const {
    switch (reason) {
        case PayoutError::insufficient:
            return "only " + std::to_string(left_minor) +
                   " (minor units) is owed and not held, paid or proposed yet; pay less, or decide what is proposed";
        case PayoutError::key_taken:
            return "payout " + std::to_string(payout->number) +
                   " has this key and says something else; give the new one a key of its own";
        case PayoutError::unknown:
            return "no payout has this key";
        case PayoutError::not_allowed:
            return "it is " + std::string(name_of(payout->state())) + ", from which this step can't be taken";
        case PayoutError::same_person:
            return "who proposed a payout can't approve it; have somebody else do so";
    }
    return {};
}

Account payouts_in_transit(const Account& bank) {
    constexpr std::string_view kBank = "bank:";
    core::ensure(bank.name().starts_with(kBank), "a payout is paid out of a bank's account");
    return Account::transit_payout(std::string_view(bank.name()).substr(kBank.size()));
}

PayoutResult propose_payout(core::db::TenantTransaction& transaction, const NewPayout& asked, const std::string& by,
                            core::Instant now) {
    core::ensure(asked.amount.minor() > 0 && asked.amount.minor() <= core::kMinorMax, "a payout is of something");
    core::ensure(asked.party.name().starts_with("payable:") && asked.bank.name().starts_with("bank:"),
                 "a payout goes from a bank's account to a party");
    const auto ground = lock_and_read(transaction, asked.party, asked.amount.currency(), asked.key, now);
    if (!ground.payout) {
        const auto left = less(ground.available, ground.proposed);
        if (asked.amount.minor() > left) {
            return refused(PayoutError::insufficient, {}, std::max<std::int64_t>(left, 0));
        }
    }
    auto answer = ground.payout ? PayoutAnswer{*ground.payout, true} : inserted(transaction, asked, by, now);
    if (answer.already && !same(answer.payout.what, asked)) {
        return refused(PayoutError::key_taken, std::move(answer.payout));
    }
    return answer;
}

PayoutResult take_step(core::db::TenantTransaction& transaction, const std::string& key, const NextStep& step,
                       core::Instant now, core::BusinessDay day) {
    const auto known = find_payout(transaction, key);
    if (!known) {
        return refused(PayoutError::unknown);
    }
    const auto amount = known->what.amount;
    const auto ground = lock_and_read(transaction, known->what.party, amount.currency(), key, now);
    const auto& payout = *ground.payout;
    if (payout.state() == step.state) {
        return PayoutAnswer{payout, true};
    }
    if (!is_allowed(payout.state(), step.state)) {
        return refused(PayoutError::not_allowed, payout);
    }
    std::optional<std::int64_t> owed;
    std::optional<std::string> request_key;
    if (step.state == PayoutState::approved) {
        if (step.by == payout.proposed_by()) {
            return refused(PayoutError::same_person, payout);
        }
        if (amount.minor() > ground.available) {
            return refused(PayoutError::insufficient, payout, std::max<std::int64_t>(ground.available, 0));
        }
        owed = ground.available;
        request_key = make_request_key(transaction.tenant(), std::to_string(payout.number), now,
                                       core::crypto::random_bytes(kNonceBytes));
    }
    const auto entry = post_step(transaction, payout, step.state, now, day);
    core::db::run(transaction, kTakeStep, transaction.tenant().text(), payout.number,
                  static_cast<int>(payout.steps.size()), std::string(name_of(payout.state())),
                  std::string(name_of(step.state)), payout.proposed_by(), amount.minor(), step.by,
                  core::format_rfc3339(now), step.reason, owed, entry, request_key);
    return PayoutAnswer{*find_payout(transaction, key), false};
}

std::optional<PayoutAnswer> propose_owed(core::db::TenantTransaction& transaction, const ProposeAll& all,
                                         const Account& party, core::Currency currency, core::Instant now) {
    const auto code = std::string(currency.code());
    const auto key = "all:" + core::format_day(all.until) + ":" + party.name() + ":" + code;
    const auto ground = lock_and_read(transaction, party, currency, key, now);
    if (ground.payout) {
        return PayoutAnswer{*ground.payout, true};
    }
    const auto of = [&](const AsOf& as_of) {
        for (auto& row : account_balances(transaction, party.name(), as_of)) {
            if (row.currency == code) {
                return row;
            }
        }
        return AccountBalance{};
    };
    // What was taken from the account since the day clears its oldest items: it was paid out of the same money.
    const auto then = of({all.until, std::nullopt});
    const auto taken_since = less(of({}).debit_minor, then.debit_minor);
    const auto owed = less(less(then.credit_minor, then.debit_minor), taken_since);
    const auto minor = std::min(less(std::min(owed, ground.available), ground.proposed), core::kMinorMax);
    if (minor < all.least_minor || minor < 1) {
        return std::nullopt;
    }
    return inserted(transaction, {key, party, all.bank, {minor, currency}, all.description}, all.by, now);
}

std::vector<OwedParty> owed_parties(core::db::TenantTransaction& transaction, core::BusinessDay until) {
    std::vector<OwedParty> parties;
    for (const auto& row : trial_balance(transaction, {until, std::nullopt})) {
        if (row.account.starts_with("payable:") && row.balance_minor() < 0) {
            parties.push_back({stored_account(row.account), stored_currency(row.currency)});
        }
    }
    return parties;
}

std::optional<Payout> find_payout(core::db::TenantTransaction& transaction, const std::string& key) {
    return first_of(core::db::run(transaction, kOfKey, transaction.tenant().text(), key));
}

std::optional<Payout> find_payout(core::db::TenantTransaction& transaction, std::int64_t number) {
    return first_of(core::db::run(transaction, kOfNumber, transaction.tenant().text(), number));
}

std::vector<Payout> payouts(core::db::TenantTransaction& transaction, const PayoutsWanted& wanted) {
    return read(core::db::run(transaction, kPayouts, transaction.tenant().text(), wanted.party,
                              wanted.state ? std::string(name_of(*wanted.state)) : std::string(),
                              wanted.before.value_or(std::numeric_limits<std::int64_t>::max()), wanted.limit));
}

}  // namespace ledger
