#include "reconciliation/impl/booking.h"

#include "core/failure.h"
#include "ledger/batch.h"

namespace reconciliation {
namespace {

using ledger::Account;

core::Money money(std::int64_t minor, const std::string& code) {
    const auto currency = core::Currency::from_code(code);
    core::ensure(currency.has_value(), "a record's currency is one we know");
    return {minor, *currency};
}

// What the channel's amount is above the books', from where the whole of it stands.
void add_rest(const Proved& item, const Account& stands_on, ledger::Balances& books) {
    const auto rest = core::checked_subtract(item.amount, item.booked.value_or(item.amount));
    core::ensure(rest.has_value(), "what a rule lets pass fits 64 bits");
    if (*rest != 0) {
        const core::Money minor = money(*rest, item.currency);
        books.add(stands_on, minor);
        books.subtract(*rest > 0 ? Account::reconciliation_income() : Account::reconciliation_expense(), minor);
    }
}

void add_amount(const std::string& channel, const Proved& item, ledger::Balances& books) {
    const core::Money amount = money(item.amount, item.currency);
    const core::Money booked = money(item.booked.value_or(item.amount), item.currency);
    const Account funds = Account::transit_funds(channel);
    switch (item.how) {
        case Proved::How::settled:
            if (!item.on_funds) {
                books.add(funds, booked);
                books.subtract(Account::transit_payment(channel), booked);
            }
            add_rest(item, funds, books);
            return;
        case Proved::How::unknown:
            books.add(funds, amount);
            books.subtract(Account::transit_customer(channel), amount);
            return;
        case Proved::How::found_later:
            books.add(Account::transit_customer(channel), booked);
            books.subtract(item.on_funds ? funds : Account::transit_payment(channel), booked);
            add_rest(item, Account::transit_customer(channel), books);
            return;
        case Proved::How::fee_only:
            books.add(funds, amount);
            books.subtract(Account::channel_fee(channel), amount);
            return;
    }
}

std::string group_of(const std::string& channel, core::BusinessDay day) {
    return "reconciliation:" + channel + ":" + core::format_day(day);
}

auto booked_by_runs(core::db::TenantTransaction& transaction, const std::string& channel, core::BusinessDay day) {
    const ledger::GroupKey key{transaction.tenant(), group_of(channel, day)};
    core::db::Trip trip(transaction);
    const ledger::GroupsQuestion question(trip, {key});
    trip.run();
    return question.books(trip)[key];
}

std::optional<core::EntryId> post_for_day(core::db::TenantTransaction& transaction, const std::string& channel,
                                          core::BusinessDay day, core::Instant now, std::int64_t number,
                                          const ledger::Balances& balances) {
    if (balances.empty()) {
        return std::nullopt;
    }
    const auto group = group_of(channel, day);
    auto entry = ledger::Entry::make({"reconciliation", group + ":" + std::to_string(number), group,
                                      channel + " statement of " + core::format_day(day), now, day},
                                     balances.legs());
    core::ensure(static_cast<bool>(entry), "what a statement proves balances");
    const auto id = ledger::post(transaction, *entry);
    core::ensure(id.has_value(), "one run of a channel's day at a time");
    return id;
}

}  // namespace

ledger::Balances proved_balances(const std::string& channel, const std::vector<Proved>& items) {
    ledger::Balances books;
    for (const auto& item : items) {
        if (item.amount != 0 || item.booked.value_or(0) != 0) {
            add_amount(channel, item, books);
        }
        if (item.fee.value_or(0) != 0) {
            const core::Money fee = money(*item.fee, item.fee_currency);
            books.add(Account::channel_fee(channel), fee);
            books.subtract(Account::transit_funds(channel), fee);
        }
    }
    return books;
}

std::optional<core::EntryId> book_run(core::db::TenantTransaction& transaction, const std::string& channel,
                                      core::BusinessDay day, core::Instant now, const std::vector<Proved>& items) {
    const auto booked = booked_by_runs(transaction, channel, day);
    ledger::Balances missing = proved_balances(channel, items);
    for (const auto& leg : booked.balances.legs()) {
        missing.subtract(leg.account, leg.amount);
    }
    return post_for_day(transaction, channel, day, now, booked.entries + 1, missing);
}

std::vector<ledger::Leg> take_back(core::db::TenantTransaction& transaction, const std::string& channel,
                                   core::BusinessDay day, core::Instant now, const std::vector<Proved>& items) {
    ledger::Balances less;
    for (const auto& leg : proved_balances(channel, items).legs()) {
        less.subtract(leg.account, leg.amount);
    }
    post_for_day(transaction, channel, day, now, booked_by_runs(transaction, channel, day).entries + 1, less);
    return less.legs();
}

}  // namespace reconciliation
