#include "reconciliation/impl/bank_settling.h"

#include <algorithm>
#include <set>

#include "core/failure.h"
#include "ledger/books.h"
#include "reconciliation/impl/bank_store.h"

namespace reconciliation {
namespace {

using ledger::Account;

constexpr int kPartsDaysMax = 7;  // between the parts of one settlement

// Debit bank, credit what the channel owed: one entry for each of the bank's.
void pay(const Settling& settling, StoredBankEntry& entry, const Pool& pool, std::span<const OpenDay> paid) {
    const config::Bank& bank = settling.bank;
    const std::string key = bank_folder(bank) + ":" + entry.sha256.substr(0, 32) + ":" + std::to_string(entry.number);
    const core::Money amount(entry.amount_minor, bank.currency);
    const core::Money less(-entry.amount_minor, bank.currency);
    const auto first = core::format_day(paid.front().day);
    const auto last = core::format_day(paid.back().day);
    auto made = ledger::Entry::make(
        {"settlement", key, key, pool.settlement->channel + " settled " + first + (first == last ? "" : " to " + last),
         settling.now, entry.booked},
        {{Account::bank(bank.name), amount}, {source_of(*pool.settlement), less}});
    core::ensure(static_cast<bool>(made), "a settlement balances");
    const auto id = ledger::post(settling.transaction, *made);
    core::ensure(id.has_value(), "an entry of the bank's settles once");
    entry.entry_id = id->number();
    entry.channel = pool.settlement->channel;
    store_match(settling.transaction, bank.name, entry, id->number());
    store_settlement(settling.transaction, bank, entry, entry.channel, paid);
}

}  // namespace

Account source_of(const config::BankSettlement& settlement) {
    return settlement.told_by_payouts ? Account::bank(settlement.channel) : Account::transit_funds(settlement.channel);
}

void settle(const Settling& settling, StoredBankEntry& entry, Pool& pool) {
    const auto paid = days_paid_by(pool.open, entry.amount_minor, entry.booked);
    if (paid.empty()) {
        return;
    }
    pay(settling, entry, pool, paid);
    const auto begin = pool.open.begin() + (paid.data() - pool.open.data());
    pool.open.erase(begin, begin + static_cast<std::ptrdiff_t>(paid.size()));
}

void settle_together(const Settling& settling, Pool& pool, core::BusinessDay day,
                     std::vector<StoredBankEntry>& entries) {
    const core::BusinessDay from(date::sys_days(day) - date::days(kPartsDaysMax));
    auto earlier = unexplained_entries(settling.transaction, settling.bank.name, from, day);
    std::vector<StoredBankEntry*> left;
    std::vector<OpenCredit> credits;
    for (auto* some : {&earlier, &entries}) {
        for (auto& entry : *some) {
            if (!entry.entry_id && settlement_told_by(settling.bank.settlements, entry.texts()) == pool.settlement) {
                left.push_back(&entry);
                credits.push_back({entry.booked, entry.amount_minor});
            }
        }
    }
    std::set<core::BusinessDay> paid;
    for (const auto& way : settled_together(credits, pool.open)) {
        for (const auto credit : way.credits) {
            std::vector<OpenDay> days;
            for (const auto index : way.days) {
                const auto& open = pool.open[index];
                days.push_back({open.day, way.credits.size() == 1 ? open.minor : left[credit]->amount_minor});
                paid.insert(open.day);
            }
            pay(settling, *left[credit], pool, days);
        }
    }
    std::erase_if(pool.open, [&](const OpenDay& one) { return paid.contains(one.day); });
}

}  // namespace reconciliation
