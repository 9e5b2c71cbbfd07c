// What a later day's run booked as unknown money, and this day's run has found out about.
#include <algorithm>
#include <map>
#include <set>

#include "core/db/array.h"
#include "core/db/work.h"
#include "core/failure.h"
#include "reconciliation/impl/day_store.h"

namespace reconciliation {
namespace {

using Key = std::pair<payments::TransactionType, std::string>;

// Lines that later days' runs called missing and no later one settled; whether this day's run has their movement.
constexpr core::db::Statement kMissingLater{"taking_back_missing_later", R"(
select i.type, i.item_key, i.amount_minor, i.currency, i.fee_minor, i.fee_currency, i.opened_on::text,
       i.missing_since::text, i.status = 'captured',
       exists (select from reconciliation.matches u
               where u.tenant_id = i.tenant_id and u.channel = i.channel and u.type = i.type
                 and u.channel_txn_id = i.channel_txn_id and u.business_date = $3::date)
       or exists (select from payments.movements m
                  cross join lateral (select from reconciliation.agreed_movements a
                                      where a.block = m.movement_id / 4096 and a.tenant_id = m.tenant_id
                                        and a.channel = m.channel and a.business_date = $3::date
                                        and a.movement_ids @> m.movement_id offset 0) g
                  where m.channel_txn_id = i.channel_txn_id and m.tenant_id = i.tenant_id and m.channel = i.channel
                    and m.type = i.type)
from reconciliation.open_items i
where i.tenant_id = $1 and i.channel = $2 and i.side = 'channel' and i.missing_since > $3::date
  and (i.closed_on is null or i.closed_on <= $3::date))"};
constexpr core::db::Statement kForgetProved{"taking_back_forget_proved", R"(
delete from reconciliation.proved_items
where tenant_id = $1 and channel = $2 and business_date = $3::date and how = 'unknown'
  and (type || '/' || item_key) = any ($4::text[]))"};
constexpr core::db::Statement kProvedLess{"taking_back_proved_less", R"(
insert into reconciliation.proved_items (tenant_id, channel, business_date, item_no, how, type, item_key, currency,
    amount_minor)
select $1, $2, $3::date, coalesce(max(item_no), 0) + 1, 'funds', '', '', $4, $5
from reconciliation.proved_items where tenant_id = $1 and channel = $2 and business_date = $3::date)"};
// What a later day opened is repeated by it; what an earlier one did waits again.
constexpr core::db::Statement kForgetItems{"taking_back_forget_items", R"(
delete from reconciliation.open_items
where tenant_id = $1 and channel = $2 and side = 'channel' and opened_on > $3::date
  and (type || '/' || item_key) = any ($4::text[]))"};
constexpr core::db::Statement kForgetMissing{"taking_back_forget_missing", R"(
update reconciliation.open_items set missing_since = null
where tenant_id = $1 and channel = $2 and side = 'channel' and opened_on <= $3::date
  and (type || '/' || item_key) = any ($4::text[]))"};

struct MissingLater {
    Key key;
    core::BusinessDay opened_on, missing_since;
    Proved booked;
    bool is_booked;   // what isn't captured is no money
    bool is_matched;  // this day's run has its movement
};

core::BusinessDay day_from(std::string_view text) {
    const auto day = core::parse_day(text);
    core::ensure(day.has_value(), "the database holds days that exist");
    return *day;
}

MissingLater read_missing(core::db::Rows::Row row) {
    const auto type = payments::transaction_type_from(row.text(0));
    core::ensure(type.has_value(), "the database holds types that we know");
    Proved booked{*type == payments::TransactionType::fee ? Proved::How::fee_only : Proved::How::unknown,
                  *type,
                  row.integer(2),
                  std::string(row.text(3)),
                  row.is_null(4) ? std::nullopt : std::optional(row.integer(4)),
                  std::string(row.text(5)),
                  false,
                  std::nullopt,
                  std::string(row.text(1))};
    return {{*type, booked.item_key}, day_from(row.text(6)), day_from(row.text(7)), booked,
            row.boolean(8),           row.boolean(9)};
}

std::set<Key> channel_keys(const std::vector<OpenItem>& items) {
    std::set<Key> keys;
    for (const auto& item : items) {
        if (item.side == Side::channel) {
            keys.emplace(item.record.type, item_key(item.record));
        }
    }
    return keys;
}

// Lines that this run leaves waiting just as they were.
bool waits_on(const MissingLater& line, core::BusinessDay day, const RunOutcome& outcome) {
    if (line.opened_on != day) {
        return false;
    }
    return std::any_of(outcome.opened.begin(), outcome.opened.end(), [&](const OpenItem& item) {
        return item.side == Side::channel && item.waiting && Key(item.record.type, item_key(item.record)) == line.key &&
               item.record.amount == line.booked.amount && item.record.currency == line.booked.currency &&
               item.record.fee == line.booked.fee && item.fee_currency == line.booked.fee_currency;
    });
}

}  // namespace

void take_back_unknown(core::db::TenantTransaction& transaction, const std::string& channel, core::BusinessDay day,
                       core::Instant now, const RunOutcome& outcome) {
    const std::string tenant = transaction.tenant().text();
    auto decided = channel_keys(outcome.closed);
    decided.merge(channel_keys(outcome.now_missing));
    std::map<core::BusinessDay, std::vector<Proved>> by_day;
    std::vector<std::string> keys;
    for (const auto& row : core::db::run(transaction, kMissingLater, tenant, channel, core::format_day(day))) {
        const auto line = read_missing(row);
        const bool is_decided = line.opened_on > day    ? line.is_matched
                                : line.opened_on == day ? !waits_on(line, day, outcome)
                                                        : decided.contains(line.key);
        if (is_decided) {
            keys.push_back(std::string(payments::name_of(line.key.first)) + "/" + line.key.second);
            auto& booked = by_day[line.missing_since];
            if (line.is_booked) {
                booked.push_back(line.booked);
            }
        }
    }
    for (const auto& [later, items] : by_day) {
        core::db::run(transaction, kForgetProved, tenant, channel, core::format_day(later), core::db::text_array(keys));
        for (const auto& leg : take_back(transaction, channel, later, now, items)) {
            if (leg.account == ledger::Account::transit_funds(channel)) {
                core::db::run(transaction, kProvedLess, tenant, channel, core::format_day(later),
                              std::string(leg.amount.currency().code()), leg.amount.minor());
            }
        }
    }
    if (!keys.empty()) {
        for (const auto* sql : {&kForgetItems, &kForgetMissing}) {
            core::db::run(transaction, *sql, tenant, channel, core::format_day(day), core::db::text_array(keys));
        }
    }
}

}  // namespace reconciliation
