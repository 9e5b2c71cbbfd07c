#include <algorithm>
#include <map>
#include <set>
#include <utility>

#include "core/db/column.h"
#include "core/db/work.h"
#include "core/failure.h"
#include "ledger/charges.h"
#include "ledger/pricing.h"

namespace ledger {
namespace {

using core::db::IntegerColumn;
using core::db::Statement;
using core::db::TextColumn;
using Outcome = ChargeAnswer::Outcome;

constexpr Statement kKnown{"known_charges", R"(
select c.tenant_id, c.source_key, c.customer, c.plan, c.event, c.quantity, c.amount_minor, c.volume,
       coalesce(c.entry_id, 0)
from unnest($1::text[], $2::text[]) as a (tenant_id, source_key)
join ledger.charges c on c.source_key = a.source_key and c.tenant_id = a.tenant_id)"};

// How much was used, and whether the period is closed.
constexpr Statement kVolumes{"charged_volumes", R"(
select a.place,
       coalesce((select c.volume from ledger.charges c
                 where c.customer = a.customer and c.plan = a.plan and c.period_from = a.period_from
                   and c.event = a.event and c.tenant_id = a.tenant_id
                 order by c.volume desc limit 1), 0),
       (select c.volume from ledger.charges c
        where c.customer = a.customer and c.plan = a.plan and c.period_from = a.period_from and c.event = ''
          and c.volume = 0 and c.tenant_id = a.tenant_id) is not null
from unnest($1::text[], $2::text[], $3::text[], $4::date[], $5::text[]) with ordinality
     as a (tenant_id, customer, plan, period_from, event, place))"};

constexpr Statement kInsert{"insert_charges", R"(
insert into ledger.charges (tenant_id, source_key, customer, plan, event, period_from, quantity, volume, currency,
                            amount_minor, occurred_at, entry_id)
select c.tenant_id, c.source_key, c.customer, c.plan, c.event, c.period_from, c.quantity, c.volume, c.currency,
       c.amount_minor, c.occurred_at, nullif(c.entry_id, 0)
from unnest($1::text[], $2::text[], $3::text[], $4::text[], $5::text[], $6::date[], $7::bigint[], $8::bigint[],
            $9::text[], $10::bigint[], $11::timestamptz[], $12::bigint[])
     as c (tenant_id, source_key, customer, plan, event, period_from, quantity, volume, currency, amount_minor,
           occurred_at, entry_id))"};

constexpr Statement kCharged{"charged_in_period", R"(
select coalesce(sum(amount_minor), 0)::bigint, coalesce(bool_or(event = ''), false)
from ledger.charges
where tenant_id = $1 and customer = $2 and period_from = $3::date and plan = $4 and quantity >= 0)"};

constexpr const char* kToClose = R"(
select distinct c.customer from ledger.charges c
where c.tenant_id = $1 and c.plan = $2 and c.period_from = $3::date and c.quantity >= 0
  and not exists (select from ledger.charges l where l.customer = c.customer and l.plan = c.plan
                    and l.period_from = c.period_from and l.event = '' and l.tenant_id = c.tenant_id)
order by c.customer)";

constexpr const char* kUsage = R"(
select period_from::text, plan, event, currency, count(*), sum(quantity)::bigint, sum(amount_minor)::bigint
from ledger.charges where tenant_id = $1 and customer = $2 and quantity >= 0
group by period_from, plan, event, currency order by period_from desc, plan, event desc, currency)";

struct ChargeKey {
    core::TenantId tenant;
    std::string source;
    auto operator<=>(const ChargeKey&) const = default;
};
ChargeKey key_of(const Charge& charge) { return {charge.usage().tenant, charge.usage().source_key}; }

struct VolumeKey {
    core::TenantId tenant;
    std::string customer, plan, event;
    date::sys_days period;
    auto operator<=>(const VolumeKey&) const = default;
};
VolumeKey volume_of(const Charge& charge) {
    return {charge.usage().tenant, charge.usage().customer, charge.plan().name, charge.usage().event,
            date::sys_days(charge.period())};
}

// A charge that was made.
struct Made {
    std::string customer, plan, event;
    std::int64_t quantity, amount_minor, volume;
    std::optional<core::EntryId> entry;

    bool says(const Charge& charge) const {
        return customer == charge.usage().customer && plan == charge.plan().name && event == charge.usage().event &&
               quantity == charge.usage().quantity;
    }
};

struct Volume {
    std::int64_t used = 0;
    bool is_closed = false;
};

// Asked for on one trip, the locks first.
class Questions {
public:
    Questions(core::db::Trip& trip, const std::vector<Charge>& charges, core::Instant now)
        : days_(hold_days_open(trip, tenants_of(charges))),
          available_(trip, balances_of(charges), now),
          numbers_(trip, charges.size(), days_) {
        std::set<VolumeKey> volumes;
        TextColumn tenants, keys;
        for (const auto& charge : charges) {
            volumes.insert(volume_of(charge));
            tenants.add(charge.usage().tenant.text());
            keys.add(charge.usage().source_key);
        }
        known_ = trip.add(kKnown, std::move(tenants), std::move(keys));
        volumes_asked_.assign(volumes.begin(), volumes.end());
        ask_volumes(trip);
    }

    std::map<AccountKey, Available> available(const core::db::Trip& trip) const { return available_.answer(trip); }
    std::vector<std::int64_t> numbers(const core::db::Trip& trip) const { return numbers_.all(trip); }
    std::map<ChargeKey, Made> known(const core::db::Trip& trip) const {
        std::map<ChargeKey, Made> known;
        for (const auto& row : trip[known_]) {
            const auto entry = row.integer(8);
            known.insert(
                {{core::TenantId(std::string(row.text(0))), std::string(row.text(1))},
                 {std::string(row.text(2)), std::string(row.text(3)), std::string(row.text(4)), row.integer(5),
                  row.integer(6), row.integer(7), entry == 0 ? std::nullopt : std::optional(core::EntryId(entry))}});
        }
        return known;
    }
    std::map<VolumeKey, Volume> volumes(const core::db::Trip& trip) const {
        std::map<VolumeKey, Volume> volumes;
        for (const auto& row : trip[volumes_]) {
            volumes[volumes_asked_.at(static_cast<std::size_t>(row.integer(0)) - 1)] = {row.integer(1), row.boolean(2)};
        }
        return volumes;
    }

private:
    static std::vector<AccountKey> balances_of(const std::vector<Charge>& charges) {
        std::set<AccountKey> keys;
        for (const auto& charge : charges) {
            keys.insert(charge.balance());
        }
        return {keys.begin(), keys.end()};
    }
    static std::set<core::TenantId> tenants_of(const std::vector<Charge>& charges) {
        std::set<core::TenantId> tenants;
        for (const auto& charge : charges) {
            tenants.insert(charge.usage().tenant);
        }
        return tenants;
    }
    void ask_volumes(core::db::Trip& trip) {
        TextColumn tenants, customers, plans, events;
        core::db::DayColumn periods;
        for (const auto& key : volumes_asked_) {
            tenants.add(key.tenant.text());
            customers.add(key.customer);
            plans.add(key.plan);
            periods.add(core::BusinessDay(key.period));
            events.add(key.event);
        }
        volumes_ = trip.add(kVolumes, std::move(tenants), std::move(customers), std::move(plans), std::move(periods),
                            std::move(events));
    }

    DaysHeldOpen days_;
    AvailableQuestion available_;
    EntryNumbers numbers_;
    std::vector<VolumeKey> volumes_asked_;
    std::size_t known_ = 0;
    std::size_t volumes_ = 0;
};

// The charges to be written, and the entries of those that cost something.
class Writing {
public:
    void add(const Charge& charge, std::int64_t volume, std::int64_t amount, std::int64_t entry) {
        const auto& usage = charge.usage();
        tenant_.add(usage.tenant.text());
        source_.add(usage.source_key);
        customer_.add(usage.customer);
        plan_.add(charge.plan().name);
        event_.add(usage.event);
        period_.add(charge.period());
        quantity_.add(usage.quantity);
        volume_.add(volume);
        currency_.add(charge.plan().currency.code());
        amount_.add(amount);
        at_.add(usage.at);
        entry_.add(entry);
        if (amount > 0) {
            postings_.push_back({usage.tenant, entry_of(charge, amount)});
            numbers_.push_back(entry);
        }
    }
    void run(core::db::Transaction& transaction, AccountsToOpen& accounts) && {
        if (tenant_.empty()) {
            return;
        }
        core::db::Trip trip(transaction);
        std::optional<NewEntries> entries;
        if (!postings_.empty()) {
            entries.emplace(trip, postings_, numbers_, accounts);
        }
        trip.add(kInsert, std::move(tenant_), std::move(source_), std::move(customer_), std::move(plan_),
                 std::move(event_), std::move(period_), std::move(quantity_), std::move(volume_), std::move(currency_),
                 std::move(amount_), std::move(at_), std::move(entry_));
        trip.run();
        const auto ids = entries ? entries->ids(trip) : std::vector<std::optional<core::EntryId>>();
        core::ensure(std::all_of(ids.begin(), ids.end(), [](const auto& id) { return id.has_value(); }),
                     "C1: a charge that isn't known has no entry");
    }

private:
    static Entry entry_of(const Charge& charge, std::int64_t amount) {
        const auto& usage = charge.usage();
        const auto& plan = charge.plan();
        const auto what = usage.event.empty() ? "minimum of " + core::format_day(charge.period())
                                              : usage.event + " x " + std::to_string(usage.quantity);
        auto entry =
            Entry::make({"charge", "charge:" + usage.source_key, "", plan.name + ": " + what, usage.at,
                         core::day_of(usage.at, {plan.time_zone, std::chrono::minutes(0)})},
                        {{charge.prepaid(), {amount, plan.currency}}, {usage_income(plan), {-amount, plan.currency}}});
        core::ensure(static_cast<bool>(entry), "a charge is an entry");
        return *std::move(entry);
    }

    TextColumn tenant_, source_, customer_, plan_, event_, currency_;
    core::db::DayColumn period_;
    IntegerColumn quantity_, volume_, amount_, entry_;
    core::db::TimeColumn at_;
    std::vector<Posting> postings_;
    std::vector<std::int64_t> numbers_;
};

// What is known under the locks, each charge applied to it in its turn.
class Ground {
public:
    Ground(const Questions& questions, const core::db::Trip& trip)
        : available_(questions.available(trip)),
          known_(questions.known(trip)),
          volumes_(questions.volumes(trip)),
          numbers_(questions.numbers(trip)) {}

    ChargeAnswer take(const Charge& charge, Writing& writing) {
        auto& balance = available_.at(charge.balance());
        const auto answer = [&](Outcome outcome, std::int64_t amount = 0) {
            return ChargeAnswer{outcome, amount, 0, {}, balance.to_be_taken()};
        };
        if (const auto found = known_.find(key_of(charge)); found != known_.end()) {
            return again(charge, found->second, balance);
        }
        auto& volume = volumes_.at(volume_of(charge));
        if (volume.is_closed) {
            return answer(Outcome::closed);
        }
        const auto amount = price_of_next(charge.price(), charge.plan().rounding, volume.used, charge.usage().quantity);
        if (!amount) {
            return answer(Outcome::out_of_range);
        }
        if (!balance.covers(*amount)) {
            return answer(Outcome::spent, *amount);
        }
        return make(charge, *amount, volume, balance, writing);
    }

private:
    static ChargeAnswer again(const Charge& charge, const Made& made, const Available& balance) {
        if (!made.says(charge)) {
            return {Outcome::key_taken, 0, 0, made.entry, balance.to_be_taken()};
        }
        return {Outcome::already, made.amount_minor, made.volume, made.entry, balance.to_be_taken()};
    }
    ChargeAnswer make(const Charge& charge, std::int64_t amount, Volume& volume, Available& balance, Writing& writing) {
        const auto& usage = charge.usage();
        const auto number = amount > 0 ? numbers_.at(next_number_++) : 0;
        volume.used += usage.quantity;
        balance.posted -= amount;
        writing.add(charge, volume.used, amount, number);
        const auto entry = amount > 0 ? std::optional(core::EntryId(number)) : std::nullopt;
        known_.insert({key_of(charge), Made{usage.customer, charge.plan().name, usage.event, usage.quantity, amount,
                                            volume.used, entry}});
        return {Outcome::charged, amount, volume.used, entry, balance.to_be_taken()};
    }

    std::map<AccountKey, Available> available_;
    std::map<ChargeKey, Made> known_;
    std::map<VolumeKey, Volume> volumes_;
    std::vector<std::int64_t> numbers_;
    std::size_t next_number_ = 0;
};

}  // namespace

std::vector<ChargeAnswer> charge(core::db::Transaction& transaction, const std::vector<Charge>& charges,
                                 core::Instant now, AccountsToOpen& accounts) {
    if (charges.empty()) {
        return {};
    }
    core::db::Trip trip(transaction);
    const Questions questions(trip, charges, now);
    trip.run();
    Ground ground(questions, trip);
    Writing writing;
    std::vector<ChargeAnswer> answers;
    answers.reserve(charges.size());
    for (const auto& one : charges) {
        answers.push_back(ground.take(one, writing));
    }
    std::move(writing).run(transaction, accounts);
    return answers;
}

ChargeAnswer close_period(core::db::TenantTransaction& transaction, const std::string& customer,
                          const config::Plan& plan, core::BusinessDay period, core::Instant now) {
    const auto end = period_end(plan, period);
    core::ensure(end <= now, "a period is closed when it has ended");
    const auto day = core::format_day(period);
    const Charge last({transaction.tenant(), "minimum:" + plan.name + ":" + customer + ":" + day, customer, "", 0,
                       end - std::chrono::milliseconds(1)},
                      plan, plan.prices.front(), period, *prepaid_account(customer));
    core::db::Trip trip(transaction);
    const auto days = hold_days_open(trip, {transaction.tenant()});
    const AvailableQuestion question(trip, {last.balance()}, now);
    const EntryNumbers numbers(trip, 1, days);
    const auto charged = trip.add(kCharged, transaction.tenant().text(), customer, day, plan.name);
    trip.run();
    const auto balance = question.answer(trip).at(last.balance());
    const auto amount = lacking_to_minimum(plan, trip[charged][0].integer(0));
    const auto answer = [&](Outcome outcome, std::int64_t taken = 0, std::int64_t entry = 0) {
        return ChargeAnswer{outcome, amount, 0, entry == 0 ? std::nullopt : std::optional(core::EntryId(entry)),
                            balance.to_be_taken() - taken};
    };
    if (trip[charged][0].boolean(1)) {
        return {Outcome::already, 0, 0, {}, balance.to_be_taken()};
    }
    if (!balance.covers(amount)) {
        return answer(Outcome::spent);
    }
    const auto number = amount > 0 ? numbers.all(trip).front() : 0;
    Writing writing;
    writing.add(last, 0, amount, number);
    AccountsToOpen accounts;
    std::move(writing).run(transaction, accounts);
    return answer(Outcome::charged, amount, number);
}

std::vector<std::string> customers_to_close(core::db::TenantTransaction& transaction, const config::Plan& plan,
                                            core::BusinessDay period) {
    std::vector<std::string> customers;
    for (const auto& row :
         core::db::run(transaction, kToClose, transaction.tenant().text(), plan.name, core::format_day(period))) {
        customers.push_back(row[0].as<std::string>());
    }
    return customers;
}

std::vector<UsageSum> usage_of(core::db::TenantTransaction& transaction, const std::string& customer) {
    std::vector<UsageSum> sums;
    for (const auto& row : core::db::run(transaction, kUsage, transaction.tenant().text(), customer)) {
        sums.push_back({row[0].as<std::string>(), row[1].as<std::string>(), row[2].as<std::string>(),
                        row[3].as<std::string>(), row[4].as<std::int64_t>(), row[5].as<std::int64_t>(),
                        row[6].as<std::int64_t>()});
    }
    return sums;
}

}  // namespace ledger
