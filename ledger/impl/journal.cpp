#include "ledger/journal.h"

#include "core/failure.h"
#include "ledger/closing.h"
#include "ledger/gate.h"

namespace ledger {

OpenDays::OpenDays(core::db::TenantTransaction& transaction) : transaction_(transaction) {
    core::db::Trip trip(transaction);
    hold_days_open(trip, {transaction.tenant()});
    trip.run();
    closed_ = closed_until(transaction);
}

std::optional<std::string> OpenDays::complaint(const Entry& entry) const {
    const auto day = entry.head().business_day;
    if (!closed_ || day > *closed_ || find_entry(transaction_, entry.head().source_key)) {
        return std::nullopt;
    }
    return core::format_day(day) + " is closed; date a correction " + core::format_day(core::day_after(*closed_)) +
           " or later";
}

const StoredEntry& accepted(const ByHand& by_hand) {
    if (by_hand.outcome == ByHand::Outcome::day_closed) {
        throw DayClosed(by_hand.complaint);
    }
    if (by_hand.outcome == ByHand::Outcome::beyond_limit) {
        throw BeyondLimit(by_hand.complaint);
    }
    return *by_hand.entry;
}

std::optional<core::EntryId> post_by_hand(core::db::TenantTransaction& transaction, const Entry& entry,
                                          core::Instant now) {
    core::db::Trip trip(transaction);
    EntriesByHand entries(trip, {{transaction.tenant(), entry}}, now);
    trip.run();
    AccountsToOpen accounts;
    const auto by_hand = *entries.post(transaction, trip, accounts).front();
    const auto& stands = accepted(by_hand);
    return by_hand.outcome == ByHand::Outcome::posted ? std::optional(stands.id) : std::nullopt;
}

Entry reversal_of(const StoredEntry& entry, const std::string& description, core::Instant now, core::BusinessDay day) {
    const std::string source_key = "reversal:" + std::to_string(entry.id.number());
    const auto whole = Entry::make({"reversal", source_key, "", "", now, day}, legs_of(entry));
    core::ensure(static_cast<bool>(whole), "what stands in the books is an entry");
    return whole->reversal({"reversal", source_key, "", description, now, day});
}

std::optional<Reversed> reverse(core::db::TenantTransaction& transaction, core::EntryId id,
                                const std::string& description, core::Instant now, core::BusinessDay day) {
    const auto stands = find_entry(transaction, id);
    if (!stands) {
        return std::nullopt;
    }
    const auto reversal = reversal_of(*stands, description, now, day);
    const auto posted = post_by_hand(transaction, reversal, now);
    return Reversed{posted ? *posted : find_entry(transaction, reversal.head().source_key)->id, posted.has_value()};
}

}  // namespace ledger
