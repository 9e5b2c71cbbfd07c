#include "reconciliation/matching/grouping.h"

#include <algorithm>
#include <compare>
#include <limits>

#include "core/failure.h"
#include "reconciliation/matching/content.h"
#include "reconciliation/matching/order_pairing.h"

namespace reconciliation::matching {

namespace {

struct Keyed {
    std::uint64_t hash;
    std::uint32_t index;
};

// One side's records that carry the channel's id, sorted by it, and those that don't.
struct Side {
    const std::vector<Record>& records;
    std::vector<Keyed> keyed;
    std::vector<std::uint32_t> without_id;
};

std::strong_ordering compare_keys(const Keyed& a, const Record& x, const Keyed& b, const Record& y) {
    if (const auto order = a.hash <=> b.hash; std::is_neq(order)) {
        return order;
    }
    if (const auto order = x.type <=> y.type; std::is_neq(order)) {
        return order;
    }
    return x.channel_txn_id <=> y.channel_txn_id;
}

Side sorted_side(const std::vector<Record>& records) {
    core::ensure(records.size() < std::numeric_limits<std::uint32_t>::max(), "a side's records are counted in 32 bits");
    Side side{records, {}, {}};
    side.keyed.reserve(records.size());
    for (std::uint32_t i = 0; i < records.size(); ++i) {
        if (records[i].channel_txn_id.empty()) {
            side.without_id.push_back(i);
        } else {
            side.keyed.push_back({stable_hash(records[i].type, records[i].channel_txn_id), i});
        }
    }
    std::sort(side.keyed.begin(), side.keyed.end(), [&](const Keyed& a, const Keyed& b) {
        if (const auto order = compare_keys(a, records[a.index], b, records[b.index]); std::is_neq(order)) {
            return std::is_lt(order);
        }
        if (const auto order = compare_content(records[a.index], records[b.index]); std::is_neq(order)) {
            return std::is_lt(order);
        }
        return a.index < b.index;
    });
    return side;
}

// Where the run of equal keys that begins at `at` ends.
std::uint32_t run_end(const Side& side, std::uint32_t at) {
    std::uint32_t end = at + 1;
    while (end < side.keyed.size() && std::is_eq(compare_keys(side.keyed[at], side.records[side.keyed[at].index],
                                                              side.keyed[end], side.records[side.keyed[end].index]))) {
        ++end;
    }
    return end;
}

bool settled_later(const Side& side, const Run& run) {
    return std::any_of(side.keyed.begin() + run.begin, side.keyed.begin() + run.end,
                       [&](const Keyed& keyed) { return side.records[keyed.index].is_settled_later(); });
}

// A line that is still processing settles nothing, so it may pair with what a later day settled.
bool processing(const Side& side, const Run& run) {
    return std::all_of(side.keyed.begin() + run.begin, side.keyed.begin() + run.end, [&](const Keyed& keyed) {
        return side.records[keyed.index].status == payments::TransactionStatus::processing;
    });
}

// Walks both sorted sides together: what has one key on both becomes a group, the rest is left over.
void join(const Side& ledger, const Side& channel, std::vector<Group>& groups, Leftovers& left) {
    std::uint32_t l = 0;
    std::uint32_t c = 0;
    while (l < ledger.keyed.size() || c < channel.keyed.size()) {
        auto order = std::strong_ordering::equal;
        if (l == ledger.keyed.size()) {
            order = std::strong_ordering::greater;
        } else if (c == channel.keyed.size()) {
            order = std::strong_ordering::less;
        } else {
            order = compare_keys(ledger.keyed[l], ledger.records[ledger.keyed[l].index], channel.keyed[c],
                                 channel.records[channel.keyed[c].index]);
        }
        const Run ledger_run{l, std::is_lteq(order) ? run_end(ledger, l) : l};
        const Run channel_run{c, std::is_gteq(order) ? run_end(channel, c) : c};
        l = ledger_run.end;
        c = channel_run.end;
        const bool both = std::is_eq(order);
        const bool apart = settled_later(ledger, ledger_run) && !processing(channel, channel_run);
        if (both && !apart && !settled_later(channel, channel_run)) {
            groups.push_back({ledger_run, channel_run});
            continue;
        }
        if (std::is_lteq(order)) {
            left.ledger.push_back(ledger_run);
        }
        if (std::is_gteq(order)) {
            left.channel.push_back(channel_run);
        }
    }
}

std::vector<std::uint32_t> indices_of(const std::vector<Keyed>& keyed) {
    std::vector<std::uint32_t> indices(keyed.size());
    std::transform(keyed.begin(), keyed.end(), indices.begin(), [](const Keyed& k) { return k.index; });
    return indices;
}

// Records without the channel's id join the leftovers: those that an order number makes one transaction together.
void add_without_id(const Side& side, std::vector<std::uint32_t>& arranged, std::vector<Run>& left) {
    for (const auto& run : runs_without_id(side.records, side.without_id)) {
        const auto begin = static_cast<std::uint32_t>(arranged.size());
        arranged.insert(arranged.end(), run.begin(), run.end());
        left.push_back({begin, static_cast<std::uint32_t>(arranged.size())});
    }
}

}  // namespace

std::span<const std::uint32_t> Grouping::ledger_of(const Group& group) const {
    return std::span(ledger).subspan(group.ledger.begin, group.ledger.size());
}

std::span<const std::uint32_t> Grouping::channel_of(const Group& group) const {
    return std::span(channel).subspan(group.channel.begin, group.channel.size());
}

Grouping group_records(const std::vector<Record>& ledger, const std::vector<Record>& channel) {
    Grouping grouping;
    Leftovers left;
    bool all_have_ids = true;
    {
        const Side ledger_side = sorted_side(ledger);
        const Side channel_side = sorted_side(channel);
        grouping.groups.reserve(std::max(ledger_side.keyed.size(), channel_side.keyed.size()));
        join(ledger_side, channel_side, grouping.groups, left);
        grouping.ledger = indices_of(ledger_side.keyed);
        grouping.channel = indices_of(channel_side.keyed);
        add_without_id(ledger_side, grouping.ledger, left.ledger);
        add_without_id(channel_side, grouping.channel, left.channel);
        all_have_ids = ledger_side.without_id.empty() && channel_side.without_id.empty();
    }
    if (!all_have_ids) {
        pair_by_order(ledger, channel, left, grouping);
    }
    for (const Run& run : left.ledger) {
        grouping.groups.push_back({run, {}});
    }
    for (const Run& run : left.channel) {
        grouping.groups.push_back({{}, run});
    }
    return grouping;
}

}  // namespace reconciliation::matching
