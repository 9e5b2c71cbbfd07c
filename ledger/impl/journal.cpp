#include "ledger/journal.h"

#include <algorithm>

#include "core/failure.h"
#include "ledger/closing.h"
#include "ledger/gate.h"
#include "ledger/limits.h"

namespace ledger {

bool says_the_same(const StoredEntry& stands, const Entry& entry) {
    const auto legs = legs_of(stands);
    return stands.description == entry.head().description &&
           stands.business_date == core::format_day(entry.head().business_day) &&
           std::equal(legs.begin(), legs.end(), entry.legs().begin(), entry.legs().end(),
                      [](const Leg& one, const Leg& other) {
                          return one.account == other.account && one.amount == other.amount;
                      });
}

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

std::optional<core::EntryId> post_by_hand(core::db::TenantTransaction& transaction, const Entry& entry,
                                          core::Instant now) {
    if (const auto complaint = OpenDays(transaction).complaint(entry)) {
        throw DayClosed(*complaint);
    }
    LimitedAccounts limited(transaction, {entry}, now);
    const auto posted = post(transaction, entry);
    if (posted) {
        limited.posted(entry);
    }
    if (const auto complaint = limited.complaint()) {
        throw BeyondLimit(*complaint);
    }
    return posted;
}

std::optional<Reversed> reverse(core::db::TenantTransaction& transaction, core::EntryId id,
                                const std::string& description, core::Instant now, core::BusinessDay day) {
    const auto stands = find_entry(transaction, id);
    if (!stands) {
        return std::nullopt;
    }
    const std::string source_key = "reversal:" + std::to_string(id.number());
    const auto whole = Entry::make({"reversal", source_key, "", "", now, day}, legs_of(*stands));
    core::ensure(static_cast<bool>(whole), "what stands in the books is an entry");
    const auto posted =
        post_by_hand(transaction, whole->reversal({"reversal", source_key, "", description, now, day}), now);
    return Reversed{posted ? *posted : find_entry(transaction, source_key)->id, posted.has_value()};
}

}  // namespace ledger
