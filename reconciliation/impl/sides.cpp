#include "reconciliation/impl/sides.h"

#include <algorithm>
#include <iterator>
#include <map>
#include <optional>
#include <set>
#include <tuple>
#include <utility>

#include "reconciliation/impl/records.h"

namespace reconciliation {
namespace {

using Key = std::pair<payments::TransactionType, std::string>;

Key key_of(const Record& record) { return {record.type, record.channel_txn_id}; }

// An item waits for the next day's data where it is near the cut; where the channel's calendar gives items a grace, all
// wait so many business days. It goes by the day the item belongs to, so that reruns and later days say the same.
std::optional<core::BusinessDay> expected_by(const Day& day, core::BusinessDay belongs_to, bool near_cut) {
    const auto next = core::day_after(belongs_to);
    const auto grace = day.calendar == nullptr ? belongs_to : config::carried_until(*day.calendar, belongs_to);
    if (grace > belongs_to) {
        return std::max(next, grace);
    }
    return near_cut ? std::optional(next) : std::nullopt;
}

void add_lines(const JobContext& context, const Day& day, const StreamedDay& streamed, Sides& sides) {
    const auto cut = day.channel.day_cut();
    for (const auto& line : streamed.lines) {
        Record record = record_of_line(line, streamed.statement);
        record.business_day = day.business_day;
        record.expected_fee = expected_fee(line, day.fees, day.channel, day.business_day);
        record.near_cut = is_near_cut(record, cut, context.carry_window);
        record.expected_by = expected_by(day, day.business_day, record.near_cut);
        record.position = sides.channel.size();
        sides.channel.push_back(std::move(record));
        sides.channel_fee_currency.emplace_back(line.fee ? line.fee->currency().code() : std::string_view());
        sides.channel_item.push_back(nullptr);
    }
}

void add_movements(const JobContext& context, const Day& day, std::vector<Record> records, Sides& sides) {
    const auto cut = day.channel.day_cut();
    for (auto& record : records) {
        record.near_cut = is_near_cut(record, cut, context.carry_window);
        record.expected_by = expected_by(day, record.business_day, record.near_cut);
        sides.ledger.push_back(std::move(record));
        sides.ledger_item.push_back(nullptr);
    }
}

// Lines whose movement the books have on a neighbouring day are held against it: displaced by the cut, and not missing.
// What lies within the carry window of the cut between the two days is left to wait there.
void add_displaced(const JobContext& context, core::db::TenantTransaction& transaction, const Day& day,
                   const std::vector<Record>& late, BookTotals& totals, Sides& sides) {
    std::set<Key> of_the_day, aliases_of_the_day;
    for (const auto* records : {&std::as_const(sides.ledger), &late}) {
        for (const auto& record : *records) {
            of_the_day.insert(key_of(record));
            aliases_of_the_day.emplace(record.type, record.alias);
        }
    }
    std::vector<std::string> ids, aliases;
    for (const auto& line : sides.channel) {
        if (line.near_cut) {
            continue;
        }
        if (!line.channel_txn_id.empty() && !of_the_day.contains(key_of(line))) {
            ids.push_back(line.channel_txn_id);
        } else if (line.channel_txn_id.empty() && !line.alias.empty() &&
                   !aliases_of_the_day.contains({line.type, line.alias})) {
            aliases.push_back(line.alias);
        }
    }
    const auto wanted = [&](const Record& record) {
        const bool waits_there =
            record.business_day < day.business_day && is_near_cut(record, day.channel.day_cut(), context.carry_window);
        return !waits_there && !of_the_day.contains(key_of(record));
    };
    auto records = displaced_movements(transaction, day.channel.name(), day.business_day, ids, aliases);
    std::erase_if(records, [&](const Record& record) { return !wanted(record); });
    for (auto& record : records) {
        totals.add(record.type, record.currency, record.amount);
        record.displaced = true;
        record.position = sides.ledger.size();
        sides.ledger.push_back(std::move(record));
        sides.ledger_item.push_back(nullptr);
    }
}

// Items that wait are part of the day; those called missing before only when the day has their other side.
void add_open_items(Sides& sides) {
    std::set<Key> ledger_keys;
    std::set<Key> channel_keys;
    for (const auto& record : sides.ledger) {
        ledger_keys.insert(key_of(record));
    }
    for (const auto& record : sides.channel) {
        channel_keys.insert(key_of(record));
    }
    for (const auto& item : sides.items) {
        const auto& others = item.side == Side::ledger ? channel_keys : ledger_keys;
        if (!item.waiting && (item.record.is_settled_later() || !others.contains(key_of(item.record)))) {
            continue;
        }
        sides.carried_in += item.waiting ? 1 : 0;
        if (item.side == Side::ledger) {
            sides.ledger.push_back(item.record);
            sides.ledger_item.push_back(&item);
        } else {
            sides.channel.push_back(item.record);
            sides.channel_fee_currency.push_back(item.fee_currency);
            sides.channel_item.push_back(&item);
        }
    }
}

// Lines that don't name the transaction get its id from the books' record of the same alias and type: a report
// without the source column has balance transactions only.
void resolve_aliases(Sides& sides) {
    std::map<Key, std::string> ids;
    const auto learn = [&](const Record& record) {
        if (!record.alias.empty()) {
            ids.emplace(Key{record.type, record.alias}, record.channel_txn_id);
        }
    };
    std::for_each(sides.ledger.begin(), sides.ledger.end(), learn);
    for (auto& record : sides.channel) {
        const auto known = record.channel_txn_id.empty() ? ids.find({record.type, record.alias}) : ids.end();
        if (known != ids.end()) {
            record.channel_txn_id = known->second;
        }
    }
}

// What of this day a later day's run has settled stays settled there, whatever this day's statement says now: `later`
// are the items that it opened.
void mark_settled_later(const std::vector<OpenItem>& later, Sides& sides) {
    std::map<std::tuple<Side, payments::TransactionType, std::string>, Record::SettledLater> known;
    for (const auto& item : later) {
        known.emplace(std::tuple(item.side, item.record.type, item_key(item.record)), item.record.settled_later);
    }
    for (auto [side, records] : {std::pair(Side::ledger, &sides.ledger), {Side::channel, &sides.channel}}) {
        for (auto& record : *records) {
            const auto found = known.find({side, record.type, item_key(record)});
            if (found != known.end()) {
                record.settled_later = found->second;
            }
        }
    }
}

// What rules of other days' runs have added up, they don't add up again; nor what can't be told from others of its
// side.
std::vector<RuleUse> keep_from_rules(core::db::TenantTransaction& transaction, const Day& day, Sides& sides) {
    using SideKey = std::tuple<Side, payments::TransactionType, std::string>;
    std::map<SideKey, std::vector<Record*>> by_key;
    std::vector<std::string> keys;
    for (auto [side, records] : {std::pair(Side::ledger, &sides.ledger), {Side::channel, &sides.channel}}) {
        for (auto& record : *records) {
            keys.push_back(item_key(record));
            by_key[{side, record.type, keys.back()}].push_back(&record);
        }
    }
    auto uses = used_by_rules(transaction, day.channel.name(), day.business_day, keys);
    for (const auto& [key, records] : by_key) {
        for (Record* record : records) {
            record->kept_from_rules = records.size() > 1 || std::get<2>(key).empty();
        }
    }
    for (const auto& use : uses) {
        for (Record* record : by_key[{use.side, use.record.type, use.record.channel_txn_id}]) {
            record->kept_from_rules = true;
        }
    }
    return uses;
}

// A transaction that another day's run had first, paired or alone: by what it was listed.
using Elsewhere = std::map<Key, Record>;

Elsewhere elsewhere_of(core::db::TenantTransaction& transaction, const Day& day, const Sides& sides,
                       const std::vector<RuleUse>& uses) {
    std::set<Key> of_the_day;
    for (const auto& record : sides.ledger) {
        if (!record.is_settled_later()) {
            of_the_day.insert(key_of(record));
        }
    }
    std::vector<std::string> alone;
    for (const auto& record : sides.channel) {
        if (!record.channel_txn_id.empty() && !of_the_day.contains(key_of(record))) {
            alone.push_back(record.channel_txn_id);
        }
    }
    Elsewhere elsewhere;
    for (const auto& record : used_elsewhere(transaction, day.channel.name(), day.business_day, alone)) {
        elsewhere.emplace(key_of(record), record);
    }
    for (const auto& item : lines_opened_later(transaction, day.channel.name(), day.business_day, alone)) {
        elsewhere.emplace(key_of(item.record), item.record);
    }
    for (const auto& item : sides.items) {
        if (item.side == Side::channel && !item.waiting && !item.record.channel_txn_id.empty()) {
            elsewhere.emplace(key_of(item.record), item.record);
        }
    }
    for (const auto& use : uses) {
        if (use.side == Side::channel) {
            elsewhere.emplace(key_of(use.record), use.record);
        }
    }
    return elsewhere;
}

Discrepancy repeat_of(const Record& line, const Record& other, const MatchOptions& options) {
    Discrepancy row{};
    row.id = discrepancy_id(options, line.type, line.channel_txn_id, line.merchant_order_id);
    row.kind = DiscrepancyKind::duplicate_in_channel;
    row.type = line.type;
    tell_channel(line, row);
    if (row.merchant_order_id.empty()) {
        row.merchant_order_id = other.merchant_order_id;
    }
    row.item_day = std::min(other.business_day, options.day);
    row.age_days = core::days_between(row.item_day, options.day);
    row.channel_times = 2;
    row.evidence = {line.evidence, other.evidence};
    if (line.bytes > 0) {
        row.evidence_bytes = {{line.evidence, line.begin, line.bytes}};
    }
    if (other.evidence.starts_with("entry:")) {
        tell_ledger(other, row);
        row.ledger_times = 1;
    }
    return row;
}

// Takes lines out whose transaction another day's run had already: they are listed as repeated, and their money is
// booked no second time. Not those whose own line the other run settled.
void take_out_repeats(core::db::TenantTransaction& transaction, const Day& day, const MatchOptions& options,
                      const std::vector<RuleUse>& uses, Sides& sides) {
    const Elsewhere elsewhere = elsewhere_of(transaction, day, sides, uses);
    if (elsewhere.empty()) {
        return;
    }
    std::map<Key, Discrepancy> repeats;
    std::size_t kept = 0;
    for (std::size_t at = 0; at < sides.channel.size(); ++at) {
        const auto known = elsewhere.find(key_of(sides.channel[at]));
        // A line that was still processing is no repeat of the one that settled it later.
        const bool is_other_line =
            sides.channel[at].is_settled_later() || sides.channel[at].status == payments::TransactionStatus::processing;
        if (known != elsewhere.end() && !is_other_line) {
            repeats.emplace(known->first, repeat_of(sides.channel[at], known->second, options));
            continue;
        }
        if (kept != at) {
            sides.channel[kept] = std::move(sides.channel[at]);
            sides.channel_fee_currency[kept] = std::move(sides.channel_fee_currency[at]);
        }
        ++kept;
    }
    sides.channel.resize(kept);
    sides.channel_fee_currency.resize(kept);
    sides.channel_item.resize(kept);
    for (auto& [key, row] : repeats) {
        sides.repeats.push_back(std::move(row));
    }
}

}  // namespace

Sides gather(const JobContext& context, core::db::TenantTransaction& transaction, const Day& day, StreamedDay& streamed,
             std::vector<OpenItem> items, const MatchOptions& options) {
    Sides sides;
    add_lines(context, day, streamed, sides);
    add_movements(context, day, std::move(streamed.movements), sides);
    auto late = late_movements(transaction, day.channel.name(), day.business_day);
    add_displaced(context, transaction, day, late, streamed.book_totals, sides);
    add_movements(context, day, std::move(late), sides);
    resolve_aliases(sides);
    const auto later = std::stable_partition(items.begin(), items.end(),
                                             [&](const OpenItem& item) { return item.opened_on < day.business_day; });
    mark_settled_later({std::make_move_iterator(later), std::make_move_iterator(items.end())}, sides);
    items.erase(later, items.end());
    sides.items = std::move(items);
    for (auto& item : sides.items) {
        if (item.waiting) {
            item.record.expected_by = expected_by(day, item.record.business_day, true);
        }
    }
    take_out_repeats(transaction, day, options, keep_from_rules(transaction, day, sides), sides);
    add_open_items(sides);
    return sides;
}

}  // namespace reconciliation
