// What must stand on a channel's clearing accounts, reckoned from what was told and what was listed alone.
#pragma once

#include <algorithm>
#include <map>
#include <set>
#include <string>
#include <utility>

#include "reconciliation/discrepancy.h"
#include "tests/support/world.h"

namespace reconciliation::test {

using Minor = std::map<std::string, std::int64_t>;  // by currency
using Key = std::pair<payments::TransactionType, std::string>;

inline void drop_zeros(Minor& sums) {
    std::erase_if(sums, [](const auto& item) { return item.second == 0; });
}

inline bool says(const Discrepancy& row, DiscrepancyKind kind) {
    return row.kind == kind || std::find(row.also.begin(), row.also.end(), kind) != row.also.end();
}

// The row keeps its money from being settled.
inline bool holds_money(const Discrepancy& row) {
    using Kind = DiscrepancyKind;
    for (const auto kind : {Kind::missing_in_channel, Kind::timing, Kind::amount_mismatch, Kind::currency_mismatch,
                            Kind::status_mismatch}) {
        if (says(row, kind)) {
            return true;
        }
    }
    return false;
}

// Follows one shop's movements and statements, day by day.
class OpenMoney {
public:
    // Every movement that the shop was told of.
    void learn(const payments::Transaction& told) {
        const auto known = movements_.find(key_of(told));
        if (known == movements_.end()) {
            movements_.emplace(key_of(told), told.amount);
        }
    }

    void after_run(const payments::Statement& statement, const ReviewList& list) {
        std::map<Key, const Discrepancy*> rows;
        for (const auto& row : list.discrepancies) {
            if (row.kind == DiscrepancyKind::total_mismatch) {
                return;  // nothing of this statement is booked
            }
            rows.emplace(Key{*row.type, row.channel_txn_id}, &row);
        }
        std::set<Key> seen;
        for (const auto& line : statement.lines) {
            const Key key{line.type, line.channel_txn_id.text()};
            const auto row = rows.find(key);
            const bool held = row != rows.end() && holds_money(*row->second);
            if (!seen.insert(key).second || held) {
                continue;
            }
            add(funds_, line.amount, 1);
            if (line.fee) {
                add(funds_, *line.fee, -1);
            }
            if (movements_.contains(key)) {
                settled_.insert(key);
            }
        }
    }

    // Told and not proved by a statement: missing, mismatched, in transit, or of a day still to come.
    Minor payment() const {
        Minor sums;
        for (const auto& [key, amount] : movements_) {
            if (!settled_.contains(key)) {
                add(sums, amount, 1);
            }
        }
        drop_zeros(sums);
        return sums;
    }

    // What the statements prove, less the fees, each transaction once however often it is listed.
    Minor funds() const {
        Minor sums = funds_;
        drop_zeros(sums);
        return sums;
    }

private:
    static Key key_of(const payments::Transaction& told) { return {told.type, told.channel_txn_id.text()}; }
    static void add(Minor& sums, const core::Money& amount, std::int64_t sign) {
        sums[std::string(amount.currency().code())] += sign * amount.minor();
    }

    std::map<Key, core::Money> movements_;
    std::set<Key> settled_;
    Minor funds_;
};

}  // namespace reconciliation::test
