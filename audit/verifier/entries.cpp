#include "audit/verifier/entries.h"

#include <algorithm>

#include "audit/verifier/digest.h"

namespace verifier {
namespace {

// A row for each leg, an entry's together; the row's place tells two with one number apart.
constexpr const char* kEntries = R"(
select e.entry_id, e.ctid::text, e.event, e.source_key, e.group_key, e.description,
       (extract(epoch from e.occurred_at) * 1000000)::bigint, e.business_date::text,
       e.business_date - date '1970-01-01', (extract(epoch from e.recorded_at) * 1000000)::bigint,
       coalesce(cardinality(e.leg_accounts), 0), coalesce(cardinality(e.leg_currencies), 0),
       coalesce(cardinality(e.leg_amounts), 0), l.account, l.currency, l.amount
from ledger.entries e left join lateral unnest(e.leg_accounts, e.leg_currencies, e.leg_amounts) with ordinality
                                      as l (account, currency, amount, leg_no) on true
where e.tenant_id = $1 order by e.entry_id, e.ctid, l.leg_no)";

struct Leg {
    std::string account;
    std::string currency;
    std::int64_t amount;
    bool is_whole;
};

struct Entry {
    std::int64_t number = 0;
    std::string place;
    std::string event, source_key, group_key, description;
    std::int64_t occurred_at_us = 0;
    std::string business_date;
    std::int64_t business_day = 0;
    std::int64_t recorded_at_us = 0;
    bool is_even = false;  // as many accounts and currencies as amounts
    std::vector<Leg> legs;
};

Entry entry_in(const Row& row) {
    return {row.number(0),
            row.text(1),
            row.text(2),
            row.text(3),
            row.text(4),
            row.text(5),
            row.number(6),
            row.text(7),
            row.number(8),
            row.number(9),
            row.number(10) == row.number(12) && row.number(11) == row.number(12),
            {}};
}

std::string leaf_of(const std::string& tenant, const Entry& entry) {
    auto bytes = "duizhang entry 1\n" + text_bytes(tenant) + number_bytes(entry.number) + text_bytes(entry.event) +
                 text_bytes(entry.source_key) + text_bytes(entry.group_key) + text_bytes(entry.description) +
                 number_bytes(entry.occurred_at_us) + number_bytes(entry.business_day) +
                 number_bytes(entry.recorded_at_us) + number_bytes(static_cast<std::int64_t>(entry.legs.size()));
    for (const auto& leg : entry.legs) {
        bytes += text_bytes(leg.account) + text_bytes(leg.currency) + number_bytes(leg.amount);
    }
    return sha256(bytes);
}

// The sealed numbers and hashes one after the other, a seal in memory at a time.
class SealedEntries {
public:
    explicit SealedEntries(Seals& seals) : seals_(seals), next_(seals.ranges().begin()) { advance_to_entry(); }

    bool at_end() const { return !seal_; }
    std::int64_t number() const { return seal_->entries[at_]; }
    std::string_view leaf() const {
        return std::string_view(seal_->leaves).substr(std::min(seal_->leaves.size(), at_ * 32), 32);
    }
    std::string seal() const { return "seal " + std::to_string(seal_->number); }
    void advance() {
        ++at_;
        advance_to_entry();
    }

private:
    void advance_to_entry() {
        while (!seal_ || at_ >= seal_->entries.size()) {
            if (next_ == seals_.ranges().end()) {
                seal_.reset();
                return;
            }
            seal_ = seals_.load(next_->first);
            at_ = 0;
            ++next_;
        }
    }

    Seals& seals_;
    std::map<std::int64_t, std::int64_t>::const_iterator next_;
    std::optional<Seal> seal_;
    std::size_t at_ = 0;
};

// What a close says, and what its days' entries add up to.
struct Closing {
    const Close* close;
    Sha256 entries;
    std::int64_t count = 0;
    bool is_reached = false;
};

class Books {
public:
    Books(const Evidence& evidence, Seals& seals, const std::vector<Close>& closes, Findings& findings)
        : evidence_(evidence), sealed_(seals), sealed_until_(seals.until_entry()), findings_(findings) {
        for (const auto& close : closes) {
            closings_.push_back({&close, {}});
        }
    }

    void take(const Entry& entry) {
        reach_closes_before(entry.number);
        ++added_.entries;
        if (entry.number == last_) {
            complain(entry.number, "stands in the books twice");
        }
        last_ = entry.number;
        const auto leaf = leaf_of(evidence_.tenant, entry);
        check_seal(entry.number, leaf);
        check_rules(entry);
        check_days(entry, leaf);
        for (const auto& leg : entry.legs) {
            add(entry.number, leg);
        }
    }

    Added finish() {
        for (; !sealed_.at_end(); sealed_.advance()) {
            complain(sealed_.number(), "is gone, and is in " + sealed_.seal());
        }
        reach_closes_before(INT64_MAX);
        for (auto& closing : closings_) {
            if (closing.count != closing.close->entries || closing.entries.finish() != closing.close->entries_digest) {
                findings_.add(evidence_.tenant, "close of " + closing.close->until,
                              "had other entries than these days have now");
            }
        }
        return std::move(added_);
    }

private:
    void complain(std::int64_t entry, std::string what) {
        findings_.add(evidence_.tenant, "entry " + std::to_string(entry), std::move(what));
    }

    void check_seal(std::int64_t number, const std::string& leaf) {
        for (; !sealed_.at_end() && sealed_.number() < number; sealed_.advance()) {
            complain(sealed_.number(), "is gone, and is in " + sealed_.seal());
        }
        if (!sealed_.at_end() && sealed_.number() == number) {
            if (sealed_.leaf() != leaf) {
                complain(number, "was changed since " + sealed_.seal());
            }
            sealed_.advance();
        } else if (number <= sealed_until_) {
            complain(number, "was put in after its number was sealed, and is in no seal");
        } else {
            ++added_.unsealed;
        }
    }

    void check_rules(const Entry& entry) {
        if (!entry.is_even || entry.legs.size() < 2) {
            complain(entry.number, "has not two legs at least, each with account, currency and amount");
        }
        std::map<std::string, std::int64_t> sums;
        for (const auto& leg : entry.legs) {
            const bool is_code = leg.currency.size() == 3 && std::all_of(leg.currency.begin(), leg.currency.end(),
                                                                         [](char c) { return c >= 'A' && c <= 'Z'; });
            if (!leg.is_whole || !is_code || leg.amount == 0) {
                complain(entry.number, "has a leg of zero, or without account, currency or amount");
            }
            if (__builtin_add_overflow(sums[leg.currency], leg.amount, &sums[leg.currency])) {
                complain(entry.number, "adds up to more than 64 bits hold");
            }
        }
        for (const auto& [currency, sum] : sums) {
            if (sum != 0) {
                complain(entry.number, "does not balance in " + currency + ": " + std::to_string(sum));
            }
        }
    }

    void check_days(const Entry& entry, const std::string& leaf) {
        const Close* violated = nullptr;
        for (auto& closing : closings_) {
            const auto& close = *closing.close;
            if (entry.number > close.until_entry) {
                violated = entry.business_date <= close.until ? &close : violated;
            } else if (entry.business_date <= close.until && entry.business_date > close.after) {
                closing.entries.add(number_bytes(entry.number));
                closing.entries.add(leaf);
                ++closing.count;
            }
        }
        if (violated != nullptr) {
            complain(entry.number,
                     "is dated " + entry.business_date + " and came after the close of " + violated->until);
        }
    }

    // All entries that a close knew of have been added up.
    void reach_closes_before(std::int64_t number) {
        for (auto& closing : closings_) {
            if (closing.is_reached || closing.close->until_entry >= number) {
                continue;
            }
            closing.is_reached = true;
            std::string said = "duizhang trial balance 1\n";
            for (const auto& [key, sum] : added_.sums) {
                said +=
                    text_bytes(key.first) + text_bytes(key.second) + number_bytes(sum.debit) + number_bytes(sum.credit);
            }
            if (sha256(said) != closing.close->trial_balance) {
                findings_.add(evidence_.tenant, "close of " + closing.close->until,
                              "had another trial balance than its entries give now");
            }
        }
    }

    void add(std::int64_t entry, const Leg& leg) {
        auto& sum = added_.sums[{leg.account, leg.currency}];
        auto& side = leg.amount > 0 ? sum.debit : sum.credit;
        std::int64_t next = 0;
        const bool is_out = leg.amount > 0 ? __builtin_add_overflow(side, leg.amount, &next)
                                           : __builtin_sub_overflow(side, leg.amount, &next);
        if (is_out) {
            complain(entry, "makes what stands on " + leg.account + " leave 64 bits");
        }
        side = next;
    }

    const Evidence& evidence_;
    SealedEntries sealed_;
    std::int64_t sealed_until_;
    Findings& findings_;
    std::vector<Closing> closings_;
    std::int64_t last_ = INT64_MIN;
    Added added_;
};

}  // namespace

Added check_entries(Snapshot& snapshot, const Evidence& evidence, Seals& seals, const std::vector<Close>& closes,
                    Findings& findings) {
    Books books(evidence, seals, closes, findings);
    std::optional<Entry> entry;
    snapshot.stream(kEntries, {evidence.tenant}, [&](const Row& row) {
        if (entry && (entry->number != row.number(0) || entry->place != row.text(1))) {
            books.take(*entry);
            entry.reset();
        }
        if (!entry) {
            entry = entry_in(row);
        }
        if (row.number(10) + row.number(11) + row.number(12) > 0) {
            const bool is_whole = !row.is_null(13) && !row.is_null(14) && !row.is_null(15);
            entry->legs.push_back({row.text(13), row.text(14), row.number(15), is_whole});
        }
    });
    if (entry) {
        books.take(*entry);
    }
    return books.finish();
}

}  // namespace verifier
