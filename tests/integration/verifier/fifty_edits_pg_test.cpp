// What somebody who owns the database may do to the books, and that the independent verifier names the record of it.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cstdio>

#include "tests/integration/verifier/edited_books.h"

namespace verifier::test {
namespace {

using testing::HasSubstr;

struct Edit {
    std::string name;
    std::string sql;
    std::string record;  // the first that is to be named
};

std::string e(const std::string& source_key) { return SealedBooks::get().entry(source_key); }
std::string entry(const std::string& source_key) { return "entry " + e(source_key); }

std::string update(const std::string& source_key, const std::string& set) {
    return "update ledger.entries set " + set + " where tenant_id = 'a-shop' and source_key = '" + source_key + "'";
}

// A new row like that of sale:1, under a number and a source key.
std::string forged(const std::string& number, const std::string& source_key) {
    return "insert into ledger.entries (tenant_id, entry_id, event, source_key, group_key, description, occurred_at,"
           " business_date, leg_accounts, leg_currencies, leg_amounts) overriding system value select tenant_id, " +
           number + ", event, '" + source_key +
           "', group_key, description, occurred_at, '2026-11-20', leg_accounts, leg_currencies, leg_amounts"
           " from ledger.entries where tenant_id = 'a-shop' and entry_id = " +
           e("sale:1");
}

// Each line of the shop's pages anew: `amount` says what it is of, "e" and "m" being its entry and its amount.
std::string pages(const std::string& amount, const std::string& where = "true") {
    return "update ledger.pages p set lines = (select array_agg(array[e, l, " + amount +
           "] order by n) from (select n, p.lines[n][1] as e, p.lines[n][2] as l, p.lines[n][3] as m from"
           " generate_subscripts(p.lines, 1) as n) line where " +
           where +
           ") where tenant_id = 'a-shop' and exists"
           " (select from generate_subscripts(p.lines, 1) as n, lateral (select p.lines[n][1] as e, p.lines[n][2] as l)"
           " line where " +
           where + ")";
}
const std::string kRebalance =
    "; update ledger.balances b set debit_minor = s.debit, credit_minor = s.credit from (select account_no, currency,"
    " sum(greatest(p.lines[n][3], 0)) as debit, sum(greatest(-p.lines[n][3], 0)) as credit from ledger.pages p,"
    " generate_subscripts(p.lines, 1) as n where p.tenant_id = 'a-shop' group by 1, 2) s where b.tenant_id = 'a-shop'"
    " and b.account_no = s.account_no and b.currency = s.currency";
const std::string kBank =
    "(select account_no from ledger.accounts where tenant_id = 'a-shop' and account = 'bank:main')";
const std::string kSales =
    "(select account_no from ledger.accounts where tenant_id = 'a-shop' and account = 'income:sales')";

// Without a check while the statement runs, and with it afterwards, for new rows.
std::string unchecked(const std::string& constraint, const std::string& check, const std::string& sql) {
    return "alter table ledger.entries drop constraint " + constraint + "; " + sql +
           "; alter table ledger.entries add constraint " + constraint + " check (" + check + ") not valid";
}

std::vector<Edit> edits_of_entries() {
    const auto first = entry("sale:1");
    return {
        {"one leg's amount", update("sale:1", "leg_amounts = '{600,-500}'"), first},
        {"both legs' amounts", update("sale:1", "leg_amounts = '{600,-600}'"), first},
        {"amounts everywhere, consistently",
         update("sale:1", "leg_amounts = '{1000,-1000}'") + ";" +
             pages("case when e = " + e("sale:1") + " then 2 * m else m end") + kRebalance,
         first},
        {"amounts of two entries that cancel out",
         update("sale:1", "leg_amounts = '{600,-600}'") + ";" + update("sale:2", "leg_amounts = '{400,-400}'") + ";" +
             pages("case e when " + e("sale:1") + " then m * 6 / 5 when " + e("sale:2") +
                   " then m * 4 / 5 else m end") +
             kRebalance,
         first},
        {"an account", update("sale:1", "leg_accounts = '{receivable:orders,income:sales}'"), first},
        {"accounts exchanged", update("sale:1", "leg_accounts = '{income:sales,bank:main}'"), first},
        {"the currency", update("sale:1", "leg_currencies = '{USD,USD}'"), first},
        {"legs in another order",
         update("sale:1", "leg_accounts = '{income:sales,bank:main}', leg_amounts = '{-500,500}'"), first},
        {"the description", update("sale:1", "description = 'a friend''s entry'"), first},
        {"descriptions exchanged", update("sale:1", "description = 'x'") + ";" + update("sale:2", "description = 'y'"),
         first},
        {"the event", update("sale:1", "event = 'reversal'"), first},
        {"the source key", update("sale:1", "source_key = 'sale:one'"), first},
        {"the group", update("sale:1", "group_key = 'order:A-1'"), first},
        {"when it happened", update("sale:1", "occurred_at = occurred_at - interval '1 microsecond'"), first},
        {"when it was recorded", update("sale:1", "recorded_at = recorded_at - interval '1 day'"), first},
        {"a day out of the close", update("sale:1", "business_date = '2026-11-20'"), first},
        {"a day into the close", update("sale:3", "business_date = '2026-11-18'"), entry("sale:3")},
        {"an open day", update("sale:3", "business_date = '2026-11-21'"), entry("sale:3")},
        {"an unsealed entry's day into the close", update("sale:5", "business_date = '2026-11-18'"), entry("sale:5")},
        {"the tenant", update("sale:1", "tenant_id = 'b-other', source_key = 'moved'"), first},
        {"the number",
         "alter table ledger.entries alter column entry_id set generated by default; " +
             update("sale:1", "entry_id = 900000"),
         first},
        {"an entry removed", "delete from ledger.entries where entry_id = " + e("sale:1"), first},
        {"an entry removed everywhere",
         "delete from ledger.entries where entry_id = " + e("sale:1") + ";" + pages("m", "e <> " + e("sale:1")) +
             kRebalance,
         first},
        {"a pair removed", "delete from ledger.entries where entry_id in (" + e("sale:1") + "," + e("sale:2") + ")",
         first},
        {"the first entry of all removed",
         "delete from ledger.entries where tenant_id = 'a-shop' and entry_id = (select min(entry_id) from"
         " ledger.entries where tenant_id = 'a-shop')",
         first},
        {"an entry twice",
         "alter table ledger.entries drop constraint entries_pk cascade; alter table ledger.entries drop constraint"
         " entries_source_once; insert into ledger.entries overriding system value select * from ledger.entries where"
         " entry_id = " +
             e("sale:1"),
         first},
        {"a forged entry with a number that was sealed", forged(SealedBooks::get().free_number(), "forged"),
         "entry " + SealedBooks::get().free_number()},
        {"a forged entry with a new number", forged("900000", "forged"), "entry 900000"},
        {"an unsealed entry unbalanced", update("sale:5", "leg_amounts = '{501,-500}'"), entry("sale:5")},
        {"an unsealed entry balanced otherwise", update("sale:5", "leg_amounts = '{501,-501}'"), entry("sale:5")},
        {"an unsealed entry removed", "delete from ledger.entries where entry_id = " + e("sale:5"), entry("sale:5")},
        {"legs of zero",
         unchecked("legs_not_zero", "array_position(leg_amounts, 0) is null",
                   update("sale:5", "leg_amounts = '{0,0}'")),
         entry("sale:5")},
        {"a single leg",
         "alter table ledger.entries drop constraint entries_whole_legs; " +
             unchecked("entries_two_legs", "cardinality(leg_amounts) >= 2", update("sale:5", "leg_amounts = '{500}'")),
         entry("sale:5")},
        {"no currency there is", unchecked("legs_currency", "true", update("sale:5", "leg_currencies = '{cny,cny}'")),
         entry("sale:5")},
    };
}

std::vector<Edit> edits_of_tables() {
    const std::string bank = "account bank:main in CNY";
    const std::string mine = " where tenant_id = 'a-shop' ";
    return {
        {"a balance", "update ledger.balances set debit_minor = debit_minor + 1" + mine + "and account_no = " + kBank,
         bank},
        {"a balance on both sides",
         "update ledger.balances set debit_minor = debit_minor + 7, credit_minor = credit_minor + 7" + mine +
             "and account_no = " + kBank,
         bank},
        {"a balance removed", "delete from ledger.balances" + mine + "and account_no = " + kBank, bank},
        {"a balance's currency", "update ledger.balances set currency = 'USD'" + mine + "and account_no = " + kBank,
         bank},
        {"a turnover",
         "update ledger.turnovers set credit_minor = credit_minor + 1" + mine + "and account_no = " + kBank +
             " and not whole_month",
         bank},
        {"a turnover's month", "delete from ledger.turnovers" + mine + "and account_no = " + kBank + " and whole_month",
         bank},
        {"a waiting leg's day", "update ledger.new_legs set lines[1][5] = lines[1][5] - 1" + mine, bank},
        {"a page's amount", pages("case when e = " + e("sale:1") + " and l = 1 then m + 1 else m end"),
         entry("sale:1")},
        {"a page's line removed", pages("m", "not (e = " + e("sale:2") + " and l = 1)"), entry("sale:2")},
        {"a page's line twice",
         "update ledger.pages set lines = lines || array[[" + e("sale:2") + "::bigint, 1, 500]]" + mine +
             "and account_no = " + kBank + " and first_entry_id <= " + e("sale:2"),
         entry("sale:2")},
        {"a page of another account",
         "update ledger.pages set account_no = 900" + mine + "and account_no = " + kSales +
             " and first_entry_id <= " + e("sale:1"),
         entry("sale:1")},
        {"a page removed",
         "delete from ledger.pages" + mine + "and account_no = " + kBank + " and first_entry_id <= " + e("sale:1"),
         entry("sale:1")},
        {"a page's currency",
         "update ledger.pages set currency = 'USD'" + mine + "and account_no = " + kBank +
             " and first_entry_id <= " + e("sale:1"),
         entry("sale:1")},
        {"waiting legs removed", "delete from ledger.new_legs" + mine, entry("sale:5")},
        {"waiting legs twice", "insert into ledger.new_legs select * from ledger.new_legs" + mine, entry("sale:5")},
        {"a waiting leg's amount", "update ledger.new_legs set lines[1][4] = lines[1][4] + 1" + mine, entry("sale:5")},
        {"an account's kind", "update ledger.accounts set kind = 'expense'" + mine + "and account = 'bank:main'",
         "account bank:main"},
        {"an account's name", "update ledger.accounts set account = 'bank:mine'" + mine + "and account = 'bank:main'",
         "account bank:main"},
        {"an account removed", "delete from ledger.accounts" + mine + "and account = 'bank:main'", "account bank:main"},
        {"an account of no chart",
         "insert into ledger.accounts (tenant_id, account, kind) values ('a-shop',"
         " 'slush:fund', 'asset')",
         "account slush:fund"},
        {"accounts' numbers exchanged",
         "update ledger.accounts set account = 'bank:x'" + mine +
             "and account = 'bank:main'; update ledger.accounts"
             " set account = 'bank:main', kind = 'asset'" +
             mine +
             "and account = 'income:sales'; update ledger.accounts"
             " set account = 'income:sales', kind = 'income'" +
             mine + "and account = 'bank:x'",
         entry("sale:1")},
        {"a movement removed", "delete from payments.movements where channel_txn_id = 'ch_1'",
         entry("movement:stripe:payment:ch_1")},
        {"a movement's amount", "update payments.movements set amount_minor = 999 where channel_txn_id = 'ch_1'",
         "movement stripe payment ch_1"},
        {"a movement without its entry", "update payments.movements set entry_id = null where channel_txn_id = 'ch_1'",
         entry("movement:stripe:payment:ch_1")},
        {"a movement with another's entry",
         "update payments.movements set entry_id = " + e("movement:stripe:payment:ch_2") +
             " where channel_txn_id = 'ch_1'",
         entry("movement:stripe:payment:ch_1")},
        {"a movement that nobody told",
         "insert into payments.movements (tenant_id, channel, type, channel_txn_id,"
         " status, amount_minor, currency, merchant_order_id, own_order_id, related_txn_id, occurred_at,"
         " business_date, date_rank, attributes, masked_card, entry_id) values ('a-shop',"
         " 'stripe', 'payment', 'ch_9', 'captured', 5, 'CNY', '', '', '', now(), '2026-11-20', 1, '{}', '',"
         " 900000)",
         "movement stripe payment ch_9"},
    };
}

std::vector<Edit> edits_of_payouts() {
    const auto id = SealedBooks::get().payout("paid");
    const auto paid = "payout " + id;
    const auto proposed = "payout " + SealedBooks::get().payout("proposed");
    const auto step = [&](const std::string& set, const char* state) {
        return "update ledger.payout_steps set " + set + " where payout_id = " + id + " and state = '" + state + "'";
    };
    const auto payout = [&](const std::string& set) {
        return "update ledger.payouts set " + set + " where payout_id = " + id;
    };
    const auto without = [](const char* constraint, const std::string& sql) {
        return "alter table ledger.payout_steps drop constraint " + std::string(constraint) + " cascade; " + sql;
    };
    return {
        {"a payout's amount", payout("amount_minor = 99"), paid},
        {"a payout's amount, in its steps too",
         payout("amount_minor = 99") + "; update ledger.payout_steps set amount_minor = 99 where payout_id = " + id,
         paid},
        {"a payout's party", payout("party_account = 'payable:friend'"), paid},
        {"a payout's bank", payout("bank_account = 'bank:another'"), paid},
        {"a payout's key", payout("payout_key = 'another'"), paid},
        {"who proposed", payout("proposed_by = 'wang'"), paid},
        {"who approved", without("payout_steps_two_people", step("done_by = 'mei'", "approved")), paid},
        {"what was owed", without("payout_steps_owed", step("owed_minor = 99", "approved")), paid},
        {"a step removed", "delete from ledger.payout_steps where payout_id = " + id + " and state = 'sent'", paid},
        {"a step's state", without("payout_steps_allowed", step("state = 'failed'", "confirmed")), paid},
        {"a step's entry", step("entry_id = " + e("sale:5"), "confirmed"), paid},
        {"a payout removed", "delete from ledger.payouts where payout_id = " + id, paid},
        {"a payout removed with its steps",
         "delete from ledger.payouts where payout_id = " + id + "; delete from ledger.payout_steps",
         entry("payout:approved:paid")},
        {"an approval that nobody gave",
         "insert into ledger.payout_steps (tenant_id, payout_id, step_no, state_before, state, proposed_by,"
         " amount_minor, done_by, done_at, reason, owed_minor, entry_id, request_key) select tenant_id, payout_id, 1, "
         "'proposed',"
         " 'approved', 'mei', 100, 'li', now(), '', 300, " +
             e("sale:6") + ", repeat('a', 64) from ledger.payouts where payout_key = 'proposed'",
         proposed},
    };
}

std::vector<Edit> edits_of_cases() {
    const std::string channel = test_support::kChannel;
    const auto account = [&](const char* of) {
        return "account transit:" + std::string(of) + ":" + channel + " in CNY";
    };
    return {
        {"a match that no run made",
         "insert into reconciliation.matches (tenant_id, channel, type, channel_txn_id, business_date, movement_date, "
         "movement_id) select tenant_id, channel, type, channel_txn_id, '2026-11-18', '2026-11-18', movement_id from "
         "payments.movements where tenant_id = 'a-shop' and type = 'payment' and channel_txn_id = 'ch_1' and channel = "
         "'" +
             channel + "'",
         account("payment")},
        {"a movement among those that agree",
         "insert into reconciliation.agreed_movements (tenant_id, channel, business_date, block, movement_ids) select "
         "tenant_id, channel, '2026-11-18', movement_id / 4096, int8multirange(int8range(movement_id, movement_id, "
         "'[]')) from payments.movements where tenant_id = 'a-shop' and type = 'payment' and channel_txn_id = 'ch_1' "
         "and "
         "channel = '" +
             channel + "'",
         account("payment")},
        {"a line that no statement had",
         "insert into reconciliation.proved_items values ('a-shop', '" + channel +
             "', '2026-11-18', 1, 'unknown', 'payment', 'ch_9', 'CNY', 100)",
         account("customer")},
        {"what a run proved on funds",
         "insert into reconciliation.proved_items values ('a-shop', '" + channel +
             "', '2026-11-18', 1, 'funds', '', '', 'CNY', 100)",
         account("funds")},
        {"an order's amount",
         "update payments.orders set amount_minor = 999 where tenant_id = 'a-shop' and merchant_order_id = 'A-1'",
         account("customer")},
    };
}

std::vector<Edit> edits_of_seals() {
    const std::string mine = " where tenant_id = 'a-shop' ";
    return {
        {"the last seal removed", "delete from ledger.seals" + mine + "and seal_no = 3", "seal 3"},
        {"the last seal removed with its entries",
         "delete from ledger.entries" + mine + "and entry_id > (select after_entry from ledger.seals" + mine +
             "and seal_no = 3); delete from ledger.seals" + mine + "and seal_no = 3",
         "seal 3"},
        {"a seal in the middle removed", "delete from ledger.seals" + mine + "and seal_no = 2", "seal 2"},
        {"all seals removed", "delete from ledger.seals" + mine, "seal 1"},
        {"a seal's signature",
         "update ledger.seals set signature = set_byte(signature, 9, 7)" + mine + "and seal_no = 2", "seal 2"},
        {"a seal's hashes",
         "update ledger.seals set leaves = set_byte(leaves, 3, get_byte(leaves, 3) # 1)" + mine + "and seal_no = 1",
         "seal 1"},
        {"a seal's entries", "update ledger.seals set entry_ids[1] = entry_ids[1] - 1" + mine + "and seal_no = 2",
         "seal 2"},
        {"a seal's end", "update ledger.seals set until_entry = until_entry - 1" + mine + "and seal_no = 3", "seal 3"},
        {"when a seal was made",
         "update ledger.seals set sealed_at = sealed_at - interval '1 hour'" + mine + "and seal_no = 3", "seal 3"},
        {"a seal's digest", "update ledger.seals set digest = set_byte(digest, 0, 0)" + mine + "and seal_no = 1",
         "seal 1"},
        {"a close removed", "delete from ledger.closes" + mine, "close of 2026-11-18"},
        {"a close moved", "update ledger.closes set closed_until = '2026-11-19'" + mine, "close of 2026-11-19"},
        {"what a close accepted", "update ledger.closes set accepted = 'all of it'" + mine, "close of 2026-11-18"},
        {"a close's signature", "update ledger.closes set signature = set_byte(signature, 9, 7)" + mine,
         "close of 2026-11-18"},
    };
}

std::vector<Edit> edits_of_the_schema() {
    return {
        {"a trigger dropped", "drop trigger entries_immutable on ledger.entries",
         "trigger entries_immutable of ledger.entries"},
        {"a trigger left off", "alter table ledger.entries disable trigger entries_on_open_days",
         "trigger entries_on_open_days of ledger.entries"},
        {"a constraint dropped", "alter table ledger.entries drop constraint legs_not_zero",
         "constraint legs_not_zero of ledger.entries"},
        {"the walls not forced", "alter table ledger.entries no force row level security", "table ledger.entries"},
        {"a policy for everybody", "alter policy tenant_only on ledger.pages using (true)", "table ledger.pages"},
        {"a policy dropped", "drop policy tenant_only on payments.movements", "table payments.movements"},
        {"what keeps a movement used once dropped", "drop trigger agreed_once on reconciliation.agreed_movements",
         "trigger agreed_once of reconciliation.agreed_movements"},
        {"a trigger of the trail dropped", "drop trigger trail_immutable on audit.trail",
         "trigger trail_immutable of audit.trail"},
        {"a trigger of tombstones left off", "alter table audit.tombstones disable trigger tombstones_not_truncated",
         "trigger tombstones_not_truncated of audit.tombstones"},
        {"a constraint of heads dropped", "alter table audit.trail_heads drop constraint trail_heads_signed",
         "constraint trail_heads_signed of audit.trail_heads"},
        {"records of any tenant's put in", "alter policy tenant_only on audit.trail with check (true)",
         "table audit.trail"},
        {"a policy that names the tenants and lets all pass",
         "alter policy tenant_only on audit.tombstones using ((select core.tenants()) is null or true)",
         "table audit.tombstones"},
        {"the trail's function emptied",
         "create or replace function audit.refuse_change() returns trigger language plpgsql as"
         " $$ begin return new; end $$",
         "function audit.refuse_change"},
        {"a trigger's function emptied",
         "create or replace function ledger.refuse_change() returns trigger language plpgsql as"
         " $$ begin return new; -- raise exception\n end $$",
         "function ledger.refuse_change"},
    };
}

// The lines of the report; the first of what was found begins with its record.
bool names_first(const test_support::Ran& ran, const std::string& record) {
    return ran.status == 1 && (ran.out.find("FIRST " + record + " of a-shop: ") != std::string::npos ||
                               ran.out.find("FIRST " + record + ": ") != std::string::npos);
}

class InsiderEdits : public testing::Test {
protected:
    // Counts it as found only when the record is the first that the verifier names.
    void expect_named(const std::string& name, const Copy& copy, const fs::path& published, const std::string& record,
                      std::vector<std::string> more = {}) {
        ++made_;
        const auto ran = verify_books(copy.admin(), published, std::move(more));
        const bool is_named = names_first(ran, record);
        found_ += is_named ? 1 : 0;
        EXPECT_TRUE(is_named) << name << ": expected " << record << ", status " << ran.status << "\n"
                              << ran.out << ran.err;
    }

    fs::path published_copy(const test_support::TestFolder& folder) const {
        fs::copy(SealedBooks::get().published(), folder.path(), fs::copy_options::recursive);
        return folder.path();
    }

    int made_ = 0;
    int found_ = 0;
};

TEST_F(InsiderEdits, AreFoundAndTheirFirstRecordIsNamed) {
    const auto& books = SealedBooks::get();
    for (const auto& edits : {edits_of_entries(), edits_of_tables(), edits_of_payouts(), edits_of_cases(),
                              edits_of_seals(), edits_of_the_schema()}) {
        for (const auto& edit : edits) {
            const Copy copy(books.database());
            copy.edit(edit.sql);
            expect_named(edit.name, copy, books.published(), edit.record);
        }
    }

    // The program's own way to post, with a constraint off.
    {
        const Copy copy(books.database());
        copy.edit_with_triggers("alter table ledger.entries drop constraint entries_source_once; " +
                                forged("900001", "sale:1"));
        expect_named("a source key again", copy, books.published(), "entry 900001");
    }
    // What the program itself would make, with another key.
    {
        const Copy copy(books.database());
        copy.edit(update("sale:1", "description = 'better'") + "; delete from ledger.seals; delete from ledger.closes");
        core::db::Database database({.connection = copy.service()});
        ledger::seal(database, core::TenantId("a-shop"), ledger::SealKey(core::KeyBytes(std::string(32, 'x'))),
                     SealedBooks::clock());
        expect_named("all seals made anew with another key", copy, {}, "seal 1");
    }
    // And with the right key: nobody who hasn't the files would know.
    {
        const Copy copy(books.database());
        copy.edit("delete from ledger.closes; delete from ledger.seals; " + update("sale:1", "description = 'better'"));
        core::db::Database database({.connection = copy.service()});
        ledger::seal(database, core::TenantId("a-shop"), SealedBooks::key(), SealedBooks::clock());
        expect_named("all seals made anew with the right key", copy, books.published(), "seal 1");
    }
    {
        const Copy copy(books.older());
        expect_named("an older backup restored", copy, books.published(), "seal 2");
    }
    {
        const Copy copy(books.database());
        const test_support::TestFolder folder;
        fs::remove(published_copy(folder) / "a-shop" / "000002.json");
        expect_named("a published file removed", copy, folder.path(), "seal 2");
    }
    {
        const Copy copy(books.database());
        const test_support::TestFolder folder;
        const auto file = published_copy(folder) / "a-shop" / "close-2026-11-18.json";
        test_support::write_text(file, "{}\n");
        expect_named("a published file edited", copy, folder.path(), "close of 2026-11-18");
    }
    // Only who noted what the schema was sees a change in a function's manners.
    {
        const Copy copy(books.database());
        const auto before = verify_books(copy.admin(), books.published(), {"--json"});
        const auto at = before.out.find("\"schema\": \"") + 11;
        copy.edit(
            "create or replace function core.tenants() returns text[] language sql stable as"
            " $$ select array['a-shop', 'b-other'] $$");
        expect_named("a function rewritten", copy, books.published(), "schema",
                     {"--schema", before.out.substr(at, 64)});
    }
    std::printf("found %d of %d\n", found_, made_);
    EXPECT_GE(made_, 50);
}

TEST(UntouchedBooks, AreFoundRightByASuperuserAndByTheService) {
    const auto& books = SealedBooks::get();
    const Copy copy(books.database());
    for (const auto& connection : {copy.admin(), copy.service()}) {
        const auto ran = verify_books(connection, books.published());
        EXPECT_EQ(ran.status, 0) << ran.out << ran.err;
        EXPECT_THAT(ran.out, HasSubstr("2 tenants, 14 entries (5 not sealed yet), 4 seals, 1 closes"));
        EXPECT_THAT(ran.out, HasSubstr("all of it holds"));
    }
}

TEST(UntouchedBooks, AreReadByNobodyWithoutAKeyOrADatabase) {
    const std::string program = DUIZHANG_BINARY_DIR "/duizhang-verify-books";
    using test_support::Process;
    EXPECT_EQ(Process({program}, "/tmp").finish().status, 2);
    EXPECT_EQ(Process({program, "--database", "x", "--public-key", "12"}, "/tmp").finish().status, 2);
    EXPECT_EQ(Process({program, "--help"}, "/tmp").finish().status, 0);
    EXPECT_EQ(verify_books("host=/nonexistent", {}).status, 4);
}

}  // namespace
}  // namespace verifier::test
