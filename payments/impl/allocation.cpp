#include "payments/allocation.h"

#include <algorithm>
#include <map>
#include <tuple>

#include "core/failure.h"
#include "ledger/split.h"
#include "payments/release.h"

namespace payments {
namespace {

using ledger::Account;
using ledger::Balances;

// A reversal is of the nature of what it undoes.
TransactionType nature_of(const BookedMovement& movement) {
    return movement.type == TransactionType::reversal ? movement.reverses : movement.type;
}

bool is_payment(const BookedMovement& movement) { return movement.type == TransactionType::payment; }

core::Money of(std::int64_t minor, const core::Money& like) { return {minor, like.currency()}; }

// Refunds and reversals of the payment, as one sum that is not negative: what was given back of it.
std::int64_t given_back_of(const BookedMovement& payment, const std::vector<BookedMovement>& movements) {
    std::int64_t sum = 0;
    for (const auto& movement : movements) {
        const TransactionType nature = nature_of(movement);
        const bool undoes =
            !is_payment(movement) && (nature == TransactionType::refund || nature == TransactionType::payment);
        const bool its_own = movement.channel == payment.channel &&
                             (movement.related_txn_id.empty() || movement.related_txn_id == payment.channel_txn_id);
        if (undoes && its_own && movement.amount.currency() == payment.amount.currency()) {
            const auto next = core::checked_subtract(sum, movement.amount.minor());
            core::ensure(next.has_value(), "refunds of one payment fit 64 bits");
            sum = *next;
        }
    }
    return std::clamp<std::int64_t>(sum, 0, payment.amount.minor());
}

// The order's payment, less what was given back of it, with the split's receivers; on deferred:orders while it has no
// split, none has been released yet, or its fixed shares exceed the amount.
void share_out(const Order& order, const BookedMovement& payment, std::int64_t refunded, const Releases& releases,
               Balances& books) {
    const Account deferred = Account::deferred_orders();
    const auto terms = ledger::terms_from_text(order.split_shares);
    core::ensure(terms.has_value(), "an order keeps its shares in a form we read");
    if (terms->shares.empty() || !is_released(terms->when, releases)) {
        books.add(deferred, of(refunded, payment.amount));
        return;
    }
    const auto parts = ledger::split(payment.amount.minor(), terms->shares);
    if (!parts) {
        books.add(deferred, of(refunded, payment.amount));
        return;
    }
    const auto back = ledger::given_back(*parts, refunded);
    books.add(deferred, payment.amount);
    for (std::size_t i = 0; i < parts->size(); ++i) {
        books.subtract((*parts)[i].to, of((*parts)[i].minor - back[i], payment.amount));
    }
}

// What a channel's movements moved in each currency, payouts to the bank apart.
using Open = std::map<std::pair<std::string, core::Currency>, std::int64_t>;

void add_open(Open& open, const BookedMovement& movement, std::int64_t minor) {
    auto& sum = open[{movement.channel, movement.amount.currency()}];
    const auto next = core::checked_add(sum, minor);
    core::ensure(next.has_value(), "an order's movements fit 64 bits");
    sum = *next;
}

}  // namespace

Account channel_side(const BookedMovement& movement) {
    const TransactionType type = nature_of(movement);
    const bool from_funds = type == TransactionType::dispute || type == TransactionType::payout ||
                            type == TransactionType::fee || type == TransactionType::adjustment;
    return from_funds ? Account::transit_funds(movement.channel) : Account::transit_payment(movement.channel);
}

std::optional<std::size_t> accepted_payment(const std::optional<Order>& order,
                                            const std::vector<BookedMovement>& movements) {
    if (!order) {
        return std::nullopt;
    }
    std::optional<std::size_t> best;
    const auto rank = [&](std::size_t i) {
        return std::tie(movements[i].occurred_at, movements[i].channel, movements[i].channel_txn_id);
    };
    for (std::size_t i = 0; i < movements.size(); ++i) {
        if (is_payment(movements[i]) && movements[i].amount == order->amount && (!best || rank(i) < rank(*best))) {
            best = i;
        }
    }
    return best;
}

Balances allocate(const std::optional<Order>& order, const std::vector<BookedMovement>& movements,
                  const Releases& releases) {
    Balances books;
    Open open;
    for (const auto& movement : movements) {
        books.add(channel_side(movement), movement.amount);
        if (nature_of(movement) == TransactionType::payout) {
            books.subtract(Account::bank(movement.channel), movement.amount);
        } else {
            add_open(open, movement, movement.amount.minor());
        }
    }
    if (order) {
        books.add(Account::receivable_orders(), order->amount);
        books.subtract(Account::deferred_orders(), order->amount);
    }
    if (const auto accepted = accepted_payment(order, movements)) {
        const auto& payment = movements[*accepted];
        const std::int64_t refunded = given_back_of(payment, movements);
        books.subtract(Account::receivable_orders(), payment.amount);
        share_out(*order, payment, refunded, releases, books);
        add_open(open, payment, refunded - payment.amount.minor());
    }
    // Whatever is left nobody is known to own: payments without an order, refunds beyond their payment ...
    for (const auto& [key, minor] : open) {
        if (minor != 0) {
            books.subtract(Account::transit_customer(key.first), core::Money(minor, key.second));
        }
    }
    return books;
}

}  // namespace payments
