// One tenant's flood is that tenant's alone: the others' callbacks are neither refused nor slow, and what is forged
// costs the database next to nothing.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <atomic>
#include <chrono>

#include "core/crypto/digest.h"
#include "core/crypto/encoding.h"
#include "core/db/connection.h"
#include "payments/quarantine.h"
#include "tests/e2e/service/running.h"

namespace e2e {
namespace {

using namespace std::chrono_literals;
using Clock = std::chrono::steady_clock;

// Each tenant's Stripe, with what it sends: signed when it is sent, since a signature gets old.
struct Sender {
    const Client& client;
    std::string path;
    std::string secret;
    std::vector<std::string> good;
    std::vector<std::string> forged;  // changed after they were signed

    Sender(const Running& service, std::size_t tenant) : client(service.client()) {
        std::vector<const server::DemoChannel*> stripes;
        for (const auto& channel : service.channels()) {
            if (channel.scenario.channel == "stripe") {
                stripes.push_back(&channel);
            }
        }
        const auto& stripe = *stripes.at(tenant);
        path = "/callbacks/" + stripe.tenant + "/stripe";
        secret = test_support::text_of(service.place() / "keys" / stripe.tenant / "stripe.secret");
        for (const auto& callback : stripe.scenario.callbacks) {
            if (!callback.tampered) {
                good.push_back(callback.callback.body);
                forged.push_back(good.back() + std::string(good.size(), ' '));
            }
        }
    }

    Answer send_good(std::size_t n) const { return send(good[n % good.size()], good[n % good.size()]); }
    Answer send_forged(std::size_t n) const { return send(forged[n % forged.size()], good[n % good.size()]); }

private:
    Answer send(const std::string& body, const std::string& signed_body) const {
        const auto now = std::to_string(
            std::chrono::duration_cast<std::chrono::seconds>(std::chrono::system_clock::now().time_since_epoch())
                .count());
        const auto mac = core::crypto::hmac_sha256(secret, now + "." + signed_body);
        const auto signature = core::crypto::hex_encode(std::string(mac.begin(), mac.end()));
        return client.post(
            path, {{"Content-Type", "application/json"}, {"Stripe-Signature", "t=" + now + ",v1=" + signature}}, body);
    }
};

// From many connections at once, until it is destroyed; more than twenty times what the limit allows.
class Flood {
public:
    explicit Flood(const Sender& sender) {
        for (std::size_t thread = 0; thread < 16; ++thread) {
            threads_.emplace_back([this, &sender, thread] {
                for (auto n = thread; !done_; ++n) {
                    note(n % 2 == 0 ? sender.send_good(n) : sender.send_forged(n));
                    std::this_thread::sleep_for(3ms);
                }
            });
        }
    }
    ~Flood() { stop(); }
    Flood(const Flood&) = delete;
    Flood& operator=(const Flood&) = delete;

    void stop() {
        done_ = true;
        for (auto& thread : threads_) {
            thread.join();
        }
        threads_.clear();
    }

    int accepted() const { return accepted_; }
    int unauthentic() const { return unauthentic_; }
    int limited() const { return limited_; }
    int told_when() const { return told_when_; }
    int anything_else() const { return anything_else_; }

private:
    void note(const Answer& answer) {
        accepted_ += answer.status == 200 ? 1 : 0;
        unauthentic_ += answer.status == 401 ? 1 : 0;
        limited_ += answer.status == 429 ? 1 : 0;
        told_when_ += answer.status == 429 && answer.header("retry-after") == "1" ? 1 : 0;
        anything_else_ += answer.status != 200 && answer.status != 401 && answer.status != 429 ? 1 : 0;
    }

    std::atomic<bool> done_{false};
    std::atomic<int> accepted_{0}, unauthentic_{0}, limited_{0}, told_when_{0}, anything_else_{0};
    std::vector<std::thread> threads_;
};

struct Latency {
    Clock::duration median;
    Clock::duration p99;
    std::size_t refused;
};

// Callbacks one after the other, slower than the limit.
Latency latency_of(const Sender& sender) {
    std::vector<Clock::duration> took;
    std::size_t refused = 0;
    for (std::size_t i = 0; i < 200; ++i) {
        const auto begin = Clock::now();
        refused += sender.send_good(i).status == 200 ? 0 : 1;
        took.push_back(Clock::now() - begin);
        std::this_thread::sleep_for(10ms);
    }
    std::sort(took.begin(), took.end());
    return {took[took.size() / 2], took[took.size() * 99 / 100 - 1], refused};
}

std::int64_t microseconds(Clock::duration duration) {
    return std::chrono::duration_cast<std::chrono::microseconds>(duration).count();
}

TEST(AFlood, LeavesTheOtherTenantsCallbacksAlone) {
    Running service({{"DUIZHANG_SERVICE_CALLBACKS_PER_SECOND", "100"}, {"DUIZHANG_SERVICE_CALLBACKS_BURST", "100"}});
    const Sender noisy(service, 0);
    const Sender quiet(service, 1);
    latency_of(quiet);  // the service has warmed up
    const auto calm = latency_of(quiet);

    Flood flood(noisy);
    const auto begin = Clock::now();
    std::this_thread::sleep_for(200ms);
    const auto flooded = latency_of(quiet);
    const auto passed = std::chrono::duration_cast<std::chrono::seconds>(Clock::now() - begin);
    flood.stop();

    EXPECT_EQ(calm.refused, 0U);
    EXPECT_EQ(flooded.refused, 0U);
    // Generous: clients, service and database share the same few cores.
    EXPECT_LE(microseconds(flooded.p99), 15 * microseconds(calm.p99));
    EXPECT_LE(microseconds(flooded.median), 10 * microseconds(calm.median));
    RecordProperty("median_calm_us", std::to_string(microseconds(calm.median)));
    RecordProperty("median_flooded_us", std::to_string(microseconds(flooded.median)));
    RecordProperty("p99_calm_us", std::to_string(microseconds(calm.p99)));
    RecordProperty("p99_flooded_us", std::to_string(microseconds(flooded.p99)));
    // The flood got through as far as it may: the burst, and the rate.
    EXPECT_EQ(flood.anything_else(), 0);
    EXPECT_GT(flood.accepted(), 0);
    EXPECT_GT(flood.unauthentic(), 0);
    EXPECT_LE(flood.accepted() + flood.unauthentic(), 100 + 100 * (passed.count() + 2));
    EXPECT_GT(flood.limited(), flood.accepted() + flood.unauthentic());
    EXPECT_EQ(flood.told_when(), flood.limited()) << "with this rate the next token is there within a second";
}

// What writes in PostgreSQL takes a number, whether it is of the service or not.
std::int64_t transactions_that_wrote(const Running& service) {
    core::db::Connection session(service.admin_connection());
    return pqxx::nontransaction(session.get()).exec("select txid_current()").front()[0].as<std::int64_t>();
}

// It is written once a second. How many records there are then, and a second later.
std::size_t until_something_is_quarantined(const Running& service) {
    core::db::Connection session(service.admin_connection());
    pqxx::nontransaction work(session.get());
    const auto kept = [&] {
        return work.exec("select count(*) from payments.quarantine").front()[0].as<std::size_t>();
    };
    for (int i = 0; i < 600 && kept() == 0; ++i) {
        std::this_thread::sleep_for(50ms);
    }
    std::this_thread::sleep_for(1500ms);
    return kept();
}

TEST(AFloodOfForgeries, CostsTheDatabaseNextToNothing) {
    constexpr int kForgeries = 1'500;
    constexpr int kSenders = 8;
    Running service;
    const Sender forger(service, 0);
    const auto books = service.trial_balance(service.channel("stripe").tenant);
    const auto before = transactions_that_wrote(service);
    std::atomic<int> refused{0};
    std::vector<std::thread> senders;
    for (int i = 0; i < kSenders; ++i) {
        senders.emplace_back([&, i] {
            for (int n = i; n < kForgeries; n += kSenders) {
                refused += forger.send_forged(static_cast<std::size_t>(n)).status == 401 ? 1 : 0;
            }
        });
    }
    for (auto& sender : senders) {
        sender.join();
    }
    const auto kept = until_something_is_quarantined(service);
    EXPECT_EQ(refused, kForgeries);
    EXPECT_LE(transactions_that_wrote(service) - before, kForgeries / 10);
    EXPECT_EQ(service.trial_balance(service.channel("stripe").tenant), books);

    core::db::Connection session(service.admin_connection());
    pqxx::nontransaction work(session.get());
    EXPECT_EQ(work.exec("select count(*) from payments.inbox").front()[0].as<std::int64_t>(), 0);
    EXPECT_GT(kept, 0U);
    EXPECT_LE(kept, payments::Quarantine::kKept);
    const auto metrics = service.client().get("/metrics").body;
    EXPECT_THAT(metrics, testing::HasSubstr("duizhang_callbacks_total{channel=\"stripe\",result=\"unauthentic\"} " +
                                            std::to_string(kForgeries) + "\n"));
    EXPECT_THAT(metrics, testing::HasSubstr("duizhang_callbacks_refused_total{channel=\"stripe\",reason=\""));
}

}  // namespace
}  // namespace e2e
