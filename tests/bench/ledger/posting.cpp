#include "tests/bench/ledger/posting.h"

#include <csignal>
#include <memory>
#include <random>
#include <stdexcept>

#include "core/crypto/encoding.h"
#include "core/crypto/random.h"
#include "core/db/database.h"
#include "core/db/trip.h"
#include "core/failure.h"
#include "core/json/writer.h"
#include "ledger/batch.h"
#include "server/api_keys.h"
#include "tests/bench/http/load.h"
#include "tests/bench/http/service.h"
#include "tests/bench/http/usage.h"
#include "tests/bench/ledger/crowd.h"
#include "tests/support/command.h"

namespace bench {
namespace {

const core::TenantId& tenant() {
    static const core::TenantId id("bench");
    return id;
}

ledger::Account account(std::int64_t number) {
    auto found = ledger::Account::from_name("payable:p" + std::to_string(number));
    core::ensure(found.has_value(), "a party's account is one of the chart");
    return *found;
}

// Entry number `number`: one account is credited, the others are debited.
ledger::Entry entry(const Work& work, std::int64_t number, std::mt19937_64& random) {
    const auto any = [&] {
        return account(static_cast<std::int64_t>(random() % static_cast<std::uint64_t>(work.accounts)));
    };
    const auto cny = core::Currency::from_code("CNY");
    const core::Instant when(std::chrono::seconds(1'795'000'000 + number));
    std::vector<ledger::Leg> legs;
    legs.push_back({work.hot ? ledger::Account::bank("hot") : any(), core::Money(1 - work.legs, *cny)});
    for (int leg = 1; leg < work.legs; ++leg) {
        legs.push_back({any(), core::Money(1, *cny)});
    }
    auto made = ledger::Entry::make({"manual", "bench:" + std::to_string(number), "", "transfer", when,
                                     core::BusinessDay(date::floor<date::days>(when))},
                                    std::move(legs));
    core::ensure(static_cast<bool>(made), "an entry of the bench balances");
    return *std::move(made);
}

std::vector<ledger::Posting> postings(const Work& work, std::int64_t first, std::int64_t count,
                                      std::mt19937_64& random) {
    std::vector<ledger::Posting> all;
    for (std::int64_t i = 0; i < count; ++i) {
        all.push_back({tenant(), entry(work, first + i, random)});
    }
    return all;
}

void post(core::db::Database& database, const std::vector<ledger::Posting>& all, ledger::StandingAccounts& standing) {
    core::db::TenantsTransaction transaction(database, {tenant()});
    core::db::Trip first(transaction);
    const ledger::EntryNumbers numbers(first, all.size(), ledger::hold_days_open(first, {tenant()}));
    first.run();
    core::db::Trip second(transaction);
    ledger::AccountsToOpen accounts(standing);
    const ledger::NewEntries posted(second, all, numbers.all(first), accounts);
    second.run();
    transaction.commit();
    accounts.committed();
}

// Opens the accounts, so that what is measured is posting.
void open_accounts(core::db::Database& database, const Work& work, ledger::StandingAccounts& standing) {
    std::vector<ledger::Posting> all;
    const auto cny = core::Currency::from_code("CNY");
    for (std::int64_t i = 0; i < work.accounts; ++i) {
        auto made = ledger::Entry::make(
            {"manual", "opening:" + std::to_string(i), "", "opening", {}, *core::parse_day("2026-11-01")},
            {{account(i), core::Money(1, *cny)}, {ledger::Account::bank("hot"), core::Money(-1, *cny)}});
        core::ensure(static_cast<bool>(made), "an opening balances");
        all.push_back({tenant(), *std::move(made)});
    }
    post(database, all, standing);
}

void require_all(core::db::Database& database, const Work& work) {
    core::db::TenantTransaction transaction(database, tenant());
    core::db::take_time(transaction);
    const auto verification = ledger::verify(transaction);
    if (verification.entries != work.entries + work.accounts || !verification.breaches.empty()) {
        throw std::runtime_error("the books have " + std::to_string(verification.entries) + " entries and " +
                                 std::to_string(verification.breaches.size()) + " breaches" +
                                 (verification.breaches.empty() ? "" : ": " + verification.breaches.front()));
    }
}

namespace fs = std::filesystem;

void write_configuration(const fs::path& folder, std::uint16_t port) {
    test_support::write_text(folder / "keys" / "master.key",
                             core::crypto::hex_encode(core::crypto::random_bytes(32)) + "\n", 0600);
    test_support::write_text(folder / "duizhang.toml",
                             "[service]\nlisten = \"127.0.0.1:" + std::to_string(port) +
                                 "\"\nconsole = false\napi_per_second = 1000000\napi_burst = 1000000\n"
                                 "[database]\nembedded = \"postgres\"\n"
                                 "[secrets]\nmaster_key = \"file:keys/master.key\"\n"
                                 "[nightly]\nstatements = \"statements\"\nreview_lists = \"review\"\n"
                                 "[[tenant]]\nid = \"bench\"\nname = \"bench\"\ncurrency = \"CNY\"\n");
}

std::string make_key(core::db::Database& database) {
    const core::Instant now = core::SystemClock().now();
    const auto made = server::make_api_key(tenant(), "bench", "accountant", now, std::nullopt);
    core::db::TenantTransaction transaction(database, tenant());
    server::store_api_key(transaction, made.key);
    transaction.commit();
    return std::string(made.text.reveal());
}

std::string request_of(const ledger::Entry& entry, const std::string& key) {
    core::json::Writer json;
    json.begin_object()
        .member("business_date", core::format_day(entry.head().business_day))
        .member("description", entry.head().description)
        .key("legs")
        .begin_array();
    for (const auto& leg : entry.legs()) {
        json.begin_object().member("account", leg.account.name()).member("amount", leg.amount).end_object();
    }
    json.end_array().end_object();
    return "POST /v1/entries HTTP/1.1\r\nHost: 127.0.0.1\r\nAuthorization: Bearer " + key +
           "\r\nIdempotency-Key: " + entry.head().source_key +
           "\r\nContent-Type: application/json\r\nContent-Length: " + std::to_string(json.text().size()) + "\r\n\r\n" +
           json.text();
}

}  // namespace

ApiFigures post_through_api(const Work& work) {
    const test_support::TestFolder folder;
    const auto place = fs::canonical(folder.path());
    const auto port = free_port();
    write_configuration(place, port);
    const core::db::EmbeddedCluster cluster(place / "postgres");
    core::db::migrate(cluster.owner_connection());
    core::db::Options options;
    options.connection = cluster.service_connection();
    core::db::Database database(options);
    ledger::StandingAccounts standing;
    open_accounts(database, work, standing);
    const auto key = make_key(database);
    std::mt19937_64 random(1);
    std::vector<std::string> requests;
    for (std::int64_t i = 0; i < work.entries; ++i) {
        requests.push_back(request_of(entry(work, i, random), key));
    }
    test_support::Process service(test_support::with_executable({"--quiet", "serve"}), place);
    wait_until_ready(service, port, "/readyz");
    const auto load = send_all(requests, {port, static_cast<std::size_t>(work.clients), 0});
    const auto resident = service_usage(place).resident_kib;
    service.signal(SIGTERM);
    service.finish();
    if (load.refused > 0) {
        throw std::runtime_error("an entry was refused: " + load.first_refusal);
    }
    require_all(database, work);
    return {load.per_second(), load.percentile(500), load.percentile(990), resident};
}

std::int64_t post_entries(const DatabaseNames& names, const Work& work) {
    core::db::Options options;
    options.connection = names.service;
    options.pool_max = static_cast<std::size_t>(work.clients);
    core::db::Database database(options);
    ledger::StandingAccounts standing;
    open_accounts(database, work, standing);
    const std::int64_t share = work.entries / work.clients;
    const auto per_second = per_second_of(share * work.clients, work.clients, [&](int client) {
        auto batches = std::make_shared<std::vector<std::vector<ledger::Posting>>>();
        std::mt19937_64 random(static_cast<std::uint64_t>(client) + 1);
        for (std::int64_t at = 0; at < share; at += work.each) {
            batches->push_back(postings(work, client * share + at, std::min(work.each, share - at), random));
        }
        return [&, batches] {
            for (const auto& batch : *batches) {
                post(database, batch, standing);
            }
        };
    });
    auto posted = work;
    posted.entries = share * work.clients;
    require_all(database, posted);
    return per_second;
}

}  // namespace bench
