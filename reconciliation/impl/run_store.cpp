// Writing what a day's run leaves behind.
#include <utility>

#include "core/db/array.h"
#include "core/db/column.h"
#include "core/db/work.h"
#include "core/json/writer.h"
#include "core/log.h"
#include "reconciliation/impl/day_store.h"
#include "reconciliation/impl/dependants.h"
#include "reconciliation/lists/grounds.h"

namespace reconciliation {
namespace {

constexpr core::db::Statement kRun{"run_run", R"(
insert into reconciliation.runs (tenant_id, channel, business_date, totals_agree, digest, summary, started_at,
    finished_at)
values ($1, $2, $3::date, $4, $5, $6::jsonb, $7::timestamptz, $8::timestamptz)
on conflict on constraint runs_pk do update set run_count = reconciliation.runs.run_count + 1,
    totals_agree = excluded.totals_agree, digest = excluded.digest, summary = excluded.summary,
    started_at = excluded.started_at, finished_at = excluded.finished_at, repeat_for = null)"};

// What another run of the day found before; the same again replaces nothing.
constexpr core::db::Statement kSupersede{"run_supersede", R"(
insert into reconciliation.superseded_runs (tenant_id, channel, business_date, run_count, totals_agree, digest, summary,
    discrepancies, started_at, finished_at, superseded_at)
select r.tenant_id, r.channel, r.business_date, r.run_count, r.totals_agree, r.digest, r.summary,
    coalesce((select jsonb_agg(jsonb_build_object('discrepancy_id', d.discrepancy_id, 'kind', d.kind,
                                                  'age_days', d.age_days) order by d.place)
              from reconciliation.discrepancies d
              where (d.tenant_id, d.channel, d.business_date) = (r.tenant_id, r.channel, r.business_date)), '[]'),
    r.started_at, r.finished_at, $5::timestamptz
from reconciliation.runs r
where r.tenant_id = $1 and r.channel = $2 and r.business_date = $3::date and r.digest <> $4)"};

constexpr core::db::Statement kForgetStatements{
    "run_forget_statements",
    "delete from reconciliation.statements where tenant_id = $1 and channel = $2 and business_date = $3::date"};
constexpr core::db::Statement kStatement{"run_statement", R"(
insert into reconciliation.statements (tenant_id, channel, business_date, sha256, file_name, line_count)
values ($1, $2, $3::date, $4, $5, $6) on conflict do nothing)"};

constexpr core::db::Statement kForgetDiscrepancies{
    "run_forget_discrepancies",
    "delete from reconciliation.discrepancies where tenant_id = $1 and channel = $2 and business_date = $3::date"};
constexpr core::db::Statement kDiscrepancies{"run_discrepancies", R"(
insert into reconciliation.discrepancies (tenant_id, channel, business_date, discrepancy_id, kind, place, age_days,
    type, channel_txn_id, merchant_order_id, evidence, ledger_minor, ledger_currency, channel_minor, channel_currency,
    told)
select $1, $2, $3::date, d.id, d.kind, d.place, d.age, d.type, d.txn, d.order_id, d.evidence,
       nullif(d.ledger, '')::bigint, d.ledger_currency, nullif(d.channel, '')::bigint, d.channel_currency,
       d.told::jsonb
from unnest($4::text[], $5::text[], $6::bigint[], $7::text[], $8::text[], $9::text[], $10::text[], $11::text[],
            $12::text[], $13::text[], $14::text[], $15::text[]) with ordinality
     as d (id, kind, age, type, txn, order_id, evidence, ledger, ledger_currency, channel, channel_currency, told,
           place)
on conflict do nothing)"};

constexpr core::db::Statement kForgetProved{
    "run_forget_proved",
    "delete from reconciliation.proved_items where tenant_id = $1 and channel = $2 and business_date = $3::date"};
constexpr core::db::Statement kProved{"run_proved", R"(
insert into reconciliation.proved_items (tenant_id, channel, business_date, item_no, how, type, item_key, currency,
    amount_minor)
select $1, $2, $3::date, p.n, p.how, p.type, p.item_key, p.currency, p.minor
from unnest($4::text[], $5::text[], $6::text[], $7::text[], $8::bigint[]) with ordinality
     as p (how, type, item_key, currency, minor, n))"};

constexpr core::db::Statement kForgetAgreed{
    "run_forget_agreed",
    "delete from reconciliation.agreed_movements where tenant_id = $1 and channel = $2 and business_date = $3::date"};
constexpr core::db::Statement kAgreed{nullptr, R"(
insert into reconciliation.agreed_movements (tenant_id, channel, business_date, block, movement_ids)
select $1, $2, $3::date, * from unnest($4::bigint[], $5::int8multirange[]))"};
constexpr int kBlocksAtOnce = 256;

// Each half has its index.
constexpr core::db::Statement kForgetMatches{"run_forget_matches", R"(
delete from reconciliation.matches
where tenant_id = $1 and channel = $2 and movement_date = $3::date and business_date = $3::date)"};
constexpr core::db::Statement kForgetMatchesElsewhere{"run_forget_matches_elsewhere", R"(
delete from reconciliation.matches
where tenant_id = $1 and channel = $2 and business_date = $3::date and movement_date <> business_date)"};
// A movement that this day opened and a later day's run closed stays with that run; what an earlier day's statement had
// as still processing comes to the run that settles it.
constexpr core::db::Statement kMatches{"run_matches", R"(
insert into reconciliation.matches (tenant_id, channel, type, channel_txn_id, business_date, movement_date, settles,
    movement_id)
select $1, $2, u.type, u.txn, $3::date, u.day, u.settles,
       (select m.movement_id from payments.movements m
        where m.channel_txn_id = u.txn and m.tenant_id = $1 and m.channel = $2 and m.type = u.type)
from unnest($4::text[], $5::text[], $6::date[], $7::boolean[]) as u (type, txn, day, settles)
on conflict on constraint matches_once do update set business_date = excluded.business_date, settles = true
    where excluded.settles and not reconciliation.matches.settles
      and reconciliation.matches.business_date < excluded.business_date)"};

// Items that this run opened the last time and doesn't any more.
constexpr core::db::Statement kForgetItems{"run_forget_items", R"(
delete from reconciliation.open_items
where tenant_id = $1 and channel = $2 and opened_on = $3::date
  and (side || '/' || type || '/' || item_key) <> all ($4::text[]))"};
constexpr core::db::Statement kReopenItems{"run_reopen_items", R"(
update reconciliation.open_items set closed_on = null
where tenant_id = $1 and channel = $2 and closed_on = $3::date)"};
constexpr core::db::Statement kForgetMissing{"run_forget_missing", R"(
update reconciliation.open_items set missing_since = null
where tenant_id = $1 and channel = $2 and missing_since = $3::date and opened_on < $3::date)"};
constexpr core::db::Statement kOpenItem{"run_open_item", R"(
insert into reconciliation.open_items (tenant_id, channel, side, type, item_key, opened_on, missing_since,
    channel_txn_id, merchant_order_id, own_order_id, amount_minor, currency, fee_minor, fee_currency, status,
    status_text, occurred_at, item_date, evidence)
values ($1, $2, $3, $4, $5, $6::date, $7::date, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17::timestamptz,
    $18::date, $19)
on conflict on constraint open_items_pk do update set
    missing_since = case when reconciliation.open_items.opened_on = excluded.opened_on
                              and reconciliation.open_items.missing_since > excluded.opened_on
                              and excluded.missing_since is null
                         then reconciliation.open_items.missing_since else excluded.missing_since end,
    opened_on = least(reconciliation.open_items.opened_on, excluded.opened_on),
    amount_minor = excluded.amount_minor, currency = excluded.currency, fee_minor = excluded.fee_minor,
    fee_currency = excluded.fee_currency, status = excluded.status, status_text = excluded.status_text,
    occurred_at = excluded.occurred_at, item_date = excluded.item_date, evidence = excluded.evidence)"};
constexpr core::db::Statement kCloseItems{"run_close_items", R"(
update reconciliation.open_items set closed_on = $3::date
where tenant_id = $1 and channel = $2 and (side || '/' || type || '/' || item_key) = any ($4::text[]))"};
constexpr core::db::Statement kMissingItems{"run_missing_items", R"(
update reconciliation.open_items set missing_since = $3::date
where tenant_id = $1 and channel = $2 and (side || '/' || type || '/' || item_key) = any ($4::text[]))"};

const char* name_of(Side side) { return side == Side::ledger ? "ledger" : "channel"; }

std::string full_key(const OpenItem& item) {
    return std::string(name_of(item.side)) + "/" + std::string(payments::name_of(item.record.type)) + "/" +
           item_key(item.record);
}

std::string keys_of(const std::vector<OpenItem>& items) {
    std::vector<std::string> keys;
    keys.reserve(items.size());
    for (const auto& item : items) {
        keys.push_back(full_key(item));
    }
    return core::db::text_array(keys);
}

// What is to be written of a channel's day, in one trip.
struct Writing {
    explicit Writing(core::db::TenantTransaction& transaction, std::string of_channel, core::BusinessDay of_day)
        : trip(transaction),
          tenant(transaction.tenant().text()),
          channel(std::move(of_channel)),
          day(core::format_day(of_day)) {}

    template <typename... Args>
    void add(const core::db::Statement& statement, Args&&... args) {
        trip.add(statement, tenant, channel, day, std::forward<Args>(args)...);
    }

    core::db::Trip trip;
    const std::string tenant, channel, day;
};

// What the API tells of the row's grounds.
std::string told_json(const Discrepancy& row) {
    core::json::Writer json;
    json.begin_object();
    lists::write_grounds(json, row);
    return json.end_object().text();
}

void store_discrepancies(Writing& writing, const std::vector<Discrepancy>& discrepancies) {
    const auto column = [&](const auto& text_of) {
        std::vector<std::string> values;
        values.reserve(discrepancies.size());
        for (const auto& row : discrepancies) {
            values.emplace_back(text_of(row));
        }
        return core::db::text_array(values);
    };
    const auto minor = [](const std::optional<std::int64_t>& amount) {
        return amount ? std::to_string(*amount) : std::string();
    };
    std::vector<std::int64_t> ages;
    ages.reserve(discrepancies.size());
    for (const auto& row : discrepancies) {
        ages.push_back(row.age_days);
    }
    writing.add(kForgetDiscrepancies);
    writing.add(kDiscrepancies, column([](const auto& row) { return row.id; }),
                column([](const auto& row) { return name_of(row.kind); }), core::db::integer_array(ages),
                column([](const auto& row) { return row.type ? payments::name_of(*row.type) : ""; }),
                column([](const auto& row) { return row.channel_txn_id; }),
                column([](const auto& row) { return row.merchant_order_id; }),
                column([](const auto& row) { return row.evidence.empty() ? "" : row.evidence.front(); }),
                column([&](const auto& row) { return minor(row.ledger_amount); }),
                column([](const auto& row) { return row.ledger_currency; }),
                column([&](const auto& row) { return minor(row.channel_amount); }),
                column([](const auto& row) { return row.channel_currency; }),
                column([](const auto& row) { return told_json(row); }));
}

// What stands on transit:customer line by line, and on transit:funds in sum.
void store_proved(Writing& writing, const std::vector<Proved>& proved) {
    std::vector<std::string> hows, types, keys, currencies;
    std::vector<std::int64_t> amounts;
    const auto add = [&](const char* how, std::string type, std::string key, std::string currency, std::int64_t minor) {
        hows.emplace_back(how);
        types.push_back(std::move(type));
        keys.push_back(std::move(key));
        currencies.push_back(std::move(currency));
        amounts.push_back(minor);
    };
    for (const auto& item : proved) {
        if (item.how == Proved::How::unknown || item.how == Proved::How::found_later) {
            add(item.how == Proved::How::unknown ? "unknown" : "found_later", std::string(payments::name_of(item.type)),
                item.item_key, item.currency, item.amount);
        }
    }
    for (const auto& leg : proved_balances(writing.channel, proved).legs()) {
        if (leg.account == ledger::Account::transit_funds(writing.channel)) {
            add("funds", "", "", std::string(leg.amount.currency().code()), leg.amount.minor());
        }
    }
    writing.add(kForgetProved);
    writing.add(kProved, core::db::text_array(hows), core::db::text_array(types), core::db::text_array(keys),
                core::db::text_array(currencies), core::db::integer_array(amounts));
}

void store_matches(Writing& writing, const std::vector<UsedRecord>& used) {
    if (used.empty()) {
        return;
    }
    std::vector<std::string> types;
    std::vector<std::string> ids;
    std::vector<std::string> days;
    std::vector<std::string> settles;
    for (const auto& [record, does_settle] : used) {
        types.emplace_back(payments::name_of(record.type));
        ids.push_back(record.channel_txn_id);
        days.push_back(core::format_day(record.business_day));
        settles.emplace_back(does_settle ? "t" : "f");
    }
    writing.add(kMatches, core::db::text_array(types), core::db::text_array(ids), core::db::text_array(days),
                core::db::text_array(settles));
}

void store_agreed(core::db::TenantTransaction& transaction, const Writing& where, const MovementSet& agreed) {
    core::db::IntegerColumn blocks;
    core::db::NumberSetColumn numbers;
    int count = 0;
    const auto send = [&] {
        core::db::run(transaction, kAgreed, where.tenant, where.channel, where.day, std::exchange(blocks, {}),
                      std::exchange(numbers, {}));
        count = 0;
    };
    agreed.each_block([&](std::int64_t block, const MovementSet::Runs& runs) {
        blocks.add(block);
        numbers.add(runs);
        if (++count == kBlocksAtOnce) {
            send();
        }
    });
    if (count > 0) {
        send();
    }
}

void open_item(Writing& writing, const OpenItem& item) {
    const Record& record = item.record;
    std::optional<std::string> missing_since;
    if (!item.waiting) {
        missing_since = writing.day;
    }
    std::optional<std::string> occurred;
    if (record.occurred_at) {
        occurred = core::format_rfc3339(*record.occurred_at);
    }
    const std::string status = record.status ? std::string(payments::name_of(*record.status)) : std::string("captured");
    writing.trip.add(kOpenItem, writing.tenant, writing.channel, std::string(name_of(item.side)),
                     std::string(payments::name_of(record.type)), item_key(record), writing.day, missing_since,
                     record.channel_txn_id, record.merchant_order_id, record.own_order_id, record.amount,
                     record.currency, record.fee, item.fee_currency, status, record.status_text, occurred,
                     core::format_day(record.business_day), record.evidence);
}

void store_items(Writing& writing, const RunOutcome& outcome) {
    writing.add(kReopenItems);
    writing.add(kForgetMissing);
    writing.add(kForgetItems, keys_of(outcome.opened));
    for (const auto& item : outcome.opened) {
        open_item(writing, item);
    }
    writing.add(kCloseItems, keys_of(outcome.closed));
    writing.add(kMissingItems, keys_of(outcome.now_missing));
}

}  // namespace

void store_run(core::db::TenantTransaction& transaction, core::BusinessDay day, const RunOutcome& outcome) {
    const Summary& summary = outcome.list.summary;
    Dependants dependants(transaction, summary.channel, day);
    Writing run(transaction, summary.channel, day);
    run.add(kSupersede, summary.digest, core::format_rfc3339(summary.finished_at));
    run.add(kRun, outcome.totals_agree, summary.digest, summary_json(summary), core::format_rfc3339(summary.started_at),
            core::format_rfc3339(summary.finished_at));
    run.add(kForgetStatements);
    for (const auto& statement : summary.statements) {
        run.add(kStatement, statement.sha256, statement.file, static_cast<std::int64_t>(statement.lines));
    }
    store_discrepancies(run, outcome.list.discrepancies);
    if (!outcome.totals_agree) {
        run.trip.run();
        return;  // nothing is booked or closed from a statement whose totals don't agree
    }
    run.add(kForgetAgreed);
    run.add(kForgetMatches);
    run.add(kForgetMatchesElsewhere);
    store_matches(run, outcome.used);
    run.trip.run();
    store_agreed(transaction, run, outcome.agreed);
    take_back_unknown(transaction, summary.channel, day, summary.started_at, outcome);
    Writing rest(transaction, summary.channel, day);
    store_proved(rest, outcome.proved);
    store_rule_uses(rest.trip, rest.tenant, summary.channel, day, outcome.rule_uses);
    store_items(rest, outcome);
    rest.trip.run();
    if (const auto marked = dependants.mark(); marked > 0) {
        core::log_info(
            "days_to_repeat",
            {{"tenant", run.tenant}, {"channel", run.channel}, {"business_date", run.day}, {"days", marked}});
    }
}

}  // namespace reconciliation
