// What channels tell, for tests: movements and messages in the words of the field, and a tenant that takes them in.
#pragma once

#include <string>
#include <utility>
#include <vector>

#include "core/db/work.h"
#include "payments/intake_queue.h"
#include "payments/order.h"
#include "tests/support/books.h"

namespace test_support {

constexpr const char* kChannel = "stripe";

inline payments::Transaction movement(payments::TransactionType type, const std::string& id, core::Money amount) {
    payments::Transaction told{.type = type,
                               .status = payments::TransactionStatus::captured,
                               .channel_txn_id = core::ChannelTxnId(id),
                               .merchant_order_id = {},
                               .own_order_id = {},
                               .related_txn_id = {},
                               .amount = amount,
                               .occurred_at = instant("2026-11-18T08:00:00Z"),
                               .business_day = day("2026-11-18"),
                               .date_rank = 1,
                               .attributes = {},
                               .masked_card = {},
                               .card_fingerprint = {}};
    return told;
}

inline payments::Transaction payment(const std::string& id, core::Money amount, const std::string& order = "") {
    auto told = movement(payments::TransactionType::payment, id, amount);
    told.merchant_order_id = core::MerchantOrderId(order);
    return told;
}

// `amount` above zero, as people say it; on the books it is negative.
inline payments::Transaction refund(const std::string& id, core::Money amount, const std::string& of_payment) {
    auto told = movement(payments::TransactionType::refund, id, {-amount.minor(), amount.currency()});
    told.related_txn_id = core::ChannelTxnId(of_payment);
    return told;
}

inline payments::Transaction at(payments::Transaction told, const char* occurred_at, int date_rank = 1) {
    told.occurred_at = instant(occurred_at);
    told.business_day = day(std::string(occurred_at).substr(0, 10).c_str());
    told.date_rank = date_rank;
    return told;
}
inline payments::Transaction with_status(payments::Transaction told, payments::TransactionStatus status) {
    told.status = status;
    return told;
}

inline payments::CallbackMessage message(const std::string& event_id, std::vector<payments::Transaction> movements) {
    return {event_id, "test.event", std::move(movements), "{}"};
}
inline payments::CallbackRequest request_of(const payments::CallbackMessage& told) {
    return {{}, "body of " + told.event_id, instant("2026-11-18T09:00:00Z")};
}

inline payments::Order order(const std::string& id, core::Money amount, const std::string& shares = "") {
    return {core::MerchantOrderId(id),      amount, instant("2026-11-18T07:00:00Z"),
            shares.empty() ? "" : "policy", shares, "an order"};
}

// The program's one queue, as the service has it.
inline payments::IntakeQueue& movements_queue() {
    static payments::IntakeQueue queue(books_database(), {});
    return queue;
}

// A tenant with orders and channels.
class Merchant {
public:
    const TenantBooks& books() const { return books_; }

    payments::Registration registers(const payments::Order& asked) const {
        return books_.with([&](auto& transaction) {
            return payments::register_orders(transaction, {asked}, {"UTC", std::chrono::minutes(0)}).front();
        });
    }

    payments::IntakeOutcome hears(const payments::CallbackMessage& told) const {
        const auto request = request_of(told);
        return movements_queue().take_in({books_.tenant(), kChannel, &told, &request});
    }
    // A message of its own for the movement.
    payments::IntakeOutcome hears(const payments::Transaction& told) {
        return hears(message("event-" + std::to_string(++messages_), {told}));
    }

    // One line a movement, with everything but the numbers that the database gives.
    std::vector<std::string> movements() const {
        return rows(R"(
select concat_ws('|', channel, type, channel_txn_id, status, amount_minor, currency, merchant_order_id, own_order_id,
                 related_txn_id, to_char(occurred_at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS'), business_date,
                 date_rank, attributes, masked_card, entry_id is not null)
from payments.movements where tenant_id = $1 order by channel, type, channel_txn_id)");
    }

    std::vector<std::string> rows(const char* sql) const {
        return books_.with([&](auto& transaction) {
            std::vector<std::string> found;
            for (const auto& row : core::db::run(transaction, sql, books_.tenant().text())) {
                found.push_back(row[0].template as<std::string>());
            }
            return found;
        });
    }

private:
    TenantBooks books_;
    int messages_ = 0;
};

}  // namespace test_support
