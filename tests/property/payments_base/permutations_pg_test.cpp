// Any order, any repetition and any grouping into batches of the same events gives the same books and the same
// movements. DUIZHANG_PROPERTY_PERMUTATIONS=10000 for a long run.
#include <gtest/gtest.h>

#include <algorithm>
#include <cstdlib>
#include <random>
#include <variant>

#include "payments/release.h"
#include "tests/support/movements.h"

namespace payments {
namespace {

using namespace test_support;  // NOLINT(google-build-using-namespace): the words of the field

constexpr int kPermutations = 144;
constexpr int kPermutationsEach = 6;  // of one world
constexpr std::uint64_t kSeed = 20261118;

class Random {
public:
    explicit Random(std::uint64_t seed) : engine_(seed) {}
    std::int64_t below(std::int64_t end) {
        return static_cast<std::int64_t>(engine_() % static_cast<std::uint64_t>(end));
    }
    bool one_in(std::int64_t n) { return below(n) == 0; }
    template <typename T>
    const T& of(const std::vector<T>& choices) {
        return choices[static_cast<std::size_t>(below(static_cast<std::int64_t>(choices.size())))];
    }
    std::mt19937_64& engine() { return engine_; }

private:
    std::mt19937_64 engine_;
};

// The round that shares out orders whose day has come.
struct Night {
    core::Instant now;
};

// Something that happens to a merchant, told in words for when it goes wrong.
struct Event {
    std::string words;
    std::variant<Order, CallbackMessage, Fulfilment, Night> what;
};

void register_order(core::db::TenantTransaction& transaction, const Order& asked) {
    payments::register_orders(transaction, {asked}, {"UTC", std::chrono::minutes(0)});
}

// All of them by one call.
void take_in(core::db::TenantTransaction& transaction, const std::vector<const CallbackMessage*>& messages) {
    std::vector<CallbackRequest> requests;
    for (const auto* told : messages) {
        requests.push_back(request_of(*told));
    }
    std::vector<Heard> heard;
    for (std::size_t i = 0; i < messages.size(); ++i) {
        heard.push_back({transaction.tenant(), kChannel, messages[i], &requests[i]});
    }
    payments::take_in(transaction, heard);
}

Event order_event(const Order& asked) {
    return {"order " + asked.id.text() + " " + std::to_string(asked.amount.minor()), asked};
}

Event told_event(const std::string& id, const std::vector<Transaction>& told) {
    const auto heard = message(id, told);
    std::string words = id + ":";
    for (const auto& movement : told) {
        words += " " + std::string(name_of(movement.type)) + " " + movement.channel_txn_id.text() + " " +
                 std::string(name_of(movement.status)) + " " + std::to_string(movement.amount.minor()) + " of " +
                 movement.merchant_order_id.text() + "/" + movement.related_txn_id.text() + " rank " +
                 std::to_string(movement.date_rank);
    }
    return {words, heard};
}

// Orders that this night finds in parts of two.
void share_out_due(core::db::TenantTransaction& transaction, const Night& night) {
    std::optional<std::string> after = "";
    while (after) {
        after = payments::share_out_due(transaction, night.now, *after, 2).looked_up_to;
    }
}

class World {
public:
    explicit World(std::uint64_t seed) : random_(seed) {
        const auto orders = 1 + random_.below(3);
        for (std::int64_t i = 0; i < orders; ++i) {
            add_order(std::to_string(i));
        }
        const auto payments = 1 + random_.below(4);
        for (std::int64_t i = 0; i < payments; ++i) {
            add_payment(std::to_string(i));
        }
        const auto undone = random_.below(6);
        for (std::int64_t i = 0; i < undone; ++i) {
            add_what_undoes(std::to_string(i));
        }
        for (const char* night : {"2026-11-21T02:00:00Z", "2026-11-26T02:00:00Z"}) {
            if (random_.one_in(2)) {
                events_.push_back({std::string("night of ") + night, Night{instant(night)}});
            }
        }
    }

    const std::vector<Event>& events() const { return events_; }

private:
    void add_order(const std::string& number) {
        static const std::vector<std::string> kShares = {"",
                                                         "payable:seller=b9300;income:commission=r",
                                                         "payable:a=b3333;payable:b=b3333;payable:c=b3334",
                                                         "income:commission=f50;payable:seller=r",
                                                         "v2;when=fulfilment;payable:seller=b9300;income:commission=r",
                                                         "v2;when=capture+3;payable:a=b5000,at_most=40,at_least=7;"
                                                         "payable:b=b5000,remainder",
                                                         "v2;when=fulfilment+2;income:commission=f50;payable:seller=r",
                                                         "v2;when=2026-11-25;payable:seller=r"};
        orders_.push_back(order("O-" + number, cny(1 + random_.below(300)), random_.of(kShares)));
        // Some are never registered.
        if (!random_.one_in(5)) {
            events_.push_back(order_event(orders_.back()));
        }
        if (!random_.one_in(3)) {
            events_.push_back({"fulfilled O-" + number,
                               Fulfilment{orders_.back().id,
                                          instant("2026-11-19T10:00:00Z") + std::chrono::hours(random_.below(48))}});
        }
    }

    Transaction dated(Transaction told, int date_rank) {
        told.occurred_at += std::chrono::seconds(random_.below(4) * 43'200);
        told.business_day = core::day_of(told.occurred_at, {"UTC", std::chrono::minutes(0)});
        told.date_rank = date_rank;
        return told;
    }

    void tell(const Transaction& movement) {
        events_.push_back(told_event("evt-" + std::to_string(events_.size()), {movement}));
    }

    // One movement in several messages: one that failed before, one that knows less, the repetition of both.
    void tell_in_pieces(const Transaction& movement) {
        const auto whole = dated(movement, 1);
        tell(whole);
        if (random_.one_in(2)) {
            auto less = dated(movement, 0);
            less.attributes = {{"payment_intent", "pi"}, {"told_by", "another"}};
            less.merchant_order_id = random_.one_in(2) ? core::MerchantOrderId() : less.merchant_order_id;
            less.related_txn_id = random_.one_in(2) ? core::ChannelTxnId() : less.related_txn_id;
            tell(less);
        }
        if (random_.one_in(3)) {
            auto before = with_status(dated(movement, 1), random_.of<TransactionStatus>({TransactionStatus::failed,
                                                                                         TransactionStatus::processing,
                                                                                         TransactionStatus::abnormal}));
            before.amount = core::Money(movement.amount.minor() * 2, movement.amount.currency());
            tell(before);
        }
    }

    void add_payment(const std::string& number) {
        const auto& asked = random_.of(orders_);
        const auto amount = random_.one_in(4) ? cny(1 + random_.below(300)) : asked.amount;
        auto told = payment("ch_" + number, random_.one_in(8) ? usd(amount.minor()) : amount,
                            random_.one_in(6) ? "" : asked.id.text());
        told.attributes = {{"told_by", "charge"}};
        payments_.push_back(told);
        // Some are heard of only through what undoes them, and some fail for good.
        if (random_.one_in(8)) {
            tell(with_status(told, TransactionStatus::failed));
        } else if (!random_.one_in(8)) {
            tell_in_pieces(told);
        }
    }

    void add_what_undoes(const std::string& number) {
        static const std::vector<TransactionType> kTypes = {TransactionType::refund, TransactionType::refund,
                                                            TransactionType::refund, TransactionType::reversal,
                                                            TransactionType::dispute};
        const auto& of = random_.of(payments_);
        auto told = movement(random_.of(kTypes), "un_" + number,
                             core::Money(-1 - random_.below(of.amount.minor()), of.amount.currency()));
        told.related_txn_id = of.channel_txn_id;
        told.merchant_order_id = random_.one_in(2) ? of.merchant_order_id : core::MerchantOrderId();
        if (random_.one_in(4)) {
            told.related_txn_id = {};
        }
        tell_in_pieces(told);
        if (random_.one_in(4)) {
            told.type = TransactionType::reversal;
            told.channel_txn_id = core::ChannelTxnId("back_" + number);
            told.amount = core::Money(-told.amount.minor(), told.amount.currency());
            told.attributes = {{"reverses", random_.one_in(2) ? "dispute" : "refund"}};
            tell(dated(told, 1));
        }
    }

    Random random_;
    std::vector<Order> orders_;
    std::vector<Transaction> payments_;
    std::vector<Event> events_;
};

struct Outcome {
    Sums balances;
    std::vector<std::string> movements;
    std::string complaints;
};

// How events come to the database: each in a transaction of its own, all in one, or in batches of messages between the
// orders.
enum class Way { apart, together, in_batches };

// A shop as its events come. It tells a fulfilment again that was refused since nobody had registered the order.
class Shop {
public:
    const Merchant& merchant() const { return merchant_; }

    void happen(core::db::TenantTransaction& transaction, const Event& event) {
        if (const auto* asked = std::get_if<Order>(&event.what)) {
            register_order(transaction, *asked);
            for (const auto& fulfilment : std::exchange(refused_, {})) {
                fulfil(transaction, fulfilment);
            }
        } else if (const auto* fulfilment = std::get_if<Fulfilment>(&event.what)) {
            fulfil(transaction, *fulfilment);
        } else if (const auto* night = std::get_if<Night>(&event.what)) {
            share_out_due(transaction, *night);
        } else {
            take_in(transaction, {&std::get<CallbackMessage>(event.what)});
        }
    }

    void happen_in_batches(const std::vector<Event>& events) {
        std::vector<const CallbackMessage*> batch;
        const auto take_in_batch = [&] {
            merchant_.books().with([&](auto& transaction) { take_in(transaction, batch); });
            batch.clear();
        };
        for (const auto& event : events) {
            if (const auto* told = std::get_if<CallbackMessage>(&event.what)) {
                batch.push_back(told);
                continue;
            }
            take_in_batch();
            merchant_.books().with([&](auto& transaction) { happen(transaction, event); });
        }
        take_in_batch();
    }

private:
    void fulfil(core::db::TenantTransaction& transaction, const Fulfilment& fulfilment) {
        if (fulfil_orders(transaction, {fulfilment}).front() == FulfilmentOutcome::unknown_order) {
            refused_.push_back(fulfilment);
        }
    }

    Merchant merchant_;
    std::vector<Fulfilment> refused_;
};

Outcome outcome_of(const std::vector<Event>& events, Way way) {
    Shop shop;
    const auto& books = shop.merchant().books();
    if (way == Way::in_batches) {
        shop.happen_in_batches(events);
    } else if (way == Way::together) {
        books.with([&](auto& transaction) {
            for (const auto& event : events) {
                shop.happen(transaction, event);
            }
        });
    } else {
        for (const auto& event : events) {
            books.with([&](auto& transaction) { shop.happen(transaction, event); });
        }
    }
    // At last every day has come that an order waits for.
    books.with([](auto& transaction) { share_out_due(transaction, {instant("2027-01-01T02:00:00Z")}); });
    return {books.balances(), shop.merchant().movements(), books.complaints()};
}

int permutations() {
    const char* more = std::getenv("DUIZHANG_PROPERTY_PERMUTATIONS");
    return more != nullptr ? std::max(1, std::atoi(more)) : kPermutations;
}

// In a new order, with some of them again somewhere after all (a channel repeats what it told).
std::vector<Event> permuted(std::vector<Event> events, Random& random) {
    const auto count = events.size();
    for (std::size_t i = 0; i < count; ++i) {
        if (random.one_in(4)) {
            events.push_back(events[i]);
        }
    }
    std::shuffle(events.begin(), events.end(), random.engine());
    return events;
}

std::string words_of(const std::vector<Event>& events) {
    std::string text;
    for (const auto& event : events) {
        text += event.words + "\n";
    }
    return text;
}

TEST(Permutations, GiveTheSameBooksAndTheSameMovements) {
    constexpr Way kWays[] = {Way::in_batches, Way::apart, Way::in_batches, Way::together};
    Random random(kSeed);
    int compared = 0;
    for (std::uint64_t i = 0; compared < permutations(); ++i) {
        const World world(kSeed + i);
        const auto expected = outcome_of(world.events(), Way::apart);
        EXPECT_EQ(expected.complaints, "");
        for (int n = 0; n < kPermutationsEach; ++n, ++compared) {
            const auto events = permuted(world.events(), random);
            const auto found = outcome_of(events, kWays[compared % 4]);
            const auto orders =
                "told in this order:\n" + words_of(events) + "and first in this one:\n" + words_of(world.events());
            ASSERT_EQ(found.balances, expected.balances) << orders;
            ASSERT_EQ(found.movements, expected.movements) << orders;
            EXPECT_EQ(found.complaints, "");
        }
    }
}

}  // namespace
}  // namespace payments
