// Bank: an account's day, from its statements to what they settle and to a review list of what nothing explains.
#pragma once

#include <filesystem>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "config/settings.h"
#include "payments/bank/statement.h"
#include "reconciliation/job.h"
#include "reconciliation/review_list.h"

namespace reconciliation {

// "bank-main": where an account's statements and lists lie, and what its runs are kept as.
std::string bank_folder(const config::Bank& bank);

struct BankAccount {
    const config::TenantSettings& tenant;
    const config::Bank& bank;
};

struct BankDay {
    core::BusinessDay day{};
    bool fresh = false;  // a statement was stored that wasn't there
    ReviewList list;
    std::filesystem::path folder;
};

// Stores the statements, as read_statements() gives them, and reconciles their days, oldest first. Each day is one
// transaction and one publication: its statements, what they settle (debit bank:NAME, credit transit:funds:CHANNEL, or
// bank:CHANNEL for payouts that the channel told of) and its list come together or not at all. A statement that is
// there already is reconciled again: what it settled stays, and what has become known since may explain more.
//
// An entry that tells a channel's settlement pays that channel's days whose open amounts, one day after the other, add
// up to exactly its amount. What none does may pay days that don't follow each other, or pay one day together with
// other credits of the week before, where sums are exact and no other choice is as good. Any other is explained by an
// entry of the books on bank:NAME of the same amount, dated within the seven days before it. What neither explains is
// on the list; so is what was due and hasn't come.
//
// Throws core::InputError when a statement doesn't follow those that are stored.
std::vector<BankDay> reconcile_bank(const JobContext& context, const BankAccount& account,
                                    const std::vector<payments::bank::Statement>& statements,
                                    const std::function<std::filesystem::path(core::BusinessDay)>& folder_of);

// ---- What is stored
// --------------------------------------------------------------------------------------------------

struct StoredBankStatement {
    std::string sha256;
    std::string file;
    std::string file_sha256;
    core::BusinessDay day{};
    std::optional<std::int64_t> number;
    std::optional<std::int64_t> opening_minor;
    std::optional<std::int64_t> closing_minor;
    std::int64_t entries = 0;
    std::int64_t explained = 0;
};
// The latest day first.
std::vector<StoredBankStatement> list_bank_statements(core::db::TenantTransaction& transaction, const std::string& bank,
                                                      std::int64_t limit);

struct StoredBankEntry {
    std::string sha256;
    std::int64_t number = 0;
    core::BusinessDay booked{};
    std::int64_t amount_minor = 0;
    std::string reference;
    std::string counterparty;
    std::string description;
    std::string evidence;
    std::optional<std::int64_t> entry_id;  // of the books, which explains it
    std::string channel;                   // whose days it paid; empty: none's
    std::optional<core::BusinessDay> first_day;
    std::optional<core::BusinessDay> last_day;

    std::string texts() const { return reference + "\n" + counterparty + "\n" + description; }
};
// Those of the day's statements, in their order.
std::vector<StoredBankEntry> bank_entries_of(core::db::TenantTransaction& transaction, const std::string& bank,
                                             core::BusinessDay day);

}  // namespace reconciliation
