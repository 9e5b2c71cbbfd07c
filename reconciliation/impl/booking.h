// Booking: what a day's statement proves, as one entry a run. A rerun posts the difference to what earlier runs of the
// day posted, so that the same again posts nothing.
#pragma once

#include "core/db/database.h"
#include "ledger/entry.h"
#include "reconciliation/match.h"
#include "reconciliation/record.h"

namespace reconciliation {

// One item whose money the statement proves.
struct Proved {
    enum class How {
        settled,      // in the books and on the statement: transit:payment to transit:funds
        unknown,      // on the statement alone (长款): transit:funds against transit:customer
        found_later,  // was unknown on an earlier day, now in the books: transit:customer to transit:payment
        fee_only,     // a charge of the channel's own: expense:channel_fee against transit:funds
    };
    How how;
    payments::TransactionType type;
    std::int64_t amount;  // as the channel has it
    std::string currency;
    std::optional<std::int64_t> fee;
    std::string fee_currency;
    bool on_funds;  // as in Record
    // settled, found_later: as the books have it, where a rule let another amount than the channel's pass.
    std::optional<std::int64_t> booked{};
    std::string item_key{};  // unknown, found_later: of the statement's line
};

// What must stand in the books for these items.
ledger::Balances proved_balances(const std::string& channel, const std::vector<Proved>& items);

// Posts what is missing for the day. Nothing when the books say it already.
std::optional<core::EntryId> book_run(core::db::TenantTransaction& transaction, const std::string& channel,
                                      core::BusinessDay day, core::Instant now, const std::vector<Proved>& items);

// Takes back what a run of the day booked of these items, which are part of what it proved. What was posted.
std::vector<ledger::Leg> take_back(core::db::TenantTransaction& transaction, const std::string& channel,
                                   core::BusinessDay day, core::Instant now, const std::vector<Proved>& items);

}  // namespace reconciliation
