// A shop's books with seals and a close, published; and copies of them for somebody who owns the database to edit.
#pragma once

#include <chrono>
#include <filesystem>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "ledger/closing.h"
#include "ledger/payouts.h"
#include "payments/intake.h"
#include "tests/support/command.h"
#include "tests/support/movements.h"

namespace verifier::test {

namespace fs = std::filesystem;

// A copy of a database, gone at the end.
class Copy {
public:
    explicit Copy(const std::string& source) : name_("edited_" + std::to_string(++count())) {
        at_once("postgres", "create database " + name_ + " template " + source + " owner duizhang_owner");
    }
    ~Copy() { at_once("postgres", "drop database " + name_ + " with (force)"); }
    Copy(const Copy&) = delete;
    Copy& operator=(const Copy&) = delete;

    // As a superuser, in one transaction, while no trigger fires.
    void edit(const std::string& sql) const {
        at_once(name_, "set session_replication_role = replica; " + sql + "; set session_replication_role = origin");
    }
    void edit_with_triggers(const std::string& sql) const { at_once(name_, "set duizhang.tenant = 'a-shop'; " + sql); }
    std::string admin() const { return connection("duizhang_admin"); }
    std::string service() const { return connection("duizhang_service"); }
    const std::string& name() const { return name_; }

private:
    std::string connection(const std::string& role) const {
        return test_support::SharedCluster::get().connection_as(role, name_);
    }
    static void at_once(const std::string& database, const std::string& sql) {
        core::db::Connection session(test_support::SharedCluster::get().connection_as("duizhang_admin", database));
        pqxx::nontransaction work(session.get());
        work.exec(sql);
    }
    static int& count() {
        static int copies = 0;
        return copies;
    }

    std::string name_;
};

// The books, made once. Nobody is connected to them any more.
class SealedBooks {
public:
    static const SealedBooks& get() {
        static const SealedBooks books;
        return books;
    }

    std::string database() const { return name_of(now_); }
    // As it was after the first seal.
    std::string older() const { return older_->name(); }
    const fs::path& published() const { return folder_.path(); }
    std::string public_key() const { return key().public_key(); }
    static const ledger::SealKey& key() {
        static const ledger::SealKey key(core::KeyBytes(std::string(32, 's')));
        return key;
    }
    static const core::FixedClock& clock() {
        static const core::FixedClock clock(test_support::instant("2026-11-25T01:00:00.123Z"));
        return clock;
    }
    // The entry's number, by its source key.
    std::string entry(const std::string& source_key) const { return entries_.at(source_key); }
    std::string payout(const std::string& key) const { return payouts_.at(key); }
    // A number that was sealed, and that no entry has.
    std::string free_number() const { return free_number_; }

private:
    SealedBooks() {
        {
            const auto database = connect();
            sell(*database, shop_, {"sale:1", "sale:2"}, "2026-11-18");
            sell(*database, other_, {"sale:1"}, "2026-11-18");
            hear(*database, "A-1", "ch_1", "2026-11-18T08:00:00Z");
            seal(*database);
        }
        enter_on_pages();
        older_ = std::make_unique<Copy>(name_of(now_));
        {
            const auto database = connect();
            hear(*database, "A-2", "ch_2", "2026-11-18T09:00:00Z");
            seal(*database);
            ledger::close(*database, shop_, test_support::day("2026-11-18"), "", key(), clock());
            sell(*database, shop_, {"sale:3", "sale:4"}, "2026-11-20");
            seal(*database);
        }
        enter_on_pages();
        {
            const auto database = connect();
            sell(*database, shop_, {"sale:5", "sale:6"}, "2026-11-20");
            pay_out(*database);
            publish(*database);
        }
        note_numbers();
    }

    std::unique_ptr<core::db::Database> connect() const {
        return std::make_unique<core::db::Database>(now_.service_options());
    }

    static void sell(core::db::Database& database, const core::TenantId& tenant, const std::vector<std::string>& sales,
                     const char* day) {
        using test_support::account;
        using test_support::cny;
        for (const auto& sale : sales) {
            core::db::TenantTransaction transaction(database, tenant);
            const auto entry =
                ledger::Entry::make(test_support::entry_head(sale, "", day),
                                    {{account("bank:main"), cny(500)}, {account("income:sales"), cny(-500)}});
            ledger::post(transaction, *entry);
            transaction.commit();
        }
    }

    void hear(core::db::Database& database, const std::string& order, const std::string& id, const char* at) const {
        core::db::TenantTransaction transaction(database, shop_);
        payments::register_orders(transaction, {test_support::order(order, test_support::cny(1000))},
                                  {"UTC", std::chrono::minutes(0)});
        const auto told = test_support::message(
            "event of " + id, {test_support::at(test_support::payment(id, test_support::cny(1000), order), at)});
        const auto request = test_support::request_of(told);
        payments::take_in(transaction, {{shop_, test_support::kChannel, &told, &request}});
        transaction.commit();
    }

    // One that is paid, and one that is proposed.
    void pay_out(core::db::Database& database) const {
        using test_support::account;
        using test_support::cny;
        core::db::TenantTransaction transaction(database, shop_);
        const auto owed =
            ledger::Entry::make(test_support::entry_head("owed", "", "2026-11-20"),
                                {{account("bank:main"), cny(300)}, {account("payable:seller"), cny(-300)}});
        ledger::post(transaction, *owed);
        const auto now = clock().now();
        const auto must = [](const ledger::PayoutResult& result) {
            core::ensure(static_cast<bool>(result), "a test's payout goes its way");
        };
        for (const auto* key : {"paid", "proposed"}) {
            must(ledger::propose_payout(
                transaction, {key, account("payable:seller"), account("bank:main"), cny(100), "weekly"}, "mei", now));
        }
        for (const auto state :
             {ledger::PayoutState::approved, ledger::PayoutState::sent, ledger::PayoutState::confirmed}) {
            must(ledger::take_step(transaction, "paid", {state, "li", ""}, now, test_support::day("2026-11-20")));
        }
        transaction.commit();
    }

    void seal(core::db::Database& database) const {
        for (const auto& tenant : {shop_, other_}) {
            ledger::seal(database, tenant, key(), clock());
        }
    }

    void publish(core::db::Database& database) const {
        for (const auto& tenant : {shop_, other_}) {
            core::db::TenantTransaction transaction(database, tenant);
            ledger::publish_seals(transaction, folder_.path() / tenant.text());
            ledger::publish_closes(transaction, folder_.path() / tenant.text());
        }
    }

    // What the database does at one entry in 256.
    void enter_on_pages() const {
        now_.administer_here(
            "set session_replication_role = replica; set duizhang.tenant = 'a-shop,b-other';"
            " select ledger.enter_on_pages(array['a-shop', 'b-other'])");
    }

    void note_numbers() {
        for (const auto& row :
             now_.administer_here("select source_key, entry_id from ledger.entries where tenant_id = 'a-shop'")) {
            entries_[row[0].as<std::string>()] = row[1].as<std::string>();
        }
        for (const auto& row : now_.administer_here("select payout_key, payout_id from ledger.payouts")) {
            payouts_[row[0].as<std::string>()] = row[1].as<std::string>();
        }
        free_number_ = now_.administer_here(
                               "select until_entry from ledger.seals where tenant_id = 'a-shop'"
                               " and seal_no = 1")[0][0]
                           .as<std::string>();
    }

    static std::string name_of(const test_support::TestDatabase& database) {
        return database.administer_here("select current_database()")[0][0].as<std::string>();
    }

    core::TenantId shop_{"a-shop"};
    core::TenantId other_{"b-other"};
    test_support::TestDatabase now_;
    test_support::TestFolder folder_;
    std::unique_ptr<Copy> older_;
    std::map<std::string, std::string> entries_;
    std::map<std::string, std::string> payouts_;
    std::string free_number_;
};

inline test_support::Ran verify_books(const std::string& database, const fs::path& published,
                                      std::vector<std::string> more = {}) {
    std::vector<std::string> words = {DUIZHANG_BINARY_DIR "/duizhang-verify-books", "--database", database,
                                      "--public-key", SealedBooks::get().public_key()};
    if (!published.empty()) {
        words.insert(words.end(), {"--seals", published.string()});
    }
    words.insert(words.end(), more.begin(), more.end());
    return test_support::Process(std::move(words), "/tmp").finish();
}

}  // namespace verifier::test
