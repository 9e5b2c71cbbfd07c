#include "ledger/closing.h"

#include <algorithm>
#include <map>

#include "core/db/work.h"
#include "core/failure.h"
#include "ledger/books.h"
#include "ledger/gate.h"
#include "ledger/impl/said.h"

namespace ledger {
namespace {

constexpr const char* kCloses = R"(
select closed_until::text, after_day::text, until_entry, entry_count, encode(entries, 'hex'),
       encode(trial_balance, 'hex'), accepted, encode(previous, 'hex'), (extract(epoch from closed_at) * 1000)::bigint,
       encode(digest, 'hex'), encode(signature, 'hex')
from ledger.closes where tenant_id = $1 order by closed_until)";

constexpr const char* kUntil = "select max(closed_until)::text from ledger.closes where tenant_id = $1";

// Of one moment, in the order of numbers, however many they are.
constexpr const char* kEntriesOfDays =
    "declare entries_of_days no scroll cursor for select e.entry_id, encode(" DUIZHANG_LEAF
    ", 'hex') from ledger.entries e where e.tenant_id = $1 and e.entry_id > $2 and e.entry_id <= $3 "
    "and e.business_date > coalesce($4::date, '-infinity') and e.business_date <= $5::date order by e.entry_id";
constexpr const char* kNextEntries = "fetch 5000 from entries_of_days";
constexpr const char* kNoMoreEntries = "close entries_of_days";

// What stood on all accounts when there was no entry with a greater number.
constexpr const char* kSumsUntil = R"(
select l.account, l.currency, coalesce(sum(l.amount) filter (where l.amount > 0), 0)::bigint,
       coalesce(-sum(l.amount) filter (where l.amount < 0), 0)::bigint
from ledger.entries e, unnest(e.leg_accounts, e.leg_currencies, e.leg_amounts) as l (account, currency, amount)
where e.tenant_id = $1 and e.entry_id <= $2
group by 1, 2 order by l.account collate "C", l.currency collate "C")";

constexpr const char* kDatedTooLate = R"(
select entry_id, business_date::text from ledger.entries
where tenant_id = $1 and entry_id > $2 and business_date <= $3::date order by 1)";

constexpr const char* kInsert = R"(
insert into ledger.closes (tenant_id, closed_until, after_day, until_entry, entry_count, entries, trial_balance,
                           accepted, previous, closed_at, digest, signature)
values ($1, $2::date, $3::date, $4, $5, decode($6, 'hex'), decode($7, 'hex'), $8, decode($9, 'hex'), $10::timestamptz,
        decode($11, 'hex'), decode($12, 'hex')))";

core::BusinessDay day_from(const std::string& text) {
    const auto day = core::parse_day(text);
    core::ensure(day.has_value(), "the database holds days that exist");
    return *day;
}

std::optional<std::string> text_of(const std::optional<core::BusinessDay>& day) {
    return day ? std::optional(core::format_day(*day)) : std::nullopt;
}

Close close_in(const pqxx::row& row) {
    return {day_from(row[0].as<std::string>()),
            row[1].is_null() ? std::nullopt : std::optional(day_from(row[1].as<std::string>())),
            row[2].as<std::int64_t>(),
            row[3].as<std::int64_t>(),
            row[4].as<std::string>(),
            row[5].as<std::string>(),
            row[6].as<std::string>(),
            row[7].as<std::string>(),
            core::Instant(std::chrono::milliseconds(row[8].as<std::int64_t>())),
            row[9].as<std::string>(),
            row[10].as<std::string>()};
}

std::string digest_of(const core::TenantId& tenant, const Close& close) {
    Said said("close");
    said.text(tenant.text()).text(text_of(close.after).value_or("")).text(core::format_day(close.until));
    return said.number(close.until_entry)
        .number(close.entries)
        .text(bytes_of_hex(close.entries_digest))
        .text(bytes_of_hex(close.trial_balance_digest))
        .text(close.accepted)
        .text(bytes_of_hex(close.previous))
        .time(close.closed_at)
        .digest();
}

// The days that are closed, and those closed before.
struct Days {
    std::optional<core::BusinessDay> after;
    core::BusinessDay until;
};

// Numbers and hashes of the entries dated within the days, in the order of numbers, however many; in parts.
class DaysDigest {
public:
    explicit DaysDigest(Days days) : days_(days) {}

    void add(core::db::TenantTransaction& transaction, std::int64_t after, std::int64_t until) {
        core::db::run(transaction, kEntriesOfDays, transaction.tenant().text(), after, until, text_of(days_.after),
                      core::format_day(days_.until));
        while (true) {
            const auto rows = core::db::run(transaction, kNextEntries);
            for (const auto& row : rows) {
                stream_.add(number_bytes(row[0].as<std::int64_t>()));
                stream_.add(bytes_of_hex(row[1].as<std::string>()));
                ++count_;
            }
            if (rows.empty()) {
                break;
            }
        }
        core::db::run(transaction, kNoMoreEntries);
    }
    std::int64_t count() const { return count_; }
    std::string finish() { return stream_.finish_hex(); }

private:
    Days days_;
    core::crypto::Sha256Stream stream_;
    std::int64_t count_ = 0;
};

// Of accounts sorted by name and currency.
class TrialBalanceDigest {
public:
    void add(const std::string& account, const std::string& currency, std::int64_t debit, std::int64_t credit) {
        said_.text(account).text(currency).number(debit).number(credit);
        auto& sum = sums_[currency];
        const auto next = core::checked_add(sum, debit - credit);
        core::ensure(next.has_value(), "a currency's total fits 64 bits");
        sum = *next;
    }
    bool is_zero() const {
        return std::all_of(sums_.begin(), sums_.end(), [](const auto& sum) { return sum.second == 0; });
    }
    std::string digest() const { return said_.digest(); }

private:
    Said said_{"trial balance"};
    std::map<std::string, std::int64_t> sums_;
};

std::string trial_balance_now(core::db::TenantTransaction& transaction) {
    TrialBalanceDigest sums;
    for (const auto& row : trial_balance(transaction)) {
        sums.add(row.account, row.currency, row.debit_minor, row.credit_minor);
    }
    core::ensure(sums.is_zero(), "debits and credits are equal before a day is closed");
    return sums.digest();
}

std::string trial_balance_until(core::db::TenantTransaction& transaction, std::int64_t until_entry) {
    TrialBalanceDigest sums;
    for (const auto& row : core::db::run(transaction, kSumsUntil, transaction.tenant().text(), until_entry)) {
        sums.add(row[0].as<std::string>(), row[1].as<std::string>(), row[2].as<std::int64_t>(),
                 row[3].as<std::int64_t>());
    }
    return sums.digest();
}

void insert(core::db::TenantTransaction& transaction, const Close& close) {
    core::db::run(transaction, kInsert, transaction.tenant().text(), core::format_day(close.until),
                  text_of(close.after), close.until_entry, close.entries, close.entries_digest,
                  close.trial_balance_digest, close.accepted, close.previous, core::format_rfc3339(close.closed_at),
                  close.digest, close.signature);
}

// Takes the digest of what can't change any more while others post, and of the few that came meanwhile when they have
// stopped.
Close make_close(core::db::TenantTransaction& transaction, const std::vector<Close>& before, core::BusinessDay until,
                 std::int64_t settled, const SealKey& key, const core::Clock& clock, std::vector<Seal>& seals) {
    Close close{};
    close.until = until;
    if (!before.empty()) {
        close.after = before.back().until;
        close.previous = before.back().digest;
    }
    DaysDigest days({close.after, until});
    days.add(transaction, 0, settled);
    close.until_entry = stop_posting(transaction);
    seals = seal_until(transaction, close.until_entry, key, clock);
    days.add(transaction, settled, close.until_entry);
    close.entries = days.count();
    close.entries_digest = days.finish();
    close.trial_balance_digest = trial_balance_now(transaction);
    close.closed_at = clock.now();
    return close;
}

std::string name_of(const Close& close) { return "close of " + core::format_day(close.until); }

void verify_close(core::db::TenantTransaction& transaction, const Close& close, const std::optional<Close>& before,
                  const std::string& public_key, std::vector<std::string>& breaches) {
    if (close.previous != (before ? before->digest : "") ||
        close.after != (before ? std::optional(before->until) : std::nullopt)) {
        breaches.push_back(name_of(close) + " does not go on where the one before it ends: a close is missing");
    }
    if (digest_of(transaction.tenant(), close) != close.digest) {
        breaches.push_back(name_of(close) + " was changed: its digest is another one's");
    } else if (!is_signed(public_key, "close", close.digest, close.signature)) {
        breaches.push_back(name_of(close) + " is not signed with this key");
    }
    for (const auto& row : core::db::run(transaction, kDatedTooLate, transaction.tenant().text(), close.until_entry,
                                         core::format_day(close.until))) {
        breaches.push_back("entry " + row[0].as<std::string>() + " is dated " + row[1].as<std::string>() +
                           " and came after the " + name_of(close));
    }
    DaysDigest days({close.after, close.until});
    days.add(transaction, 0, close.until_entry);
    if (days.count() != close.entries || days.finish() != close.entries_digest) {
        breaches.push_back(name_of(close) + " had other entries than these days have now");
    }
}

// That of the last close alone: to add up all entries for each would take a year's closes a year's time, and what
// earlier ones had follows from entries that haven't changed. duizhang-verify-books looks at each.
void verify_trial_balance(core::db::TenantTransaction& transaction, const Close& last,
                          std::vector<std::string>& breaches) {
    if (trial_balance_until(transaction, last.until_entry) != last.trial_balance_digest) {
        breaches.push_back(name_of(last) + " had another trial balance than its entries give now");
    }
}

}  // namespace

std::optional<core::BusinessDay> closed_until(core::db::TenantTransaction& transaction) {
    const auto rows = core::db::run(transaction, kUntil, transaction.tenant().text());
    return rows[0][0].is_null() ? std::nullopt : std::optional(day_from(rows[0][0].as<std::string>()));
}

std::vector<Close> read_closes(core::db::TenantTransaction& transaction) {
    std::vector<Close> closes;
    for (const auto& row : core::db::run(transaction, kCloses, transaction.tenant().text())) {
        closes.push_back(close_in(row));
    }
    return closes;
}

Close close(core::db::Database& database, const core::TenantId& tenant, core::BusinessDay until,
            const std::string& accepted, const SealKey& key, const core::Clock& clock,
            const std::function<void(core::db::TenantTransaction&, const Close&)>& also,
            const AlsoOfSeals& also_of_seals) {
    seal(database, tenant, key, clock, also_of_seals);
    std::optional<Close> made;
    when_posting_stops([&] {
        core::db::TenantTransaction transaction(database, tenant);
        core::db::take_time(transaction);  // for the digest of all that is settled, while others post
        const auto before = read_closes(transaction);
        const auto standing =
            std::find_if(before.begin(), before.end(), [&](const Close& earlier) { return earlier.until >= until; });
        if (standing != before.end()) {
            made = *standing;
            return;
        }
        std::vector<Seal> seals;
        made = make_close(transaction, before, until, sealed_until(transaction), key, clock, seals);
        made->accepted = accepted;
        made->digest = digest_of(tenant, *made);
        made->signature = key.sign("close", made->digest);
        insert(transaction, *made);
        if (also_of_seals && !seals.empty()) {
            also_of_seals(transaction, seals);
        }
        if (also) {
            also(transaction, *made);
        }
        transaction.commit();
    });
    return *made;
}

std::vector<std::string> verify_closes(core::db::TenantTransaction& transaction, const std::string& public_key) {
    std::vector<std::string> breaches;
    std::optional<Close> before;
    for (const auto& close : read_closes(transaction)) {
        verify_close(transaction, close, before, public_key, breaches);
        before = close;
    }
    if (before) {
        verify_trial_balance(transaction, *before, breaches);
    }
    return breaches;
}

}  // namespace ledger
