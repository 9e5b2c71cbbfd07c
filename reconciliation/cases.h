// Cases: what the clearing accounts consist of. Of each account and currency the open cases add up to its balance, at
// every instant: both change in the transaction that books, matches or settles.
//
//   transit:payment:C    booked movements that no statement has proved: unproved (no run has seen it yet), timing,
//                        missing_in_channel, differs
//   transit:customer:C   missing_in_ledger, on a statement alone; unassigned, what no order explains
//   transit:funds:C      awaited, by business day: proved by its statement and not received at a bank; received_early
//   each of them         by_hand: entries that neither of these explains, less what was undone of them
//
// They are told from movements, orders, what runs proved (reconciliation.proved_items) and banks' credits, and not
// from the entries.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "core/db/database.h"
#include "core/time.h"

namespace reconciliation {

struct Case {
    std::string account;
    std::string channel;
    std::string currency;
    std::int64_t amount_minor = 0;  // as it stands on the account: debit above zero
    std::string kind;
    std::string reference;  // "payment ch_1", "order A-1", "settlement 2026-11-18", "entry 17"
    core::BusinessDay opened_on{};
};

struct CaseFilter {
    std::optional<std::string> account;
    std::optional<std::string> channel;
    std::optional<std::string> kind;
    // The last of the page before.
    struct Place {
        std::string account, currency, opened_on, reference, kind;
    };
    std::optional<Place> after;
};

const std::vector<std::string>& case_kinds();
CaseFilter::Place place_of(const Case& one);

// In the order of account, currency, day, reference.
std::vector<Case> list_cases(core::db::TenantTransaction& transaction, const CaseFilter& filter, std::int64_t limit);

struct ClearingAccount {
    std::string account;
    std::string currency;
    std::int64_t cases = 0;
    std::int64_t cases_minor = 0;
    std::int64_t balance_minor = 0;

    bool agrees() const { return cases_minor == balance_minor; }
};
// Those on which something stands, or that have a case, read at one instant. Of one account, or of all.
std::vector<ClearingAccount> clearing_accounts(core::db::TenantTransaction& transaction,
                                               const std::optional<std::string>& account);

}  // namespace reconciliation
