// The words of the books for tests, and a tenant's books on a real PostgreSQL.
//
//     TenantBooks books;                                    // a new tenant in the program's one database
//     books.post(entry);
//     EXPECT_EQ(books.balances(), (Sums{{"bank:main CNY", 5}, {"income:sales CNY", -5}}));
//     EXPECT_EQ(books.complaints(), "");                    // what every test of a write ends with
#pragma once

#include <atomic>
#include <map>
#include <optional>
#include <string>
#include <type_traits>
#include <utility>
#include <vector>

#include "core/db/database.h"
#include "core/failure.h"
#include "core/money.h"
#include "core/time.h"
#include "ledger/books.h"
#include "ledger/entry.h"
#include "tests/support/test_database.h"

namespace test_support {

inline core::Currency currency(const char* code) {
    const auto found = core::Currency::from_code(code);
    core::ensure(found.has_value(), "a test names a currency there is");
    return *found;
}
inline core::Money cny(std::int64_t minor) { return {minor, currency("CNY")}; }
inline core::Money usd(std::int64_t minor) { return {minor, currency("USD")}; }
inline core::Money eur(std::int64_t minor) { return {minor, currency("EUR")}; }

inline ledger::Account account(const std::string& name) {
    auto found = ledger::Account::from_name(name);
    core::ensure(found.has_value(), "a test names an account of the chart");
    return *found;
}

inline core::Instant instant(const char* rfc3339) {
    const auto found = core::parse_rfc3339(rfc3339);
    core::ensure(found.has_value(), "a test names an instant");
    return *found;
}
inline core::BusinessDay day(const char* text) {
    const auto found = core::parse_day(text);
    core::ensure(found.has_value(), "a test names a day");
    return *found;
}

inline ledger::EntryHead entry_head(const std::string& source_key, const std::string& group_key = "",
                                    const char* business_day = "2026-11-18") {
    return {"manual", source_key, group_key, "a test's entry", instant("2026-11-18T01:02:03.456Z"), day(business_day)};
}

// "account CUR" and what stands on it; accounts at zero are left out.
using Sums = std::map<std::string, std::int64_t>;

// The program's one database for books.
inline const TestDatabase& books_test_database() {
    static const TestDatabase made;
    return made;
}
inline core::db::Database& books_database() {
    static core::db::Database database(books_test_database().service_options());
    return database;
}

class TenantBooks {
public:
    TenantBooks() : tenant_(next_tenant()) {}

    const core::TenantId& tenant() const { return tenant_; }

    // Runs `use` in a transaction of its own, which commits.
    template <typename Use>
    auto with(Use use) const {
        core::db::TenantTransaction transaction(books_database(), tenant_);
        if constexpr (std::is_void_v<decltype(use(transaction))>) {
            use(transaction);
            transaction.commit();
        } else {
            auto result = use(transaction);
            transaction.commit();
            return result;
        }
    }

    std::optional<core::EntryId> post(const ledger::Entry& entry) const {
        return with([&](auto& transaction) { return ledger::post(transaction, entry); });
    }
    std::optional<core::EntryId> post(ledger::EntryHead head, std::vector<ledger::Leg> legs) const {
        auto entry = ledger::Entry::make(std::move(head), std::move(legs));
        core::ensure(static_cast<bool>(entry), "a test posts an entry that balances");
        return post(*entry);
    }

    Sums balances(const ledger::AsOf& as_of = {}) const {
        Sums sums;
        for (const auto& row : with([&](auto& transaction) { return ledger::trial_balance(transaction, as_of); })) {
            if (row.balance_minor() != 0) {
                sums[row.account + " " + row.currency] = row.balance_minor();
            }
        }
        return sums;
    }

    ledger::Verification verify() const {
        return with([](auto& transaction) { return ledger::verify(transaction); });
    }

    // What is wrong with the books, in words; empty when they are right.
    std::string complaints() const {
        std::string text;
        for (const auto& breach : verify().breaches) {
            text += breach + "\n";
        }
        Sums by_currency;
        for (const auto& row : with([](auto& transaction) { return ledger::trial_balance(transaction); })) {
            by_currency[row.currency] += row.balance_minor();
        }
        for (const auto& [code, sum] : by_currency) {
            text += sum == 0 ? "" : "the trial balance is off in " + code + "\n";
        }
        return text;
    }

private:
    static core::TenantId next_tenant() {
        static std::atomic<int> count{0};
        return core::TenantId("tenant-" + std::to_string(++count));
    }

    core::TenantId tenant_;
};

}  // namespace test_support
