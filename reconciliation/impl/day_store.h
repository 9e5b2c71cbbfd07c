// The rows behind a day's run.
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <utility>
#include <vector>

#include "core/db/database.h"
#include "core/db/trip.h"
#include "core/failure.h"
#include "core/time.h"
#include "payments/channel.h"
#include "reconciliation/impl/booking.h"
#include "reconciliation/impl/movement_set.h"
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

// A movement of the books as far as it takes to see whether the statement agrees.
struct StreamedMovement {
    std::int64_t id;
    payments::TransactionType type;
    std::string_view channel_txn_id;
    std::int64_t amount;
    std::string_view currency;
    bool is_plain;  // its money has moved, and an order asks for it where one has to
};
// The books' movements of the day, as this day's run may use them: not those that another day's run used, unless this
// day opened them. One after the other; what a movement refers to is gone with the next.
void stream_movements(core::db::TenantTransaction& transaction, std::string_view channel, core::BusinessDay day,
                      const std::function<void(const StreamedMovement&)>& take);
// Of the same, those of these ids, with their orders.
std::vector<Record> movements_of(core::db::TenantTransaction& transaction, std::string_view channel,
                                 core::BusinessDay day, const std::vector<std::int64_t>& ids);
// Type and id of the same that the channel also calls by one of these names.
std::vector<std::pair<payments::TransactionType, std::string>> movements_called(
    core::db::TenantTransaction& transaction, std::string_view channel, core::BusinessDay day,
    const std::vector<std::string>& aliases);
// Movements of earlier, reconciled days that no run has seen: their callbacks came late.
std::vector<Record> late_movements(core::db::TenantTransaction& transaction, std::string_view channel,
                                   core::BusinessDay day);
// Of these transactions, the books' movements of the day before and the day after that no other day's run used or
// opened: the same money, booked on another day than the statement's.
std::vector<Record> displaced_movements(core::db::TenantTransaction& transaction, std::string_view channel,
                                        core::BusinessDay day, const std::vector<std::string>& channel_txn_ids,
                                        const std::vector<std::string>& aliases);
// Of these transactions, the books' movements that other days' runs used: a statement that lists one again repeats it.
std::vector<Record> used_elsewhere(core::db::TenantTransaction& transaction, std::string_view channel,
                                   core::BusinessDay day, const std::vector<std::string>& channel_txn_ids);
// Items opened before the day and not closed before it.
std::vector<OpenItem> open_items(core::db::TenantTransaction& transaction, std::string_view channel,
                                 core::BusinessDay day);
// Items that this day opened and a later day's run closed.
std::vector<OpenItem> items_settled_later(core::db::TenantTransaction& transaction, std::string_view channel,
                                          core::BusinessDay day);
// Of these transactions, the lines that later days opened.
std::vector<OpenItem> lines_opened_later(core::db::TenantTransaction& transaction, std::string_view channel,
                                         core::BusinessDay day, const std::vector<std::string>& channel_txn_ids);

// A record that a rule added up, and in which run.
struct RuleUse {
    Side side;
    core::BusinessDay day;
    std::string rule;
    int group_no;  // of the run, from 1
    Record record;
};
// Of the records with these keys those that other days' runs added up. Of a record its type, its key (as the channel's
// id), amount, day and evidence are known.
std::vector<RuleUse> used_by_rules(core::db::TenantTransaction& transaction, std::string_view channel,
                                   core::BusinessDay day, const std::vector<std::string>& item_keys);
// Type and id of movements of the day that other days' runs added up, or whose line they did.
std::vector<std::pair<payments::TransactionType, std::string>> movements_in_rules(
    core::db::TenantTransaction& transaction, std::string_view channel, core::BusinessDay day);
// Instead of what an earlier run of the day left. That no record is used twice is held by rule_matches_once.
void store_rule_uses(core::db::Trip& trip, const std::string& tenant, std::string_view channel, core::BusinessDay day,
                     const std::vector<RuleUse>& uses);

struct RunOutcome;
// Lines that later days' runs booked as unknown money, and that this run has settled, or called missing itself, or that
// its statement has no more: what the later runs booked of them is taken back.
void take_back_unknown(core::db::TenantTransaction& transaction, const std::string& channel, core::BusinessDay day,
                       core::Instant now, const RunOutcome& outcome);

// A record of the books that found its other side.
struct UsedRecord {
    Record record;
    bool settles;  // nothing about the pair keeps its money from being settled
};

// What the day's run leaves behind.
struct RunOutcome {
    const ReviewList& list;
    bool totals_agree;
    const MovementSet& agreed;          // movements of the day that simply agree with the statement
    std::vector<UsedRecord> used;       // other records of the books that were paired
    std::vector<OpenItem> opened;       // `waiting` ones are timing
    std::vector<OpenItem> closed;       // open items that found their other side
    std::vector<OpenItem> now_missing;  // waiting items that did not
    std::vector<RuleUse> rule_uses{};   // what rules added up
    std::vector<Proved> proved{};       // what the run books
};
void store_run(core::db::TenantTransaction& transaction, core::BusinessDay day, const RunOutcome& outcome);

}  // namespace reconciliation
