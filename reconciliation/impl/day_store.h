// The rows behind a day's run.
#pragma once

#include <set>
#include <string>
#include <vector>

#include "core/db/database.h"
#include "core/time.h"
#include "payments/channel.h"
#include "reconciliation/match.h"
#include "reconciliation/review_list.h"

namespace reconciliation {

enum class Side { ledger, channel };

// An open item of an earlier day.
struct OpenItem {
    Side side;
    core::BusinessDay opened_on;
    bool waiting;  // still in transit: no run before this day called it missing
    Record record;
    std::string fee_currency;
};

// What distinguishes items of one side: the channel's transaction id, or the order's number without one.
std::string item_key(const Record& record);

// One run at a time for a channel of a tenant; held until the transaction ends.
void lock_channel(core::db::TenantTransaction& transaction, std::string_view channel);

// The books' movements of the day, with their orders, as this day's run may use them: not those that another day's run
// used, unless this day opened them.
std::vector<Record> movements_of_day(core::db::TenantTransaction& transaction, std::string_view channel,
                                     core::BusinessDay day);
// Movements of earlier, reconciled days that no run has seen: their callbacks came late.
std::vector<Record> late_movements(core::db::TenantTransaction& transaction, std::string_view channel,
                                   core::BusinessDay day);
// Of these transactions, the books' movements of the day before and the day after that no other day's run used or
// opened: the same money, booked on another day than the statement's.
std::vector<Record> displaced_movements(core::db::TenantTransaction& transaction, std::string_view channel,
                                        core::BusinessDay day, const std::vector<std::string>& channel_txn_ids,
                                        const std::vector<std::string>& aliases);
// Of these transactions, the books' movements that earlier days' runs used: a statement that lists one again repeats
// it.
std::vector<Record> used_before(core::db::TenantTransaction& transaction, std::string_view channel,
                                core::BusinessDay day, const std::vector<std::string>& channel_txn_ids);
// Items opened before the day and not closed before it.
std::vector<OpenItem> open_items(core::db::TenantTransaction& transaction, std::string_view channel,
                                 core::BusinessDay day);

// What the day's run leaves behind.
struct RunOutcome {
    const ReviewList& list;
    bool totals_agree;
    std::vector<Record> used;           // books' records that were paired
    std::vector<OpenItem> opened;       // `waiting` ones are timing
    std::vector<OpenItem> closed;       // open items that found their other side
    std::vector<OpenItem> now_missing;  // waiting items that did not
};
void store_run(core::db::TenantTransaction& transaction, core::BusinessDay day, const RunOutcome& outcome);

}  // namespace reconciliation
