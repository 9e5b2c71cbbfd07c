#include "reconciliation/matching/order_pairing.h"

#include <algorithm>
#include <compare>
#include <string_view>
#include <tuple>
#include <utility>

#include "reconciliation/matching/content.h"

namespace reconciliation::matching {

namespace {

using Key = std::string_view (*)(const Record&);

std::string_view own_key(const Record& record) { return record.own_order_id; }
std::string_view merchant_key(const Record& record) { return record.merchant_order_id; }

// A leftover run under the number that is looked at, with its first record to compare by.
struct Candidate {
    std::uint64_t hash = 0;
    const Record* record = nullptr;
    std::uint32_t index = 0;
    std::uint32_t run = 0;  // into Leftovers::ledger or ::channel
    bool is_ledger = false;
};

using Candidates = std::vector<Candidate>;
using Span = std::pair<Candidates::const_iterator, Candidates::const_iterator>;

bool same_key(const Candidate& a, const Candidate& b, Key key) {
    return a.hash == b.hash && a.record->type == b.record->type && key(*a.record) == key(*b.record);
}

Candidates candidates(const std::vector<Record>& ledger, const std::vector<Record>& channel, const Leftovers& left,
                      const Grouping& grouping, Key key) {
    Candidates all;
    const auto add = [&](const std::vector<Record>& records, const std::vector<std::uint32_t>& arranged,
                         const std::vector<Run>& runs, bool is_ledger) {
        for (std::uint32_t i = 0; i < runs.size(); ++i) {
            const std::uint32_t index = arranged[runs[i].begin];
            const Record& record = records[index];
            if (!key(record).empty() && !record.is_settled_later()) {
                all.push_back({stable_hash(record.type, key(record)), &record, index, i, is_ledger});
            }
        }
    };
    add(ledger, grouping.ledger, left.ledger, true);
    add(channel, grouping.channel, left.channel, false);
    std::sort(all.begin(), all.end(), [&](const Candidate& a, const Candidate& b) {
        if (a.hash != b.hash) {
            return a.hash < b.hash;
        }
        if (a.record->type != b.record->type) {
            return a.record->type < b.record->type;
        }
        if (const int order = key(*a.record).compare(key(*b.record)); order != 0) {
            return order < 0;
        }
        if (a.is_ledger != b.is_ledger) {
            return a.is_ledger;
        }
        if (const auto order = compare_content(*a.record, *b.record); std::is_neq(order)) {
            return std::is_lt(order);
        }
        return a.index < b.index;
    });
    return all;
}

// Two records that both carry a number of one kind, but not the same, are two transactions.
bool may_pair(const Record& a, const Record& b) {
    if (!a.channel_txn_id.empty() && !b.channel_txn_id.empty()) {
        return false;
    }
    return a.own_order_id.empty() || b.own_order_id.empty() || a.own_order_id == b.own_order_id;
}

using Chosen = std::vector<std::pair<std::uint32_t, std::uint32_t>>;  // runs of the two sides

// Candidates of one side with one amount, in the order of what they say.
struct SameAmount {
    std::vector<const Candidate*> ledger;
    std::vector<const Candidate*> channel;
};

bool all_may_pair(const SameAmount& same) {
    for (std::size_t i = 0; i < same.ledger.size(); ++i) {
        if (!may_pair(*same.ledger[i]->record, *same.channel[i]->record)) {
            return false;
        }
    }
    return true;
}

void by_amount(std::vector<const Candidate*>& list) {
    std::stable_sort(list.begin(), list.end(), [](const Candidate* a, const Candidate* b) {
        return std::tie(a->record->currency, a->record->amount) < std::tie(b->record->currency, b->record->amount);
    });
}

bool amount_is_less(const Candidate& a, const Candidate& b) {
    return std::tie(a.record->currency, a.record->amount) < std::tie(b.record->currency, b.record->amount);
}

// Equal amounts are interchangeable, so as many on one side as on the other pair up; what remains stays in the lists.
void pair_equal_amounts(SameAmount& all, Chosen& chosen) {
    by_amount(all.ledger);
    by_amount(all.channel);
    SameAmount rest;
    std::size_t l = 0;
    std::size_t c = 0;
    while (l < all.ledger.size() || c < all.channel.size()) {
        const bool no_ledger = l == all.ledger.size();
        const bool from_channel =
            no_ledger || (c < all.channel.size() && amount_is_less(*all.channel[c], *all.ledger[l]));
        const Candidate& first = from_channel ? *all.channel[c] : *all.ledger[l];
        SameAmount same;
        for (; l < all.ledger.size() && !amount_is_less(first, *all.ledger[l]); ++l) {
            same.ledger.push_back(all.ledger[l]);
        }
        for (; c < all.channel.size() && !amount_is_less(first, *all.channel[c]); ++c) {
            same.channel.push_back(all.channel[c]);
        }
        if (same.ledger.size() == same.channel.size() && all_may_pair(same)) {
            for (std::size_t i = 0; i < same.ledger.size(); ++i) {
                chosen.emplace_back(same.ledger[i]->run, same.channel[i]->run);
            }
            continue;
        }
        rest.ledger.insert(rest.ledger.end(), same.ledger.begin(), same.ledger.end());
        rest.channel.insert(rest.channel.end(), same.channel.begin(), same.channel.end());
    }
    all = std::move(rest);
}

void pair_one_order(Span span, Chosen& chosen) {
    SameAmount all;
    for (auto at = span.first; at != span.second; ++at) {
        (at->is_ledger ? all.ledger : all.channel).push_back(&*at);
    }
    if (all.ledger.empty() || all.channel.empty()) {
        return;
    }
    if (all.ledger.size() > 1 || all.channel.size() > 1) {
        pair_equal_amounts(all, chosen);
    }
    if (all.ledger.size() == 1 && all.channel.size() == 1 &&
        may_pair(*all.ledger.front()->record, *all.channel.front()->record)) {
        chosen.emplace_back(all.ledger.front()->run, all.channel.front()->run);
    }
}

void drop(std::vector<Run>& runs, const std::vector<bool>& used) {
    std::size_t kept = 0;
    for (std::size_t i = 0; i < runs.size(); ++i) {
        if (!used[i]) {
            runs[kept++] = runs[i];
        }
    }
    runs.resize(kept);
}

void pair_by(const std::vector<Record>& ledger, const std::vector<Record>& channel, Leftovers& left, Grouping& grouping,
             Key key) {
    const Candidates all = candidates(ledger, channel, left, grouping, key);
    Chosen chosen;
    for (auto at = all.begin(); at != all.end();) {
        const auto end = std::find_if_not(at, all.end(), [&](const Candidate& c) { return same_key(*at, c, key); });
        pair_one_order({at, end}, chosen);
        at = end;
    }
    std::vector<bool> ledger_used(left.ledger.size());
    std::vector<bool> channel_used(left.channel.size());
    for (const auto& [l, c] : chosen) {
        grouping.groups.push_back({left.ledger[l], left.channel[c]});
        ledger_used[l] = true;
        channel_used[c] = true;
    }
    drop(left.ledger, ledger_used);
    drop(left.channel, channel_used);
}

// Does its order number tell this record from every other of its side?
bool known_by_order(const Record& record) {
    return !record.own_order_id.empty() ||
           (record.type == payments::TransactionType::payment && !record.merchant_order_id.empty());
}

}  // namespace

std::vector<std::vector<std::uint32_t>> runs_without_id(const std::vector<Record>& records,
                                                        const std::vector<std::uint32_t>& without_id) {
    struct Keyed {
        std::uint64_t hash;
        std::uint32_t index;
    };
    std::vector<Keyed> sorted;
    sorted.reserve(without_id.size());
    for (const std::uint32_t index : without_id) {
        sorted.push_back({stable_hash(records[index].type, order_key(records[index])), index});
    }
    std::sort(sorted.begin(), sorted.end(), [&](const Keyed& a, const Keyed& b) {
        if (a.hash != b.hash) {
            return a.hash < b.hash;
        }
        const Record& x = records[a.index];
        const Record& y = records[b.index];
        if (x.type != y.type) {
            return x.type < y.type;
        }
        if (const int order = order_key(x).compare(order_key(y)); order != 0) {
            return order < 0;
        }
        // A number of its own and an order's number may read alike: each kind stays together.
        if (x.own_order_id.empty() != y.own_order_id.empty()) {
            return x.own_order_id.empty();
        }
        if (const auto order = compare_content(x, y); std::is_neq(order)) {
            return std::is_lt(order);
        }
        return a.index < b.index;
    });
    std::vector<std::vector<std::uint32_t>> runs;
    for (const auto [hash, index] : sorted) {
        const Record& record = records[index];
        const Record* last = runs.empty() ? nullptr : &records[runs.back().front()];
        const bool repeats = last != nullptr && known_by_order(record) && last->type == record.type &&
                             last->own_order_id == record.own_order_id && order_key(*last) == order_key(record);
        if (repeats) {
            runs.back().push_back(index);
        } else {
            runs.push_back({index});
        }
    }
    return runs;
}

void pair_by_order(const std::vector<Record>& ledger, const std::vector<Record>& channel, Leftovers& left,
                   Grouping& grouping) {
    pair_by(ledger, channel, left, grouping, own_key);
    pair_by(ledger, channel, left, grouping, merchant_key);
}

}  // namespace reconciliation::matching
