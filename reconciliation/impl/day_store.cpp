#include "reconciliation/impl/day_store.h"

#include <algorithm>
#include <iterator>

#include "core/db/array.h"
#include "core/db/copy.h"
#include "core/db/work.h"
#include "core/failure.h"

namespace reconciliation {
namespace {

constexpr core::db::Statement kLock{"day_lock", "select pg_advisory_xact_lock(hashtextextended($1, 1))"};

// Movements of the books as runs see them: money that moved, other than what the channel paid out.
#define BOOKED                                                                               \
    "m.tenant_id = $1 and m.channel = $2 and m.entry_id is not null and m.type <> 'payout' " \
    "and m.attributes->>'reverses' is distinct from 'payout' "
#define MATCHED                                                                                \
    "from reconciliation.matches u where u.tenant_id = m.tenant_id and u.channel = m.channel " \
    "and u.type = m.type and u.channel_txn_id = m.channel_txn_id "
// With their own day's statement, and nothing else.
#define AGREED                                                                                          \
    "from reconciliation.agreed_movements g where g.tenant_id = m.tenant_id and g.channel = m.channel " \
    "and g.block = m.movement_id / 4096 and g.movement_ids @> m.movement_id "
#define OPENED                                                                                    \
    "from reconciliation.open_items i where i.tenant_id = m.tenant_id and i.channel = m.channel " \
    "and i.side = 'ledger' and i.type = m.type and i.item_key = m.channel_txn_id "

// Of some movements, which are few beside all there are: what read_movement() takes. A refund that doesn't say its
// order's number takes its payment's. `offset 0` keeps each look-up one by its key, whatever the planner knows of the
// tables.
#define TOLD_OF(movements)                                                                                       \
    "select m.type, m.channel_txn_id, coalesce(nullif(m.merchant_order_id, ''), p.merchant_order_id, ''), "      \
    "m.own_order_id, m.amount_minor, m.currency, m.status, (extract(epoch from m.occurred_at) * 1000)::bigint, " \
    "m.business_date::text, m.entry_id, o.amount_minor, o.currency, m.attributes->>'balance_transaction' "       \
    "from (" movements                                                                                           \
    ") m "                                                                                                       \
    "left join lateral (select p.merchant_order_id from payments.movements p where p.channel_txn_id = "          \
    "m.related_txn_id "                                                                                          \
    "  and p.tenant_id = m.tenant_id and p.channel = m.channel and p.type = 'payment' and m.type <> 'payment' "  \
    "  and m.related_txn_id <> '' offset 0) p on true "                                                          \
    "left join lateral (select o.amount_minor, o.currency from payments.orders o where m.type = 'payment' "      \
    "  and o.merchant_order_id = m.merchant_order_id and o.tenant_id = m.tenant_id offset 0) o on true"

constexpr core::db::Statement kOfDay{
    nullptr, TOLD_OF("select * from payments.movements m where " BOOKED
                     "and m.business_date = $3::date and m.movement_id = any ($4::bigint[]) offset 0")};

// Days whose movements are not all matched or open: counting them costs less than looking each one up, and almost no
// day has any.
constexpr core::db::Statement kDaysWithLate{
    "day_days_with_late",
    "with booked as (select m.business_date as day, count(*) as n from payments.movements m where " BOOKED
    "  and m.business_date between $3::date - 400 and $3::date - 1 group by 1), "
    "matched as (select day, sum(n) as n from ("
    "    select u.movement_date as day, count(*) as n from reconciliation.matches u "
    "    where u.tenant_id = $1 and u.channel = $2 and u.movement_date between $3::date - 400 and $3::date - 1 "
    "      and u.business_date <> $3::date group by 1 "
    "    union all select g.business_date, sum(g.movement_count) from reconciliation.agreed_movements g "
    "    where g.tenant_id = $1 and g.channel = $2 and g.business_date between $3::date - 400 and $3::date - 1 "
    "    group by 1) both_kinds group by 1), "
    "opened as (select m.item_date as day, count(*) as n from reconciliation.open_items m "
    "  where m.tenant_id = $1 and m.channel = $2 and m.side = 'ledger' and m.opened_on <> $3::date "
    "    and m.item_date between $3::date - 400 and $3::date - 1 "
    "    and not exists (select " MATCHED
    "and u.business_date <> $3::date) group by 1) "
    "select r.business_date::text from reconciliation.runs r join booked b on b.day = r.business_date "
    "left join matched u on u.day = r.business_date left join opened i on i.day = r.business_date "
    "where r.tenant_id = $1 and r.channel = $2 and r.totals_agree and b.n <> coalesce(u.n, 0) + coalesce(i.n, 0)"};

constexpr core::db::Statement kLate{
    nullptr, TOLD_OF("select * from payments.movements m where " BOOKED "and m.business_date = any ($4::date[]) "
                     "and not exists (select from reconciliation.used_movements u "
                     "  where u.tenant_id = $1 and u.channel = $2 "
                     "    and u.movement_id = m.movement_id and u.business_date <> $3::date) "
                     "and not exists (select " OPENED "and i.opened_on <> $3::date) offset 0")};

// What an earlier day's statement had as still processing waits for its line on this one.
constexpr core::db::Statement kUsedElsewhere{
    nullptr,
    TOLD_OF("select * from payments.movements m where " BOOKED "and m.channel_txn_id = any ($4::text[]) "
            "and (exists (select " AGREED "and g.business_date <> $3::date offset 0) or exists (select " MATCHED
            "and u.business_date <> $3::date "
            "and (u.settles or not exists (select " OPENED
            "and i.opened_on < $3::date and (i.closed_on is null or i.closed_on >= $3::date))))) offset 0")};

// No other day's run used or opened them.
#define DISPLACED                                                                                \
    BOOKED                                                                                       \
    "and m.business_date between $3::date - 1 and $3::date + 1 and m.business_date <> $3::date " \
    "and not exists (select " MATCHED                                                            \
    "and u.business_date <> $3::date) "                                                          \
    "and not exists (select " AGREED                                                             \
    "and g.business_date <> $3::date offset 0) "                                                 \
    "and not exists (select " OPENED "and i.opened_on <> $3::date) "
constexpr core::db::Statement kDisplaced{nullptr, TOLD_OF("select * from payments.movements m where " DISPLACED
                                                          "and m.channel_txn_id = any ($4::text[]) offset 0")};
constexpr core::db::Statement kDisplacedByAlias{
    nullptr, TOLD_OF("select * from payments.movements m where " DISPLACED
                     "and m.attributes->>'balance_transaction' = any ($4::text[]) offset 0")};

#undef DISPLACED
#undef TOLD_OF
#undef OPENED
#undef AGREED
#undef MATCHED
#undef BOOKED

// What another day's run used has an index of its own, so that a day costs no more when much was matched before. Orders
// are looked for one by one, and only those that weren't known when their payment was. A setting is read once where it
// is selected, and for each row where it isn't.
constexpr const char* kStream = R"(
copy (
select m.movement_id, m.type, m.channel_txn_id, m.amount_minor, m.currency,
       m.status = 'captured' and (m.type <> 'payment' or m.order_agrees is not null or exists (
           select from payments.orders o
           where o.merchant_order_id = m.merchant_order_id and o.tenant_id = m.tenant_id
             and o.amount_minor = m.amount_minor and o.currency = m.currency offset 0))
from payments.movements m
where m.tenant_id = (select current_setting('duizhang.copy_1')) and m.channel = (select current_setting('duizhang.copy_2'))
  and m.business_date = (select current_setting('duizhang.copy_3')::date)
  and m.entry_id is not null and m.type <> 'payout' and m.attributes->>'reverses' is distinct from 'payout'
  and m.movement_id not in (
    select u.movement_id from reconciliation.matches u
    where u.tenant_id = (select current_setting('duizhang.copy_1'))
      and u.channel = (select current_setting('duizhang.copy_2'))
      and u.movement_date = (select current_setting('duizhang.copy_3')::date) and u.business_date <> u.movement_date
      and not exists (
        select from reconciliation.open_items i
        where i.tenant_id = u.tenant_id and i.channel = u.channel and i.side = 'ledger' and i.type = u.type
          and i.item_key = u.channel_txn_id and i.opened_on = u.movement_date))
) to stdout (format binary))";

constexpr core::db::Statement kCalled{nullptr, R"(
select m.type, m.channel_txn_id
from payments.movements m
where m.tenant_id = $1 and m.channel = $2 and m.business_date = $3::date and m.entry_id is not null
  and m.attributes->>'balance_transaction' = any ($4::text[]))"};

// What read_open_item() takes, as the day $3 sees it.
#define ITEMS                                                                                                  \
    "select side, type, channel_txn_id, merchant_order_id, own_order_id, amount_minor, currency, fee_minor, "  \
    "  fee_currency, status, status_text, (extract(epoch from occurred_at) * 1000)::bigint, item_date::text, " \
    "  evidence, opened_on::text, missing_since is null or missing_since >= $3::date, "                        \
    "  coalesce(closed_on > $3::date, false), missing_since is distinct from $3::date "                        \
    "from reconciliation.open_items where tenant_id = $1 and channel = $2 "
constexpr core::db::Statement kOpenItems{
    "day_open_items", ITEMS "and opened_on < $3::date and (closed_on is null or closed_on >= $3::date)"};
constexpr core::db::Statement kItemsSettledLater{"day_items_settled_later",
                                                 ITEMS "and opened_on = $3::date and closed_on > $3::date"};
constexpr core::db::Statement kLinesOpenedLater{
    nullptr, ITEMS "and side = 'channel' and opened_on > $3::date and item_key = any ($4::text[])"};
#undef ITEMS

core::BusinessDay day_from(const std::string& text) {
    const auto day = core::parse_day(text);
    core::ensure(day.has_value(), "the database holds days that exist");
    return *day;
}

core::Instant instant(std::int64_t milliseconds) { return core::Instant(std::chrono::milliseconds(milliseconds)); }

payments::TransactionType type_from(const std::string& name) {
    const auto type = payments::transaction_type_from(name);
    core::ensure(type.has_value(), "the database holds transaction types we know");
    return *type;
}

void judge_order(core::db::Rows::Row row, Record& record) {
    if (record.type != payments::TransactionType::payment) {
        return;
    }
    if (row.is_null(10)) {
        record.order = Record::Order::none;
        return;
    }
    record.order_amount = row.integer(10);
    record.order_currency = std::string(row.text(11));
    const bool agrees = *record.order_amount == record.amount && record.order_currency == record.currency;
    record.order = agrees ? Record::Order::agrees : Record::Order::differs;
}

Record read_movement(core::db::Rows::Row row) {
    Record record;
    record.type = type_from(std::string(row.text(0)));
    record.channel_txn_id = std::string(row.text(1));
    record.merchant_order_id = std::string(row.text(2));
    record.own_order_id = std::string(row.text(3));
    record.amount = row.integer(4);
    record.currency = std::string(row.text(5));
    record.exponent = display_exponent(record.currency);
    record.status = payments::transaction_status_from(std::string(row.text(6)));
    record.status_text = std::string(row.text(6));
    record.occurred_at = instant(row.integer(7));
    record.business_day = day_from(std::string(row.text(8)));
    record.evidence = "entry:" + std::string(row.text(9));
    record.alias = row.text(12);
    judge_order(row, record);
    return record;
}

OpenItem read_open_item(core::db::Rows::Row row) {
    OpenItem item{std::string(row.text(0)) == "ledger" ? Side::ledger : Side::channel,
                  day_from(std::string(row.text(14))),
                  row.boolean(15),
                  {},
                  std::string(row.text(8))};
    Record& record = item.record;
    record.type = type_from(std::string(row.text(1)));
    record.channel_txn_id = std::string(row.text(2));
    record.merchant_order_id = std::string(row.text(3));
    record.own_order_id = std::string(row.text(4));
    record.amount = row.integer(5);
    record.currency = std::string(row.text(6));
    record.exponent = display_exponent(record.currency);
    if (!row.is_null(7)) {
        record.fee = row.integer(7);
    }
    record.status = payments::transaction_status_from(std::string(row.text(9)));
    record.status_text = std::string(row.text(10));
    if (!row.is_null(11)) {
        record.occurred_at = instant(row.integer(11));
    }
    record.business_day = day_from(std::string(row.text(12)));
    record.evidence = std::string(row.text(13));
    record.carried_in = true;
    if (row.boolean(16)) {
        record.settled_later = row.boolean(17) ? Record::SettledLater::in_transit : Record::SettledLater::missing;
    }
    return item;
}

template <typename... More>
std::vector<Record> read_movements(core::db::TenantTransaction& transaction, const core::db::Statement& sql,
                                   std::string_view channel, core::BusinessDay day, const More&... more) {
    std::vector<Record> records;
    for (const auto& row : core::db::run(transaction, sql, transaction.tenant().text(), std::string(channel),
                                         core::format_day(day), more...)) {
        records.push_back(read_movement(row));
        records.back().position = records.size();
    }
    return records;
}

template <typename... More>
std::vector<OpenItem> read_items(core::db::TenantTransaction& transaction, const core::db::Statement& sql,
                                 std::string_view channel, core::BusinessDay day, const More&... more) {
    std::vector<OpenItem> items;
    for (const auto& row : core::db::run(transaction, sql, transaction.tenant().text(), std::string(channel),
                                         core::format_day(day), more...)) {
        items.push_back(read_open_item(row));
    }
    return items;
}

}  // namespace

std::string item_key(const Record& record) {
    if (!record.channel_txn_id.empty()) {
        return record.channel_txn_id;
    }
    return "order:" + (record.own_order_id.empty() ? record.merchant_order_id : record.own_order_id) + ":" +
           record.evidence;
}

void lock_channel(core::db::TenantTransaction& transaction, std::string_view channel) {
    core::db::run(transaction, kLock, transaction.tenant().text() + "/reconciliation/" + std::string(channel));
}

void stream_movements(core::db::TenantTransaction& transaction, std::string_view channel, core::BusinessDay day,
                      const std::function<void(const StreamedMovement&)>& take) {
    core::db::copy_out(transaction, kStream, {transaction.tenant().text(), std::string(channel), core::format_day(day)},
                       [&](const core::db::CopiedRow& row) {
                           take({row.integer(0), type_from(std::string(row.text(1))), row.text(2), row.integer(3),
                                 row.text(4), row.boolean(5)});
                       });
}

std::vector<Record> movements_of(core::db::TenantTransaction& transaction, std::string_view channel,
                                 core::BusinessDay day, const std::vector<std::int64_t>& ids) {
    return ids.empty() ? std::vector<Record>()
                       : read_movements(transaction, kOfDay, channel, day, core::db::integer_array(ids));
}

std::vector<std::pair<payments::TransactionType, std::string>> movements_called(
    core::db::TenantTransaction& transaction, std::string_view channel, core::BusinessDay day,
    const std::vector<std::string>& aliases) {
    std::vector<std::pair<payments::TransactionType, std::string>> names;
    if (!aliases.empty()) {
        for (const auto& row : core::db::run(transaction, kCalled, transaction.tenant().text(), std::string(channel),
                                             core::format_day(day), core::db::text_array(aliases))) {
            names.emplace_back(type_from(std::string(row.text(0))), std::string(row.text(1)));
        }
    }
    return names;
}

std::vector<Record> late_movements(core::db::TenantTransaction& transaction, std::string_view channel,
                                   core::BusinessDay day) {
    std::vector<std::string> days;
    for (const auto& row : core::db::run(transaction, kDaysWithLate, transaction.tenant().text(), std::string(channel),
                                         core::format_day(day))) {
        days.emplace_back(row.text(0));
    }
    if (days.empty()) {
        return {};
    }
    auto records = read_movements(transaction, kLate, channel, day, core::db::text_array(days));
    for (auto& record : records) {
        record.carried_in = true;
    }
    return records;
}

std::vector<Record> displaced_movements(core::db::TenantTransaction& transaction, std::string_view channel,
                                        core::BusinessDay day, const std::vector<std::string>& channel_txn_ids,
                                        const std::vector<std::string>& aliases) {
    std::vector<Record> records;
    for (const auto& [names, sql] :
         {std::pair(&channel_txn_ids, &kDisplaced), std::pair(&aliases, &kDisplacedByAlias)}) {
        if (!names->empty()) {
            auto found = read_movements(transaction, *sql, channel, day, core::db::text_array(*names));
            std::move(found.begin(), found.end(), std::back_inserter(records));
        }
    }
    return records;
}

std::vector<Record> used_elsewhere(core::db::TenantTransaction& transaction, std::string_view channel,
                                   core::BusinessDay day, const std::vector<std::string>& channel_txn_ids) {
    return channel_txn_ids.empty()
               ? std::vector<Record>()
               : read_movements(transaction, kUsedElsewhere, channel, day, core::db::text_array(channel_txn_ids));
}

std::vector<OpenItem> open_items(core::db::TenantTransaction& transaction, std::string_view channel,
                                 core::BusinessDay day) {
    return read_items(transaction, kOpenItems, channel, day);
}

std::vector<OpenItem> items_settled_later(core::db::TenantTransaction& transaction, std::string_view channel,
                                          core::BusinessDay day) {
    return read_items(transaction, kItemsSettledLater, channel, day);
}

std::vector<OpenItem> lines_opened_later(core::db::TenantTransaction& transaction, std::string_view channel,
                                         core::BusinessDay day, const std::vector<std::string>& channel_txn_ids) {
    return channel_txn_ids.empty()
               ? std::vector<OpenItem>()
               : read_items(transaction, kLinesOpenedLater, channel, day, core::db::text_array(channel_txn_ids));
}

}  // namespace reconciliation
