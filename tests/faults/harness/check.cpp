#include "tests/faults/harness/check.h"

#include <algorithm>
#include <pqxx/pqxx>
#include <set>
#include <tuple>

#include "core/db/array.h"
#include "core/json/reader.h"

namespace faults {

namespace {

using core::db::integer_array;
using core::db::text_array;

constexpr std::size_t kChunk = 10'000;

constexpr const char* kMissingMessages = R"(
    select a.tenant_id || ' ' || a.channel || ' message ' || a.body_sha256
    from unnest($1::text[], $2::text[], $3::text[]) as a (tenant_id, channel, body_sha256)
    where not exists (select from payments.inbox i where i.tenant_id = a.tenant_id and i.channel = a.channel
                                                     and i.body_sha256 = a.body_sha256))";

constexpr const char* kMissingMovements = R"(
    with said as materialized (
        select e.tenant_id, e.entry_id, cardinality(e.leg_amounts) as legs, l.*
        from ledger.entries e, unnest(e.leg_accounts, e.leg_currencies, e.leg_amounts) with ordinality
                               as l (account, currency, amount_minor, leg_no)),
    entered as materialized (select * from ledger.legs join ledger.accounts using (tenant_id, account_no)),
    whole as materialized (
        select tenant_id, entry_id
        from said join entered using (tenant_id, entry_id, leg_no, account, currency, amount_minor)
        group by tenant_id, entry_id, legs having count(*) = legs),
    booked as materialized (
        select m.tenant_id, m.channel, m.type, m.channel_txn_id, m.amount_minor, m.currency
        from payments.movements m join whole w on w.tenant_id = m.tenant_id and w.entry_id = m.entry_id)
    select a.tenant_id || ' ' || a.channel || ' ' || a.type || ' ' || a.channel_txn_id
    from unnest($1::text[], $2::text[], $3::text[], $4::text[], $5::bigint[], $6::text[])
        as a (tenant_id, channel, type, channel_txn_id, amount_minor, currency)
    where not exists (
        select from booked m
        where m.tenant_id = a.tenant_id and m.channel = a.channel and m.type = a.type
          and m.channel_txn_id = a.channel_txn_id and m.amount_minor = a.amount_minor and m.currency = a.currency))";

// What the movements of each payment say, refunds included, against what its entries put on the channel's transit
// account. Each order has one payment at most here.
constexpr const char* kBookedOtherwise = R"(
    with said as (
        select tenant_id, channel, currency,
               case type when 'payment' then channel_txn_id else related_txn_id end as payment,
               sum(amount_minor) as amount
        from payments.movements where entry_id is not null group by 1, 2, 3, 4),
    groups as (
        select tenant_id, channel, payment, 'payment:' || channel || ':' || payment as name from said
        union select tenant_id, channel, channel_txn_id, 'order:' || merchant_order_id
        from payments.movements where type = 'payment' and merchant_order_id <> ''),
    entered as materialized (
        select l.tenant_id, l.entry_id, substr(k.account, 17) as channel, l.currency, l.amount_minor
        from ledger.legs l join ledger.accounts k on k.tenant_id = l.tenant_id and k.account_no = l.account_no
        where k.account like 'transit:payment:%'),
    of_groups as materialized (
        select g.tenant_id, g.channel, g.payment, e.entry_id
        from groups g join ledger.entries e on e.tenant_id = g.tenant_id and e.group_key = g.name),
    stands as (
        select g.tenant_id, g.channel, l.currency, g.payment, sum(l.amount_minor) as amount
        from of_groups g
        join entered l on l.tenant_id = g.tenant_id and l.entry_id = g.entry_id and l.channel = g.channel
        group by 1, 2, 3, 4)
    select count(*) from said full join stands using (tenant_id, channel, currency, payment)
    where said.amount is distinct from stands.amount)";

// The same in one sum a channel, over every entry whatever its group.
constexpr const char* kSumsOtherwise = R"(
    with said as (select tenant_id, channel, currency, sum(amount_minor) as amount
                  from payments.movements where entry_id is not null group by 1, 2, 3),
    stands as (select tenant_id, substr(account, 17) as channel, currency, sum(amount_minor) as amount
               from ledger.legs join ledger.accounts using (tenant_id, account_no)
               where account like 'transit:payment:%' group by 1, 2, 3)
    select count(*) from said full join stands using (tenant_id, channel, currency)
    where said.amount is distinct from stands.amount)";

constexpr const char* kUnbalanced = R"(
    select count(*) from (select from ledger.legs group by tenant_id, currency having sum(amount_minor) <> 0) s)";

constexpr const char* kBalancesOff = R"(
    select count(*)
    from (select tenant_id, account_no, currency, sum(amount_minor) as amount from ledger.legs group by 1, 2, 3) l
    full join (select tenant_id, account_no, currency, debit_minor - credit_minor as amount
               from ledger.kept_balances) b using (tenant_id, account_no, currency)
    full join (select tenant_id, account_no, currency, sum(debit - credit) as amount
               from (select tenant_id, account_no, currency, debit_minor as debit, credit_minor as credit
                     from ledger.turnovers where not whole_month
                     union all
                     select tenant_id, lines[n][1], currency, lines[n][4], 0
                     from ledger.new_legs, generate_subscripts(lines, 1) as n) turned_over
               group by 1, 2, 3) t using (tenant_id, account_no, currency)
    where coalesce(l.amount, 0) <> coalesce(b.amount, 0) or coalesce(l.amount, 0) <> coalesce(t.amount, 0))";

constexpr const char* kJournal = R"(
    select e.tenant_id || ' ' || e.entry_id, hashtextextended(e::text, 0) # coalesce(l.legs, 0)
    from ledger.entries e
    left join (select tenant_id, entry_id, bit_xor(hashtextextended(legs::text, 0)) as legs
               from ledger.legs group by 1, 2) l using (tenant_id, entry_id))";

constexpr const char* kPostAgain = R"(
    with planted as (
        insert into ledger.entries (tenant_id, event, source_key, group_key, description, occurred_at, business_date,
                                    leg_accounts, leg_currencies, leg_amounts)
        select tenant_id, event, source_key || ':planted', group_key, description, occurred_at, business_date,
               leg_accounts, leg_currencies, leg_amounts
        from ledger.entries where event = 'payment' limit 1
        returning tenant_id, entry_id, leg_accounts, leg_currencies, leg_amounts)
    insert into ledger.pages (account_no, first_entry_id, lines, tenant_id, currency)
    select k.account_no, p.entry_id, array[array[p.entry_id, s.leg_no, s.amount]], p.tenant_id, s.currency
    from planted p
    cross join unnest(p.leg_accounts, p.leg_currencies, p.leg_amounts) with ordinality
               as s (account, currency, amount, leg_no)
    join ledger.accounts k on k.tenant_id = p.tenant_id and k.account = s.account)";

// From where it waits, or else from a page.
constexpr const char* kTakeALeg = R"(
    with taken as (
        update ledger.new_legs set lines = lines[2:] where ctid = (select ctid from ledger.new_legs limit 1) returning 1)
    update ledger.pages set lines = lines[2:]
    where ctid = (select ctid from ledger.pages limit 1) and not exists (select from taken))";

constexpr const char* kDescribeOtherwise = R"(
    update ledger.entries set description = description || '.'
    where ctid = (select ctid from ledger.entries limit 1))";

constexpr const char* kMoveToStranger = R"(
    update payments.inbox set tenant_id = 'stranger' where ctid = (select ctid from payments.inbox limit 1))";

constexpr const char* kTakeMovement = R"(
    delete from payments.movements where tenant_id = $1 and channel = $2 and channel_txn_id = $3)";
constexpr const char* kTakeMessage = R"(
    delete from payments.inbox where tenant_id = $1 and channel = $2 and body_sha256 = $3)";

using Key = std::tuple<std::string, std::string, std::string>;

class Session {
public:
    // The planner can't know how much an array holds: joins hash all that is to be the same on both sides.
    explicit Session(const std::string& admin) : connection_(admin), work_(connection_) {
        work_.exec("set enable_nestloop = off; set enable_mergejoin = off; set jit = off");
    }
    std::size_t number(const std::string& sql) { return work_.exec1(sql)[0].as<std::size_t>(); }
    template <typename... Args>
    pqxx::result rows(const char* sql, const Args&... args) {
        if constexpr (sizeof...(args) == 0) {
            return work_.exec(sql);
        } else {
            return work_.exec_params(sql, args...);
        }
    }

private:
    pqxx::connection connection_;
    pqxx::nontransaction work_;
};

void find_losses(Session& session, const std::vector<const Callback*>& some, Losses& losses) {
    std::vector<std::string> tenants, channels, digests, types, ids, currencies;
    std::vector<std::int64_t> amounts;
    for (const auto* callback : some) {
        tenants.push_back(callback->tenant);
        channels.push_back(callback->channel);
        digests.push_back(callback->body_sha256);
        types.push_back(callback->movement.type);
        ids.push_back(callback->movement.channel_txn_id);
        amounts.push_back(callback->movement.amount_minor);
        currencies.push_back(callback->movement.currency);
    }
    const auto messages =
        session.rows(kMissingMessages, text_array(tenants), text_array(channels), text_array(digests));
    const auto movements = session.rows(kMissingMovements, text_array(tenants), text_array(channels), text_array(types),
                                        text_array(ids), integer_array(amounts), text_array(currencies));
    losses.messages += messages.size();
    losses.movements += movements.size();
    for (const auto& found : {messages, movements}) {
        if (!found.empty() && losses.example.empty()) {
            losses.example = found[0][0].as<std::string>();
        }
    }
}

Journal read_journal(Session& session) {
    Journal journal;
    for (const auto& row : session.rows(kJournal)) {
        journal.emplace(row[0].as<std::string>(), row[1].as<std::int64_t>());
    }
    return journal;
}

void look_for_strangers(Session& session, const World& world, Books& books) {
    std::set<Key> messages;
    std::set<Key> acknowledged;
    std::set<Key> movements;
    for (const auto& callback : world.callbacks()) {
        messages.insert({callback.tenant, callback.channel, callback.body_sha256});
        movements.insert({callback.tenant, callback.channel, callback.movement.channel_txn_id});
        if (callback.acknowledged) {
            acknowledged.insert({callback.tenant, callback.channel, callback.body_sha256});
        }
    }
    const auto key_of = [](const auto& row) {
        return Key{row[0].template as<std::string>(), row[1].template as<std::string>(),
                   row[2].template as<std::string>()};
    };
    for (const auto& row : session.rows("select tenant_id, channel, body_sha256, deliveries from payments.inbox")) {
        const auto key = key_of(row);
        ++books.inbox;
        books.foreign += messages.contains(key) ? 0 : 1;
        books.unacknowledged += acknowledged.contains(key) ? 0 : 1;
        books.deliveries += row[3].as<std::size_t>();
    }
    for (const auto& row : session.rows("select tenant_id, channel, channel_txn_id from payments.movements")) {
        ++books.movements;
        books.foreign += movements.contains(key_of(row)) ? 0 : 1;
    }
}

// Nothing when the program says that the tenant's books are right.
void ask_the_program(const World& world, const std::string& tenant, std::vector<std::string>& complaints) {
    const auto cases = world.duizhang({"ledger", "cases", "--tenant", tenant});
    if (cases.status != 0) {
        complaints.push_back("ledger cases of " + tenant + " don't add up to what stands there: " + cases.out);
    }
    const auto verified = world.duizhang({"ledger", "verify", "--tenant", tenant});
    if (verified.status != 0) {
        complaints.push_back("ledger verify of " + tenant + ": " + verified.out);
    }
    const auto balance = world.duizhang({"--json", "ledger", "trial-balance", "--tenant", tenant});
    const auto json = core::json::parse(balance.out);
    const auto* totals = json ? json->find("totals") : nullptr;
    if (balance.status != 0 || totals == nullptr || totals->items().empty()) {
        complaints.push_back("ledger trial-balance of " + tenant + " says nothing: " + balance.out);
        return;
    }
    for (const auto& total : totals->items()) {
        if (total.find("debit")->number_text() != total.find("credit")->number_text()) {
            complaints.push_back("the trial balance of " + tenant + " isn't zero");
        }
    }
}

void ask_for_the_trail(const World& world, std::vector<std::string>& complaints) {
    const auto verified = world.duizhang({"audit", "verify"});
    if (verified.status != 0) {
        complaints.push_back("audit verify: " + verified.out);
    }
}

}  // namespace

Journal read_journal(const std::string& admin) {
    Session session(admin);
    return read_journal(session);
}

std::size_t broken_entries(const Journal& before, const Journal& now) {
    return static_cast<std::size_t>(std::count_if(before.begin(), before.end(), [&](const auto& entry) {
        const auto found = now.find(entry.first);
        return found == now.end() || found->second != entry.second;
    }));
}

Losses find_losses(const std::string& admin, World& world, const std::vector<std::size_t>& acknowledged) {
    Session session(admin);
    Losses losses;
    std::vector<const Callback*> some;
    for (std::size_t i = 0; i < acknowledged.size(); ++i) {
        some.push_back(&world.callback(acknowledged[i]));
        if (some.size() == kChunk || i + 1 == acknowledged.size()) {
            find_losses(session, some, losses);
            some.clear();
        }
    }
    return losses;
}

std::vector<std::string> blind_questions(const std::string& admin, World& world, std::size_t acknowledged) {
    std::vector<std::string> blind;
    Session session(admin);
    session.rows("set session_replication_role = replica");  // triggers would refuse all of it
    const auto plant = [&](const char* question, const auto& harm, const auto& sees) {
        session.rows("begin");
        harm();
        if (!sees()) {
            blind.emplace_back(question);
        }
        session.rows("rollback");
    };
    const auto& callback = world.callback(acknowledged);
    const auto find = [&] {
        Losses losses;
        find_losses(session, {&callback}, losses);
        return losses;
    };
    plant(
        "lost movements",
        [&] { session.rows(kTakeMovement, callback.tenant, callback.channel, callback.movement.channel_txn_id); },
        [&] { return find().movements == 1; });
    plant(
        "lost messages", [&] { session.rows(kTakeMessage, callback.tenant, callback.channel, callback.body_sha256); },
        [&] { return find().messages == 1; });
    plant(
        "booked twice", [&] { session.rows(kPostAgain); },
        [&] {
            return session.number(kBookedOtherwise) > 0 && session.number(kSumsOtherwise) > 0 &&
                   session.number(kBalancesOff) > 0;
        });
    plant(
        "legs that don't add up", [&] { session.rows(kTakeALeg); }, [&] { return session.number(kUnbalanced) > 0; });
    const auto journal = read_journal(session);
    const auto is_broken = [&] { return broken_entries(journal, read_journal(session)) == 1; };
    plant(
        "a leg taken from the journal", [&] { session.rows(kTakeALeg); }, is_broken);
    plant(
        "an entry changed", [&] { session.rows(kDescribeOtherwise); }, is_broken);
    plant(
        "foreign rows", [&] { session.rows(kMoveToStranger); },
        [&] {
            Books books;
            look_for_strangers(session, world, books);
            return books.foreign > 0;
        });
    return blind;
}

Books look_at_books(const std::string& admin, World& world) {
    Books books;
    {
        Session session(admin);
        look_for_strangers(session, world, books);
        books.booked_twice = session.number(kBookedOtherwise) + session.number(kSumsOtherwise);
        books.unbalanced = session.number(kUnbalanced);
        books.balances_off = session.number(kBalancesOff);
        const auto orders = session.number("select count(*) from payments.orders");
        books.has_trail =
            session.number("select count(*) from pg_tables where schemaname = 'audit' and tablename = 'trail'") > 0;
        books.orders_lost = world.orders() > orders ? world.orders() - orders : 0;
    }
    for (const auto& tenant : world.tenants()) {
        ask_the_program(world, tenant, books.complaints);
    }
    if (books.has_trail) {
        ask_for_the_trail(world, books.complaints);
    }
    return books;
}

}  // namespace faults
