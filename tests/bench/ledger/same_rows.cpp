// The very rows that posting has left behind, inserted once more: into tables of the same columns, keys and checks,
// behind the same walls and by the same role, in batches of the same size. No triggers: nobody adds up or checks again.
#include <memory>
#include <pqxx/pqxx>
#include <stdexcept>

#include "core/db/connection.h"
#include "core/db/work.h"
#include "tests/bench/ledger/crowd.h"
#include "tests/bench/ledger/posting.h"

namespace bench {
namespace {

constexpr const char* kCopies = R"(
create schema copy;
grant usage on schema copy to duizhang_service;
do $$
declare name text;
begin
    foreach name in array array['entries', 'pages', 'balances', 'turnovers', 'new_legs'] loop
        execute format('create table copy.%1$I (like ledger.%1$I including all)', name);
        execute format('alter table copy.%1$I enable row level security', name);
        execute format('alter table copy.%1$I force row level security', name);
        execute format('create policy tenant_only on copy.%1$I
                        using (array_position((select core.tenants()), tenant_id) is not null)
                        with check (array_position((select core.tenants()), tenant_id) is not null)', name);
        execute format('grant select, insert on copy.%1$I to duizhang_service', name);
    end loop;
end $$)";

constexpr const char* kFirst =
    "select min(entry_id) from ledger.entries where tenant_id = $1 and source_key like 'bench:%'";
constexpr const char* kEntries =
    "insert into copy.entries overriding system value select * from ledger.entries "
    "where tenant_id = $1 and entry_id >= $2 and entry_id < $3";
// What pages, balances and turnovers have come to: each client has its part of the accounts.
constexpr const char* kOthers[] = {
    "insert into copy.pages select * from ledger.pages where tenant_id = $1 and account_no % $2 = $3",
    "insert into copy.balances select * from ledger.balances where tenant_id = $1 and account_no % $2 = $3",
    "insert into copy.turnovers select * from ledger.turnovers where tenant_id = $1 and account_no % $2 = $3"};
constexpr const char* kWaiting =
    "insert into copy.new_legs overriding system value select * from ledger.new_legs where tenant_id = $1";

}  // namespace

std::int64_t insert_same_rows(const DatabaseNames& names, const Work& work) {
    {
        core::db::Connection session(names.admin);
        pqxx::nontransaction direct(session.get());
        direct.exec(kCopies);
    }
    core::db::Options options;
    options.connection = names.service;
    core::db::Database database(options);
    const core::TenantId tenant("bench");
    const auto in_transaction = [&](const auto& use) {
        core::db::TenantTransaction transaction(database, tenant);
        use(transaction);
        transaction.commit();
    };
    std::int64_t first = 0;
    in_transaction([&](auto& transaction) {
        first = core::db::run(transaction, kFirst, tenant.text())[0][0].template as<std::int64_t>();
    });
    const std::int64_t share = work.entries / work.clients;
    const auto per_second = per_second_of(share * work.clients, work.clients, [&](int client) {
        return [&, client] {
            for (std::int64_t at = client * share; at < (client + 1) * share; at += work.each) {
                in_transaction([&](auto& transaction) {
                    core::db::run(transaction, kEntries, tenant.text(), first + at,
                                  first + std::min(at + work.each, (client + 1) * share));
                });
            }
            in_transaction([&](auto& transaction) {
                for (const char* statement : kOthers) {
                    core::db::run(transaction, statement, tenant.text(), work.clients, client);
                }
                if (client == 0) {
                    core::db::run(transaction, kWaiting, tenant.text());
                }
            });
        };
    });
    in_transaction([&](auto& transaction) {
        const auto copied =
            core::db::run(transaction, "select count(*) from copy.entries where tenant_id = $1", tenant.text())[0][0]
                .template as<std::int64_t>();
        if (copied != share * work.clients) {
            throw std::runtime_error("not all rows were inserted again");
        }
    });
    return per_second;
}

}  // namespace bench
