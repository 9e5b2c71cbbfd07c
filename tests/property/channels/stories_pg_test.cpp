// What each channel can tell about an order's money, from its simulator's signed callbacks to the books: whatever order
// the callbacks come in, and however often, each story has one end.
#include <gtest/gtest.h>

#include <algorithm>
#include <functional>
#include <ostream>

#include "core/db/work.h"
#include "tests/support/world.h"

namespace payments {
namespace {

using test_support::Shop;
using test_support::SimulatedChannel;
using Balances = std::map<std::string, std::map<std::string, std::int64_t>>;

constexpr int kPermutations = 12;  // of each story
constexpr const char* kOrder = "STORY20261118";
const core::Instant kNow = date::sys_days(date::year{2026} / 11 / 18) + std::chrono::hours(6);
constexpr date::days kLongAgo{400};

// Makes what happens, by one channel's simulator.
class Teller {
public:
    explicit Teller(const SimulatedChannel& world) : world_(world) {}

    SimulatedTransaction payment(std::int64_t minor, core::Instant when = kNow) {
        auto made = transaction(TransactionType::payment, minor, when);
        world_.simulator().assign_ids(made, nullptr, random_);
        return made;
    }
    SimulatedTransaction undoing(TransactionType type, const SimulatedTransaction& payment, std::int64_t minor,
                                 const std::string& status = "", core::Instant when = kNow) {
        auto made = transaction(type, minor, when);
        made.own_order_id = "R" + std::to_string(++undone_) + kOrder;
        made.channel_status = status;
        world_.simulator().assign_ids(made, &payment, random_);
        return made;
    }
    SimulatedTransaction refund(const SimulatedTransaction& payment, std::int64_t minor,
                                const std::string& status = "") {
        return undoing(TransactionType::refund, payment, minor, status);
    }
    SimulatedTransaction dispute(const SimulatedTransaction& payment, std::int64_t minor,
                                 const std::string& status = "") {
        return undoing(TransactionType::dispute, payment, minor, status);
    }
    SimulatedTransaction payout(std::int64_t minor, const std::string& status = "") {
        auto made = transaction(TransactionType::payout, minor, kNow);
        made.merchant_order_id.clear();
        made.channel_status = status;
        world_.simulator().assign_ids(made, nullptr, random_);
        return made;
    }
    SimulatedTransaction failed(SimulatedTransaction payment, const std::string& status) const {
        payment.channel_status = status;
        return payment;
    }

    Random& random() { return random_; }

private:
    SimulatedTransaction transaction(TransactionType type, std::int64_t minor, core::Instant when) const {
        const auto currency = world_.simulator().currency();
        const bool dispute = type == TransactionType::dispute;
        return {type,
                kOrder,
                {},
                {minor, currency},
                when,
                core::day_of(when, world_.simulator().day_cut()),
                {dispute ? 1500 : 0, currency},
                {},
                {},
                {},
                {}};
    }

    const SimulatedChannel& world_;
    Random random_{20261118};
    int undone_ = 0;
};

using Happenings = std::vector<SimulatedTransaction>;

// The order asks for 10000. What stands at the end on the channel's accounts, the customers' and the order's.
struct End {
    std::int64_t payment = 0;
    std::int64_t funds = 0;
    std::int64_t bank = 0;
    std::int64_t customer = 0;
    std::int64_t receivable = 0;
    std::int64_t deferred = 0;
};

struct Story {
    const char* name;
    std::vector<const char*> channels;
    std::function<Happenings(Teller&)> happens;
    End end;
};

const std::vector<const char*> kAll = {"unionpay", "wechatpay", "stripe"};
constexpr End kPaid = {.payment = 10000, .deferred = -10000};
constexpr End kNothingPaid = {.receivable = 10000, .deferred = -10000};

std::vector<Story> stories() {
    const auto paid = [](Teller& t, const std::function<Happenings(const SimulatedTransaction&)>& then) {
        const auto payment = t.payment(10000);
        auto all = then(payment);
        all.push_back(payment);
        return all;
    };
    return {
        {"Paid", kAll, [](Teller& t) { return Happenings{t.payment(10000)}; }, kPaid},
        {"FailedAndNeverPaid",
         {"unionpay"},
         [](Teller& t) { return Happenings{t.failed(t.payment(10000), "51")}; },
         kNothingPaid},
        {"FailedAndNeverPaidAtStripe",
         {"stripe"},
         [](Teller& t) { return Happenings{t.failed(t.payment(10000), "failed")}; },
         kNothingPaid},
        {"RefundedInFull",
         kAll,
         [=](Teller& t) { return paid(t, [&](const auto& p) { return Happenings{t.refund(p, 10000)}; }); },
         {}},
        {"RefundedInPart",
         kAll,
         [=](Teller& t) { return paid(t, [&](const auto& p) { return Happenings{t.refund(p, 1)}; }); },
         {.payment = 9999, .deferred = -9999}},
        {"RefundedInPartsOfWhichTwoAreEqual",
         kAll,
         [=](Teller& t) {
             return paid(t, [&](const auto& p) {
                 return Happenings{t.refund(p, 2500), t.refund(p, 2500), t.refund(p, 1000)};
             });
         },
         {.payment = 4000, .deferred = -4000}},
        {"RefundedWhatNobodyHeardPaid",
         kAll,
         [](Teller& t) { return Happenings{t.refund(t.payment(10000), 3000)}; },
         {.payment = -3000, .customer = 3000, .receivable = 10000, .deferred = -10000}},
        {"PaidFourHundredDaysAgo",
         kAll,
         [](Teller& t) {
             const auto payment = t.payment(10000, kNow - kLongAgo);
             return Happenings{payment, t.refund(payment, 4000)};
         },
         {.payment = 6000, .deferred = -6000}},
        {"PaidTwice",
         kAll,
         [](Teller& t) {
             return Happenings{t.payment(10000), t.payment(10000)};
         },
         {.payment = 20000, .customer = -10000, .deferred = -10000}},
        {"Reversed",
         {"unionpay"},
         [=](Teller& t) {
             return paid(t, [&](const auto& p) { return Happenings{t.undoing(TransactionType::reversal, p, 10000)}; });
         },
         {}},
        {"RefundThatDidNotGoThrough",
         {"wechatpay"},
         [=](Teller& t) {
             return paid(t, [&](const auto& p) {
                 return Happenings{t.refund(p, 4000, "ABNORMAL"), t.refund(p, 4000, "CLOSED")};
             });
         },
         kPaid},
        {"RefundThatCameBack",
         {"stripe"},
         [=](Teller& t) { return paid(t, [&](const auto& p) { return Happenings{t.refund(p, 4000, "failed")}; }); },
         kPaid},
        {"DisputeOpen",
         {"stripe"},
         [=](Teller& t) { return paid(t, [&](const auto& p) { return Happenings{t.dispute(p, 10000)}; }); },
         {.payment = 10000, .funds = -10000, .customer = 10000, .deferred = -10000}},
        {"DisputeLost",
         {"stripe"},
         [=](Teller& t) { return paid(t, [&](const auto& p) { return Happenings{t.dispute(p, 10000, "lost")}; }); },
         {.payment = 10000, .funds = -10000, .customer = 10000, .deferred = -10000}},
        {"DisputeWon",
         {"stripe"},
         [=](Teller& t) { return paid(t, [&](const auto& p) { return Happenings{t.dispute(p, 10000, "won")}; }); },
         kPaid},
        {"DisputeOfWhatTheRefundLeft",
         {"stripe"},
         [=](Teller& t) {
             return paid(t, [&](const auto& p) { return Happenings{t.refund(p, 4000), t.dispute(p, 6000)}; });
         },
         {.payment = 6000, .funds = -6000, .customer = 6000, .deferred = -6000}},
        {"PaidOut",
         {"stripe"},
         [](Teller& t) {
             return Happenings{t.payment(10000), t.payout(9500)};
         },
         {.payment = 10000, .funds = -9500, .bank = 9500, .deferred = -10000}},
        {"PaidOutInVain",
         {"stripe"},
         [](Teller& t) {
             return Happenings{t.payment(10000), t.payout(9500, "failed")};
         },
         kPaid},
    };
}

struct Told {
    CallbackRequest request;
    CallbackMessage message;
};

Told read(const SimulatedChannel& world, SignedCallback callback) {
    CallbackRequest request{std::move(callback.headers), std::move(callback.body), kNow};
    auto message = world.channel().read_callback(request);
    EXPECT_TRUE(message) << request.body;
    core::ensure(static_cast<bool>(message), "a simulated channel's callback is authentic");
    return {std::move(request), *std::move(message)};
}

struct StoryOf {
    Story story;
    const char* channel;

    friend void PrintTo(const StoryOf& which, std::ostream* out) { *out << which.story.name << ", " << which.channel; }
};

std::vector<StoryOf> stories_of_the_channels() {
    std::vector<StoryOf> all;
    for (const auto& story : stories()) {
        for (const char* channel : story.channels) {
            all.push_back({story, channel});
        }
    }
    return all;
}

class EachStory : public testing::TestWithParam<StoryOf> {
protected:
    const SimulatedChannel& world_ = SimulatedChannel::of(GetParam().channel);

    // Everything that is told of it, what moves no money included.
    std::vector<Told> told() const {
        Teller teller(world_);
        std::vector<Told> all;
        for (const auto& happening : GetParam().story.happens(teller)) {
            for (auto& callback : world_.simulator().callbacks(happening, kNow, teller.random())) {
                all.push_back(read(world_, std::move(callback)));
            }
            for (auto& callback : world_.simulator().further_callbacks(happening, kNow, teller.random())) {
                all.push_back(read(world_, std::move(callback)));
            }
        }
        return all;
    }

    Balances end() const {
        const auto& end = GetParam().story.end;
        const std::string channel = GetParam().channel;
        const std::string currency(world_.simulator().currency().code());
        Balances all;
        for (const auto& [account, minor] :
             std::vector<std::pair<std::string, std::int64_t>>{{"transit:payment:" + channel, end.payment},
                                                               {"transit:funds:" + channel, end.funds},
                                                               {"transit:customer:" + channel, end.customer},
                                                               {"bank:" + channel, end.bank},
                                                               {"receivable:orders", end.receivable},
                                                               {"deferred:orders", end.deferred}}) {
            if (minor != 0) {
                all[account][currency] = minor;
            }
        }
        return all;
    }

    void register_order(Shop& shop) const {
        reconciliation::Scenario scenario;
        scenario.orders.push_back({kOrder, core::Money(10000, world_.simulator().currency()), kNow - kLongAgo, {}});
        shop.register_orders(scenario);
    }

    void take_in(Shop& shop, const Told& told) const {
        core::db::TenantTransaction transaction(test_support::shops_database(), shop.id());
        payments::take_in(transaction, {{shop.id(), world_.name(), &told.message, &told.request}});
        transaction.commit();
    }

    static Balances balances_of(const Shop& shop) {
        Balances found;
        core::db::TenantTransaction transaction(test_support::shops_database(), shop.id());
        for (const auto& row : ledger::trial_balance(transaction)) {
            if (row.balance_minor() != 0) {
                found[row.account][row.currency] = row.balance_minor();
            }
        }
        return found;
    }
};

TEST_P(EachStory, HasOneEndWhateverComesFirstOrTwice) {
    const auto all = told();
    Random random(7);
    for (int n = 0; n < kPermutations; ++n) {
        std::vector<const Told*> order = {nullptr};  // the order is registered then
        for (const auto& one : all) {
            order.push_back(&one);
            if (n > 0 && random() % 3 == 0) {
                order.push_back(&one);
            }
        }
        if (n > 0) {
            std::shuffle(order.begin(), order.end(), random);
        }
        Shop shop(world_);
        std::string words;
        for (const auto* one : order) {
            words += (one == nullptr ? "the order" : one->message.event_type) + ", ";
            if (one == nullptr) {
                register_order(shop);
            } else {
                take_in(shop, *one);
            }
        }
        ASSERT_EQ(balances_of(shop), end()) << words;
        ASSERT_EQ(shop.complaint_about_the_books(), "") << words;
    }
}

INSTANTIATE_TEST_SUITE_P(, EachStory, testing::ValuesIn(stories_of_the_channels()),
                         [](const auto& row) { return std::string(row.param.story.name) + "_" + row.param.channel; });

class WhatConcernsNobody : public testing::TestWithParam<const char*> {};

TEST_P(WhatConcernsNobody, IsRecordedAndBooksNothing) {
    const auto& world = SimulatedChannel::of(GetParam());
    Teller teller(world);
    const auto payment = teller.payment(10000);
    Shop shop(world);
    int nothing = 0;
    for (auto& callback : world.simulator().further_callbacks(payment, kNow, teller.random())) {
        const auto told = read(world, std::move(callback));
        if (!told.message.transactions.empty()) {
            continue;  // it adds to what is known of the payment, and would book it
        }
        core::db::TenantTransaction transaction(test_support::shops_database(), shop.id());
        EXPECT_EQ(payments::take_in(transaction, {{shop.id(), world.name(), &told.message, &told.request}}).front(),
                  IntakeOutcome::recorded);
        transaction.commit();
        ++nothing;
    }
    EXPECT_GT(nothing, 0);
    EXPECT_EQ(shop.entries(), 0);
}

INSTANTIATE_TEST_SUITE_P(, WhatConcernsNobody, testing::Values("unionpay", "wechatpay", "stripe"),
                         [](const auto& row) { return std::string(row.param); });

// charge.succeeded is told before the balance transaction is known; charge.updated brings it, and moves no money.
TEST(AFeeThatComesLater, IsKnownOfThePaymentThatWasBooked) {
    const auto& world = SimulatedChannel::of("stripe");
    Teller teller(world);
    auto payment = teller.payment(10000);
    auto early = payment;
    early.attributes.erase("balance_transaction");
    Shop shop(world);
    std::vector<Told> all;
    for (auto& callback : world.simulator().callbacks(early, kNow, teller.random())) {
        all.push_back(read(world, std::move(callback)));
    }
    for (auto& callback : world.simulator().further_callbacks(payment, kNow, teller.random())) {
        all.push_back(read(world, std::move(callback)));
    }
    for (const auto& told : all) {
        core::db::TenantTransaction transaction(test_support::shops_database(), shop.id());
        payments::take_in(transaction, {{shop.id(), world.name(), &told.message, &told.request}});
        transaction.commit();
    }
    EXPECT_EQ(shop.entries(), 1);
    core::db::TenantTransaction transaction(test_support::shops_database(), shop.id());
    const auto rows = core::db::run(
        transaction, "select attributes->>'balance_transaction' from payments.movements where tenant_id = $1",
        shop.id().text());
    ASSERT_EQ(rows.size(), 1U);
    EXPECT_EQ(rows.front()[0].as<std::string>(), payment.attributes.at("balance_transaction"));
}

}  // namespace
}  // namespace payments
