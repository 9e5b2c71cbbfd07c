#include "ledger/batch.h"

#include <set>
#include <utility>

#include "core/db/column.h"
#include "core/failure.h"

namespace ledger {
namespace {

using core::db::IntegerColumn;
using core::db::Statement;
using core::db::TextColumn;

constexpr Statement kNumbers{"entry_numbers",
                             "select nextval('ledger.entries_entry_id_seq') from generate_series(1, $1::integer)"};

// Of the amounts of all entries, one after the other, each entry takes its own. Names it brings as the text of an
// array: in an array of names PostgreSQL finds a place by passing over all before it. The database enters legs on their
// accounts. What belongs to a day that is closed stands on the first open one; "greatest" passes over null.
constexpr Statement kPost{"post_entries", R"(
with accounts as (
    insert into ledger.accounts (tenant_id, account, kind)
    select a.tenant_id, a.account, a.kind
    from unnest($14::text[], $15::text[], $16::text[]) as a (tenant_id, account, kind)
    where not exists (select from ledger.accounts k where k.tenant_id = a.tenant_id and k.account = a.account)
    on conflict do nothing)
insert into ledger.entries (tenant_id, entry_id, event, source_key, group_key, description, occurred_at,
                            business_date, leg_accounts, leg_currencies, leg_amounts)
overriding system value
select e.tenant_id, e.entry_id, e.event, e.source_key, e.group_key, e.description, e.occurred_at,
       greatest(e.business_date, (select max(c.closed_until) + 1 from ledger.closes c where c.tenant_id = e.tenant_id)),
       e.accounts::text[], e.currencies::text[], ($13::bigint[])[e.first_leg::integer:e.last_leg::integer]
from unnest($1::text[], $2::bigint[], $3::text[], $4::text[], $5::text[], $6::text[], $7::timestamptz[],
            $8::date[], $9::bigint[], $10::bigint[], $11::text[], $12::text[])
     as e (tenant_id, entry_id, event, source_key, group_key, description, occurred_at, business_date, first_leg,
           last_leg, accounts, currencies)
on conflict on constraint entries_source_once do nothing
returning entry_id)"};

constexpr Statement kGroups{"books_of_groups", R"(
select e.tenant_id, e.group_key, l.account, l.currency, l.amount_minor, l.leg_no
from unnest($1::text[], $2::text[]) as a (tenant_id, group_key)
join ledger.entries e on e.tenant_id = a.tenant_id and e.group_key = a.group_key and e.group_key <> '',
unnest(e.leg_accounts, e.leg_currencies, e.leg_amounts) with ordinality as l (account, currency, amount_minor, leg_no)
)"};

// The columns of many entries and their legs, as kPost takes them.
struct Columns {
    TextColumn tenant, event, source, group, description;
    core::db::TimeColumn occurred_at;
    core::db::DayColumn business_day;
    IntegerColumn number, first_leg, last_leg;
    TextColumn accounts, currencies;  // of an entry's legs: "{bank:main,income:sales}"
    IntegerColumn amount;
    TextColumn opened_tenant, opened, opened_kind;
    std::int64_t legs = 0;

    void add(const Posting& posting, std::int64_t entry_number, AccountsToOpen& to_open) {
        const auto& head = posting.entry.head();
        tenant.add(posting.tenant.text());
        number.add(entry_number);
        event.add(head.event);
        source.add(head.source_key);
        group.add(head.group_key);
        description.add(head.description);
        occurred_at.add(head.occurred_at);
        business_day.add(head.business_day);
        first_leg.add(legs + 1);
        // Neither names of the chart nor currencies have a character, or are a word, that means more in an array's
        // text.
        std::string names = "{";
        std::string codes = "{";
        for (const auto& leg : posting.entry.legs()) {
            ++legs;
            names.append(names.size() == 1 ? "" : ",").append(leg.account.name());
            codes.append(codes.size() == 1 ? "" : ",").append(leg.amount.currency().code());
            amount.add(leg.amount.minor());
            if (to_open.must_open(posting.tenant, leg.account.name())) {
                opened_tenant.add(posting.tenant.text());
                opened.add(leg.account.name());
                opened_kind.add(name_of(leg.account.kind()));
            }
        }
        last_leg.add(legs);
        accounts.add(names + "}");
        currencies.add(codes + "}");
    }

    std::size_t add_to(core::db::Trip& trip) && {
        return trip.add(kPost, std::move(tenant), std::move(number), std::move(event), std::move(source),
                        std::move(group), std::move(description), std::move(occurred_at), std::move(business_day),
                        std::move(first_leg), std::move(last_leg), std::move(accounts), std::move(currencies),
                        std::move(amount), std::move(opened_tenant), std::move(opened), std::move(opened_kind));
    }
};

void add_to(GroupBooks& group, const core::db::Rows::Row& leg) {
    const auto account = Account::from_name(std::string(leg.text(2)));
    const auto currency = core::Currency::from_code(leg.text(3));
    core::ensure(account.has_value() && currency.has_value(), "the books hold accounts and currencies we know");
    group.balances.add(*account, core::Money(leg.integer(4), *currency));
    group.entries += leg.integer(5) == 1 ? 1 : 0;
}

}  // namespace

bool StandingAccounts::contain(const std::string& account) const {
    const std::lock_guard lock(mutex_);
    return accounts_.contains(account);
}

void StandingAccounts::add(const std::set<std::string>& accounts) {
    const std::lock_guard lock(mutex_);
    if (accounts_.size() + accounts.size() > kMost) {
        accounts_.clear();
    }
    accounts_.insert(accounts.begin(), accounts.end());
}

void StandingAccounts::forget() {
    const std::lock_guard lock(mutex_);
    accounts_.clear();
}

bool AccountsToOpen::must_open(const core::TenantId& tenant, const std::string& account) {
    auto name = tenant.text() + "/" + account;
    return (standing_ == nullptr || !standing_->contain(name)) && opened_.insert(std::move(name)).second;
}

void AccountsToOpen::committed() {
    if (standing_ != nullptr && !opened_.empty()) {
        standing_->add(opened_);
    }
}

EntryNumbers::EntryNumbers(core::db::Trip& trip, std::size_t count, const DaysHeldOpen&)
    : place_(trip.add(kNumbers, count)) {}

std::vector<std::int64_t> EntryNumbers::all(const core::db::Trip& trip) const {
    std::vector<std::int64_t> numbers;
    for (const auto& row : trip[place_]) {
        numbers.push_back(row.integer(0));
    }
    return numbers;
}

NewEntries::NewEntries(core::db::Trip& trip, const std::vector<Posting>& postings, std::vector<std::int64_t> numbers,
                       AccountsToOpen& accounts)
    : numbers_(std::move(numbers)) {
    core::ensure(numbers_.size() >= postings.size(), "there is a number for each entry");
    numbers_.resize(postings.size());
    Columns columns;
    for (std::size_t i = 0; i < postings.size(); ++i) {
        columns.add(postings[i], numbers_[i], accounts);
    }
    place_ = std::move(columns).add_to(trip);
}

std::vector<std::optional<core::EntryId>> NewEntries::ids(const core::db::Trip& trip) const {
    std::set<std::int64_t> posted;
    for (const auto& row : trip[place_]) {
        posted.insert(row.integer(0));
    }
    std::vector<std::optional<core::EntryId>> ids;
    for (const auto number : numbers_) {
        ids.push_back(posted.contains(number) ? std::optional(core::EntryId(number)) : std::nullopt);
    }
    return ids;
}

GroupsQuestion::GroupsQuestion(core::db::Trip& trip, const std::vector<GroupKey>& groups) {
    TextColumn tenants;
    TextColumn names;
    for (const auto& group : groups) {
        tenants.add(group.tenant.text());
        names.add(group.group);
    }
    place_ = trip.add(kGroups, std::move(tenants), std::move(names));
}

std::map<GroupKey, GroupBooks> GroupsQuestion::books(const core::db::Trip& trip) const {
    std::map<GroupKey, GroupBooks> books;
    for (const auto& row : trip[place_]) {
        add_to(books[{core::TenantId(std::string(row.text(0))), std::string(row.text(1))}], row);
    }
    return books;
}

}  // namespace ledger
