// How many charges a second one hot balance takes, beside what the usual way gets: a row that every transaction
// updates.
// `--help` tells the options; README.md beside tests/bench has the figures.
#include <CLI/CLI.hpp>
#include <algorithm>
#include <atomic>
#include <cstdio>
#include <functional>
#include <pqxx/pqxx>
#include <string>
#include <thread>
#include <vector>

#include "core/db/connection.h"
#include "core/db/embedded.h"
#include "core/db/migrations.h"
#include "core/failure.h"
#include "ledger/books.h"
#include "ledger/charge_queue.h"
#include "tests/bench/charges/over_http.h"
#include "tests/support/test_database.h"

namespace {

using Clock = std::chrono::steady_clock;

struct Options {
    int threads = 64;
    int seconds = 10;
    int runs = 3;
    int customers = 1;
    std::int64_t http = 0;
};

struct Result {
    std::int64_t per_second = 0;
    std::vector<std::int64_t> microseconds;

    std::int64_t percentile(std::size_t permille) const {
        return microseconds.empty()
                   ? 0
                   : microseconds[std::min(microseconds.size() - 1, microseconds.size() * permille / 1000)];
    }
};

// Each thread does one after the other until the time is over. `make` gives a thread what it does.
Result measure(const Options& options, const std::function<std::function<void(std::int64_t)>(int)>& make) {
    std::vector<std::vector<std::int64_t>> times(static_cast<std::size_t>(options.threads));
    std::atomic<bool> over{false};
    std::vector<std::thread> threads;
    const auto begun = Clock::now();
    for (int t = 0; t < options.threads; ++t) {
        threads.emplace_back([&, t] {
            const auto once = make(t);
            for (std::int64_t i = 0; !over; ++i) {
                const auto from = Clock::now();
                once(i);
                times[static_cast<std::size_t>(t)].push_back(
                    std::chrono::duration_cast<std::chrono::microseconds>(Clock::now() - from).count());
            }
        });
    }
    std::this_thread::sleep_for(std::chrono::seconds(options.seconds));
    over = true;
    for (auto& thread : threads) {
        thread.join();
    }
    const auto took = std::chrono::duration_cast<std::chrono::milliseconds>(Clock::now() - begun).count();
    Result result;
    for (const auto& of_thread : times) {
        result.microseconds.insert(result.microseconds.end(), of_thread.begin(), of_thread.end());
    }
    std::sort(result.microseconds.begin(), result.microseconds.end());
    result.per_second = static_cast<std::int64_t>(result.microseconds.size()) * 1000 / std::max<std::int64_t>(took, 1);
    return result;
}

void print(const char* name, const Result& result) {
    std::printf("%-14s %7ld/s  p50 %7.2f ms  p99 %7.2f ms  max %7.2f ms\n", name, result.per_second,
                static_cast<double>(result.percentile(500)) / 1000.0,
                static_cast<double>(result.percentile(990)) / 1000.0,
                static_cast<double>(result.percentile(1000)) / 1000.0);
    std::fflush(stdout);
}

class World {
public:
    explicit World(const Options& options) : options_(options) {
        core::db::migrate(cluster_.owner_connection());
        core::db::Options database;
        database.connection = cluster_.service_connection();
        database_ = std::make_unique<core::db::Database>(database);
        core::db::TenantTransaction transaction(*database_, kTenant);
        for (int customer = 0; customer < options_.customers; ++customer) {
            const auto entry =
                ledger::Entry::make({"top-up", "top-up:" + std::to_string(customer), "", "prepaid",
                                     core::SystemClock().now(), *core::parse_day("2026-11-01")},
                                    {{*ledger::Account::from_name("bank:main"), {kPrepaid, kPlans[0].currency}},
                                     {*ledger::prepaid_account(name_of(customer)), {-kPrepaid, kPlans[0].currency}}});
            core::ensure(entry && ledger::post(transaction, *entry), "a customer has prepaid");
        }
        transaction.commit();
        core::db::Connection admin(cluster_.connection_as("duizhang_admin", "duizhang"));
        pqxx::nontransaction session(admin.get());
        session.exec(kPeerTables);
    }

    Result charges(int run) {
        ledger::ChargeQueue queue(*database_, clock_);
        return measure(options_, [&](int thread) {
            return [&, run, thread](std::int64_t i) {
                auto charge = ledger::Charge::make(
                    {kTenant, std::to_string(run) + "-" + std::to_string(thread) + "-" + std::to_string(i),
                     name_of(thread % options_.customers), "call", 1, clock_.now()},
                    kPlans, "api");
                core::ensure(charge && queue.charge(*charge).outcome == ledger::ChargeAnswer::Outcome::charged,
                             "a call is charged");
            };
        });
    }
    // One statement and one commit a charge, each thread on a connection of its own.
    Result row_updates() {
        return measure(options_, [&](int thread) -> std::function<void(std::int64_t)> {
            const auto session =
                std::make_shared<core::db::Connection>(cluster_.connection_as("duizhang_admin", "duizhang"));
            return [session, thread, this](std::int64_t) {
                pqxx::work work(session->get());
                work.exec_params("update public.hot set balance = balance - 1 where customer = $1 and balance >= 1",
                                 thread % options_.customers);
                work.exec_params("insert into public.hot_charges (customer, amount) values ($1, 1)",
                                 thread % options_.customers);
                work.commit();
            };
        });
    }
    // What stands in the books is what was charged.
    bool books_are_right(std::int64_t charged) {
        core::db::TenantTransaction transaction(*database_, kTenant);
        std::int64_t income = 0;
        for (const auto& row : ledger::trial_balance(transaction)) {
            income += row.kind == "income" ? -row.balance_minor() : 0;
        }
        return income == charged && ledger::verify(transaction).breaches.empty();
    }

private:
    static constexpr std::int64_t kPrepaid = core::kMinorMax;
    static constexpr const char* kPeerTables =
        "create table public.hot (customer integer primary key, balance bigint not null);"
        "insert into public.hot select n, 1000000000000 from generate_series(0, 999) n;"
        "create table public.hot_charges (id bigint generated always as identity primary key, customer integer, amount "
        "bigint)";
    static inline const core::TenantId kTenant{"seller"};
    static inline const std::vector<config::Plan> kPlans = {
        {.name = "api", .currency = *core::Currency::from_code("CNY"), .prices = {{"call", 1, {{std::nullopt, 1}}}}}};
    static std::string name_of(int customer) { return "c-" + std::to_string(customer); }

    const Options options_;
    test_support::TestFolder folder_;
    core::db::EmbeddedCluster cluster_{folder_.path() / "cluster"};
    std::unique_ptr<core::db::Database> database_;
    core::SystemClock clock_;
};

// True when every request was charged and the books say so.
bool charge_over_http(const Options& options) {
    bench::ChargesOverHttp charges;
    bool all = true;
    for (int run = 0; run < options.runs; ++run) {
        const auto result = charges.charge(static_cast<std::size_t>(options.threads), options.http);
        std::printf("over HTTP      %7ld/s  p50 %7.2f ms  p99 %7.2f ms\n", result.per_second(),
                    result.percentile(500) / 1000.0, result.percentile(990) / 1000.0);
        std::fflush(stdout);
        if (result.refused > 0) {
            std::printf("refused: %zu, the first: %s\n", result.refused, result.first_refusal.c_str());
            all = false;
        }
    }
    return all && charges.books_are_right();
}

std::int64_t median(std::vector<std::int64_t> figures) {
    std::sort(figures.begin(), figures.end());
    return figures.at(figures.size() / 2);
}

}  // namespace

int main(int count, char** words) {
    CLI::App app{"charges a second on a hot balance"};
    Options options;
    app.add_option("--threads", options.threads, "each with one charge on the way")->check(CLI::Range(1, 90));
    app.add_option("--seconds", options.seconds, "of a run")->check(CLI::Range(1, 3600));
    app.add_option("--runs", options.runs, "of each kind, one after the other")->check(CLI::Range(1, 100));
    app.add_option("--customers", options.customers, "balances; 1: a hot one")->check(CLI::Range(1, 1000));
    app.add_option("--http", options.http,
                   "instead: so many charges in a run, over HTTP, --threads connections, on one balance");
    CLI11_PARSE(app, count, words);
    if (options.http > 0) {
        const bool right = charge_over_http(options);
        std::printf("the books %s\n", right ? "say the same" : "ARE WRONG");
        return right ? 0 : 1;
    }
    World world(options);
    std::vector<std::int64_t> ours;
    std::vector<std::int64_t> peers;
    std::int64_t charged = 0;
    for (int run = 0; run < options.runs; ++run) {
        const auto charges = world.charges(run);
        print("charges", charges);
        ours.push_back(charges.per_second);
        charged += static_cast<std::int64_t>(charges.microseconds.size());
        const auto updates = world.row_updates();
        print("row updates", updates);
        peers.push_back(updates.per_second);
    }
    const auto hundredths = median(ours) * 100 / std::max<std::int64_t>(median(peers), 1);
    const bool right = world.books_are_right(charged);
    std::printf("\nmedians        %7ld/s charges, %ld/s row updates: %ld.%02ld times\n%ld charged; the books %s\n",
                median(ours), median(peers), hundredths / 100, hundredths % 100, charged,
                right ? "say the same" : "ARE WRONG");
    return right ? 0 : 1;
}
