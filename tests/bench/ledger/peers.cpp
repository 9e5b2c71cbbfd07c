#include <algorithm>
#include <cstdio>
#include <fstream>
#include <memory>
#include <pqxx/pqxx>
#include <random>
#include <sstream>
#include <stdexcept>
#include <vector>

#include "core/db/connection.h"
#include "tests/bench/ledger/crowd.h"
#include "tests/bench/ledger/posting.h"
#include "tests/support/command.h"

namespace bench {
namespace {

constexpr const char* kPlainTables = R"(
create table entries (
    entry_id bigint primary key, tenant_id text not null, event text not null, source_key text not null,
    group_key text not null, description text not null, occurred_at timestamptz not null, business_date date not null,
    recorded_at timestamptz not null default clock_timestamp(), unique (source_key, tenant_id));
create table legs (
    entry_id bigint, leg_no smallint, account text not null, currency text not null, amount_minor bigint not null,
    primary key (entry_id, leg_no));
create index on legs (account, entry_id))";

// The rows in memory of the session first; what is measured is writing them.
constexpr const char* kPrepareEntries = R"(
create temp table e as
select n as entry_id, n / $each as part, 'bench:' || n as source_key from generate_series($from, $until) n)";
constexpr const char* kPrepareLegs = R"(
create temp table l as
select e.entry_id, e.part, leg as leg_no, case when leg = 1 and $hot then 'bank:hot'
       else 'payable:p' || (random() * $accounts)::integer end as account, case when leg = 1 then 1 - $legs else 1 end as amount
from e, generate_series(1, $legs) leg)";
constexpr const char* kWriteEntries =
    "insert into entries select entry_id, 'bench', 'manual', source_key, '', 'transfer', '2026-11-18T00:00Z', "
    "'2026-11-18' from e where part = $1";
constexpr const char* kWriteLegs =
    "insert into legs select entry_id, leg_no, account, 'CNY', amount from l where part = $1";

std::string filled(std::string sql, const std::vector<std::pair<std::string, std::string>>& values) {
    for (const auto& [name, value] : values) {
        for (auto at = sql.find("$" + name); at != std::string::npos; at = sql.find("$" + name)) {
            sql.replace(at, name.size() + 1, value);
        }
    }
    return sql;
}

std::string text_of(const std::filesystem::path& file) {
    std::ifstream in(file);
    std::ostringstream text;
    text << in.rdbuf();
    return text.str();
}

// The ids of the accounts, the hot one last.
std::vector<std::string> open_pgledger(const DatabaseNames& names, const Work& work,
                                       const std::filesystem::path& folder) {
    core::db::Connection session(names.admin);
    pqxx::nontransaction direct(session.get());
    std::vector<std::filesystem::path> files;
    for (const auto& entry : std::filesystem::directory_iterator(folder)) {
        if (entry.path().extension() == ".sql") {
            files.push_back(entry.path());
        }
    }
    std::sort(files.begin(), files.end());
    if (files.empty()) {
        throw std::runtime_error(folder.string() + ": has no .sql files");
    }
    for (const auto& file : files) {
        direct.exec(text_of(file));
    }
    std::vector<std::string> ids;
    for (const auto& row : direct.exec("select (pgledger_create_account(n::text, 'CNY')).id from generate_series(0, " +
                                       std::to_string(work.accounts) + ") n")) {
        ids.push_back(row[0].as<std::string>());
    }
    return ids;
}

// Composite values of (from, to, amount), as an array's text.
std::string requests(const std::vector<std::string>& ids, const Work& work, std::int64_t count,
                     std::mt19937_64& random) {
    std::string text = "{";
    for (std::int64_t i = 0; i < count; ++i) {
        const auto from = work.hot ? ids.size() - 1 : random() % (ids.size() - 1);
        auto to = random() % (ids.size() - 1);
        to = to == from ? (to + 1) % (ids.size() - 1) : to;
        text += (i == 0 ? "\"(" : ",\"(") + ids[from] + "," + ids[to] + ",1)\"";
    }
    return text + "}";
}

}  // namespace

std::int64_t insert_rows(const DatabaseNames& names, const Work& work) {
    {
        core::db::Connection session(names.admin);
        pqxx::nontransaction direct(session.get());
        direct.exec(kPlainTables);
    }
    const std::int64_t share = work.entries / work.clients;
    return per_second_of(share * work.clients, work.clients, [&](int client) {
        auto session = std::make_shared<core::db::Connection>(names.admin);
        {
            pqxx::nontransaction direct(session->get());
            const auto values =
                std::vector<std::pair<std::string, std::string>>{{"each", std::to_string(work.each)},
                                                                 {"from", std::to_string(client * share)},
                                                                 {"until", std::to_string((client + 1) * share - 1)},
                                                                 {"hot", work.hot ? "true" : "false"},
                                                                 {"accounts", std::to_string(work.accounts)},
                                                                 {"legs", std::to_string(work.legs)}};
            direct.exec(filled(kPrepareEntries, values));
            direct.exec(filled(kPrepareLegs, values));
            direct.exec("create index on e (part); create index on l (part); analyze e; analyze l");
        }
        return [&work, session, client, share] {
            for (std::int64_t part = client * share / work.each; part <= ((client + 1) * share - 1) / work.each;
                 ++part) {
                pqxx::work transaction(session->get());
                transaction.exec_params(kWriteEntries, part);
                transaction.exec_params(kWriteLegs, part);
                transaction.commit();
            }
        };
    });
}

std::int64_t transfer_by_pgledger(const DatabaseNames& names, const Work& work, const std::filesystem::path& folder) {
    const auto ids = open_pgledger(names, work, folder);
    const std::int64_t share = work.entries / work.clients;
    const auto per_second = per_second_of(share * work.clients, work.clients, [&](int client) {
        auto session = std::make_shared<core::db::Connection>(names.admin);
        session->get().prepare("transfer",
                               "select count(*) from pgledger_create_transfers(transfer_requests => "
                               "$1::transfer_request[], event_at => now())");
        auto texts = std::make_shared<std::vector<std::string>>();
        std::mt19937_64 random(static_cast<std::uint64_t>(client) + 1);
        for (std::int64_t at = 0; at < share; at += work.each) {
            texts->push_back(requests(ids, work, std::min(work.each, share - at), random));
        }
        return [session, texts] {
            for (const auto& text : *texts) {
                pqxx::work transaction(session->get());
                transaction.exec_prepared("transfer", text);
                transaction.commit();
            }
        };
    });
    core::db::Connection session(names.admin);
    pqxx::nontransaction direct(session.get());
    if (direct.exec1("select count(*) from pgledger_transfers")[0].as<std::int64_t>() != share * work.clients) {
        throw std::runtime_error("pgledger does not have all transfers");
    }
    return per_second;
}

std::int64_t transfer_by_pgbench(const Place& place, const DatabaseNames& names, const Work& work, int seconds) {
    core::db::Connection session(names.admin);
    pqxx::nontransaction direct(session.get());
    const auto name = direct.exec1("select current_database()")[0].as<std::string>();
    const std::vector<std::string> where = {"-h", place.socket_folder(), "-U", "duizhang_admin", name};
    const auto run = [&](std::vector<std::string> words) {
        words.insert(words.begin(), "/usr/lib/postgresql/15/bin/pgbench");
        words.insert(words.end(), where.begin(), where.end());
        const auto ran = test_support::Process(words, "/tmp").finish();
        if (ran.status != 0) {
            throw std::runtime_error("pgbench: " + ran.err);
        }
        return ran.out;
    };
    // Every transaction adds to a branch, and there is one for each hundred thousand accounts.
    run({"-i", "-q", "-s", work.hot ? "1" : "32"});
    const auto said =
        run({"-n", "-M", "prepared", "-c", std::to_string(work.clients), "-j", "2", "-T", std::to_string(seconds)});
    const auto at = said.find("tps = ");
    if (at == std::string::npos) {
        throw std::runtime_error("pgbench does not say how many: " + said);
    }
    return std::stoll(said.substr(at + 6));
}

}  // namespace bench
