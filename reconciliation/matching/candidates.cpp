#include "reconciliation/matching/candidates.h"

#include <algorithm>
#include <compare>
#include <cstdint>
#include <string_view>
#include <tuple>

#include "reconciliation/matching/content.h"

namespace reconciliation::matching {

namespace {

using Failed = Candidate::Failed;

constexpr std::size_t kLookedAtMax = 20;  // on each side of the place in each order
constexpr auto kTimeMax = std::chrono::hours(24);

// Deletion, insertion or replacement of one character.
bool one_edit_apart(std::string_view a, std::string_view b) {
    if (a.size() > b.size()) {
        std::swap(a, b);
    }
    if (b.size() - a.size() > 1 || a == b) {
        return false;
    }
    const auto at = static_cast<std::size_t>(std::mismatch(a.begin(), a.end(), b.begin()).first - a.begin());
    return a.size() == b.size() ? a.substr(at + 1) == b.substr(at + 1) : a.substr(at) == b.substr(at + 1);
}

bool both_and_equal(const std::string& a, const std::string& b) { return !a.empty() && a == b; }

bool same_order(const Record& a, const Record& b) {
    const bool own_differs = !a.own_order_id.empty() && !b.own_order_id.empty() && a.own_order_id != b.own_order_id;
    return both_and_equal(a.own_order_id, b.own_order_id) ||
           (!own_differs && both_and_equal(a.merchant_order_id, b.merchant_order_id));
}

// The channel's id decides where both have it; otherwise the order does.
Failed failed_number(const Record& a, const Record& b) {
    const bool both_ids = !a.channel_txn_id.empty() && !b.channel_txn_id.empty();
    if (both_ids ? a.channel_txn_id == b.channel_txn_id : same_order(a, b)) {
        return Failed::none;
    }
    const bool near = both_ids && (same_order(a, b) || one_edit_apart(a.channel_txn_id, b.channel_txn_id));
    return near ? Failed::channel_txn_id : Failed::numbers;
}

std::int64_t milliseconds_apart(const Record& a, const Record& b) {
    if (!a.occurred_at || !b.occurred_at) {
        return INT64_MAX;
    }
    const auto apart = *a.occurred_at - *b.occurred_at;
    return std::chrono::duration_cast<std::chrono::milliseconds>(apart < apart.zero() ? -apart : apart).count();
}

// Money of one amount on one day is common; without any number that speaks for it, only what is near in time is told.
bool near_in_time(const Record& a, const Record& b) {
    return milliseconds_apart(a, b) <= std::chrono::milliseconds(kTimeMax).count();
}

// Of two types the directions of the money may differ too.
bool same_size(const Record& a, const Record& b) {
    return a.exponent == b.exponent &&
           (a.amount == b.amount || (a.type != b.type && a.amount != INT64_MIN && -a.amount == b.amount));
}

std::strong_ordering from_the_end(std::string_view a, std::string_view b) {
    const auto [x, y] = std::mismatch(a.rbegin(), a.rend(), b.rbegin(), b.rend());
    if (x == a.rend() || y == b.rend()) {
        return a.size() <=> b.size();
    }
    return static_cast<unsigned char>(*x) <=> static_cast<unsigned char>(*y);
}

auto money_of(const Record& r) { return std::tie(r.currency, r.amount, r.type); }

std::strong_ordering by_id(const Record& a, const Record& b) {
    const auto money = money_of(a) <=> money_of(b);
    return std::is_neq(money) ? money : a.channel_txn_id <=> b.channel_txn_id;
}

std::strong_ordering by_end_of_id(const Record& a, const Record& b) {
    const auto money = money_of(a) <=> money_of(b);
    return std::is_neq(money) ? money : from_the_end(a.channel_txn_id, b.channel_txn_id);
}

std::strong_ordering by_time(const Record& a, const Record& b) {
    const auto money = money_of(a) <=> money_of(b);
    const auto time = [](const Record& r) { return r.occurred_at ? r.occurred_at->time_since_epoch().count() : 0; };
    return std::is_neq(money) ? money : time(a) <=> time(b);
}

// Money behind the number, so that of many under one order those of one amount are looked at first.
template <std::string Record::*number>
std::strong_ordering by_number(const Record& a, const Record& b) {
    const auto name = a.*number <=> b.*number;
    return std::is_neq(name) ? name : money_of(a) <=> money_of(b);
}

bool has_money(const Record&) { return true; }

template <std::string Record::*number>
bool has_number(const Record& record) {
    return !(record.*number).empty();
}

bool reads_before(const Lone& a, const Lone& b) {
    const auto order = compare_content(*a.record, *b.record);
    return std::is_neq(order) ? std::is_lt(order) : a.evidence < b.evidence;
}

struct Found {
    Failed failed;
    std::int64_t apart;
    const Lone* lone;
};

bool better(const Found& a, const Found& b) {
    if (a.failed != b.failed) {
        return a.failed < b.failed;
    }
    if (a.apart != b.apart) {
        return a.apart < b.apart;
    }
    return reads_before(*a.lone, *b.lone);
}

Candidate told(const Found& found) {
    const Record& record = *found.lone->record;
    return {found.failed,  found.lone->evidence, record.type,    record.channel_txn_id, record.merchant_order_id,
            record.amount, record.currency,      record.exponent};
}

}  // namespace

struct Nearest::Order {
    std::strong_ordering (*compare)(const Record&, const Record&);
    bool (*applies)(const Record&);
};

const std::vector<Nearest::Order>& Nearest::orders() {
    static const std::vector<Order> kOrders = {
        {by_id, has_number<&Record::channel_txn_id>},
        {by_end_of_id, has_number<&Record::channel_txn_id>},
        {by_time, has_money},
        {by_number<&Record::channel_txn_id>, has_number<&Record::channel_txn_id>},
        {by_number<&Record::merchant_order_id>, has_number<&Record::merchant_order_id>},
        {by_number<&Record::own_order_id>, has_number<&Record::own_order_id>}};
    return kOrders;
}

Nearest::Nearest(std::vector<Lone> alone) : alone_(std::move(alone)) {
    for (const auto& order : orders()) {
        std::vector<std::size_t> sorted;
        for (std::size_t i = 0; i < alone_.size(); ++i) {
            if (order.applies(*alone_[i].record)) {
                sorted.push_back(i);
            }
        }
        std::sort(sorted.begin(), sorted.end(), [&](std::size_t a, std::size_t b) {
            const auto first = order.compare(*alone_[a].record, *alone_[b].record);
            return std::is_neq(first) ? std::is_lt(first) : reads_before(alone_[a], alone_[b]);
        });
        sorted_.push_back(std::move(sorted));
    }
}

std::vector<Candidate> Nearest::of(const Record& other) const {
    std::vector<std::size_t> looked_at;
    for (std::size_t k = 0; k < sorted_.size(); ++k) {
        const Order& order = orders()[k];
        if (!order.applies(other)) {
            continue;
        }
        const auto& sorted = sorted_[k];
        const auto place = std::partition_point(sorted.begin(), sorted.end(), [&](std::size_t i) {
            return std::is_lt(order.compare(*alone_[i].record, other));
        });
        const auto before = std::min<std::ptrdiff_t>(place - sorted.begin(), kLookedAtMax);
        const auto after = std::min<std::ptrdiff_t>(sorted.end() - place, kLookedAtMax);
        looked_at.insert(looked_at.end(), place - before, place + after);
    }
    std::sort(looked_at.begin(), looked_at.end());
    looked_at.erase(std::unique(looked_at.begin(), looked_at.end()), looked_at.end());
    std::vector<Found> found;
    for (const std::size_t i : looked_at) {
        const Record& record = *alone_[i].record;
        const auto failed = single_failure(record, other);
        if (failed && (*failed != Failed::numbers || near_in_time(record, other))) {
            found.push_back({*failed, milliseconds_apart(record, other), &alone_[i]});
        }
    }
    std::sort(found.begin(), found.end(), better);
    std::vector<Candidate> candidates;
    std::size_t failing = 0;
    for (const auto& one : found) {
        failing += one.failed == Failed::none ? 0 : 1;
        if (failing <= kNearestMax && candidates.size() < kEquallyGoodMax) {
            candidates.push_back(told(one));
        }
    }
    return candidates;
}

std::optional<Candidate::Failed> single_failure(const Record& ledger, const Record& channel) {
    Failed failed = failed_number(ledger, channel);
    int failures = failed == Failed::none ? 0 : 1;
    const auto fail = [&](bool holds, Failed condition) {
        failed = holds ? failed : condition;
        failures += holds ? 0 : 1;
    };
    fail(ledger.type == channel.type, Failed::type);
    fail(ledger.currency.empty() || channel.currency.empty() || ledger.currency == channel.currency, Failed::currency);
    fail(same_size(ledger, channel), Failed::amount);
    return failures <= 1 ? std::optional(failed) : std::nullopt;
}

}  // namespace reconciliation::matching
