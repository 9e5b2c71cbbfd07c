#include "audit/verifier/cases.h"

namespace verifier {
namespace {

// Of each clearing account and currency, from the rows of movements, orders, runs and banks: what has to stand there.
// Entries whose source is none of these are added as they are.
constexpr const char* kShould = R"(
with agreed as (
    select a.channel, n.movement_id
    from reconciliation.agreed_movements a, unnest(a.movement_ids) as r (ids),
        generate_series(lower(r.ids), upper(r.ids) - 1) as n (movement_id)
    where a.tenant_id = $1),
moved as (
    select m.channel, m.type, m.channel_txn_id, m.movement_id, m.currency, m.amount_minor, m.occurred_at, m.related_txn_id,
           case when m.type = 'reversal' then coalesce(m.attributes->>'reverses', 'payment') else m.type end as of_type,
           case when m.type = 'payment' or m.related_txn_id = '' then m.merchant_order_id
                else coalesce((select p.merchant_order_id from payments.movements p
                               where p.tenant_id = $1 and p.channel = m.channel and p.type = 'payment'
                                 and p.channel_txn_id = m.related_txn_id), '') end as order_id
    from payments.movements m where m.tenant_id = $1 and m.entry_id is not null),
shared as (
    select m.*, case when order_id <> '' then 'o' || order_id
                     when type <> 'payment' and related_txn_id <> '' then 'p' || related_txn_id
                     else 'p' || channel_txn_id end as together
    from moved m),
taken as (
    select distinct on (o.merchant_order_id) s.together, s.channel, s.currency, s.amount_minor, s.channel_txn_id
    from payments.orders o
    join shared s on s.order_id = o.merchant_order_id and s.type = 'payment' and s.amount_minor = o.amount_minor
        and s.currency = o.currency
    where o.tenant_id = $1
    order by o.merchant_order_id, s.occurred_at, s.channel collate "C", s.channel_txn_id collate "C"),
explained as (
    select t.channel, t.currency,
           t.amount_minor - least(t.amount_minor, greatest(0, -coalesce((
               select sum(s.amount_minor) from shared s
               where s.together = t.together and s.channel = t.channel and s.currency = t.currency
                 and s.type <> 'payment' and s.of_type in ('refund', 'payment')
                 and s.related_txn_id in ('', t.channel_txn_id)), 0))) as minor
    from taken t),
should as (
    select 'transit:payment:' || s.channel as account, s.currency, s.amount_minor as minor
    from shared s
    where s.of_type not in ('dispute', 'payout', 'fee', 'adjustment')
      and not exists (select from reconciliation.matches u
                      where u.tenant_id = $1 and u.channel = s.channel and u.type = s.type
                        and u.channel_txn_id = s.channel_txn_id and u.settles)
      and not exists (select from agreed a where a.channel = s.channel and a.movement_id = s.movement_id)
    union all
    select 'transit:funds:' || channel, currency, amount_minor from shared
    where of_type in ('dispute', 'payout', 'fee', 'adjustment')
    union all
    select 'transit:customer:' || channel, currency, -amount_minor from shared where of_type <> 'payout'
    union all
    select 'transit:customer:' || channel, currency, minor from explained
    union all
    select case how when 'funds' then 'transit:funds:' else 'transit:customer:' end || channel, currency,
           case how when 'unknown' then -amount_minor else amount_minor end
    from reconciliation.proved_items where tenant_id = $1
    union all
    select 'transit:funds:' || s.channel, s.currency, -s.amount_minor
    from reconciliation.bank_settlements s
    join reconciliation.bank_matches m on m.tenant_id = $1 and m.bank = s.bank and m.sha256 = s.sha256
        and m.entry_no = s.entry_no
    where s.tenant_id = $1 and exists (select from ledger.entries e
                                       where e.tenant_id = $1 and e.entry_id = m.entry_id
                                         and 'transit:funds:' || s.channel = any (e.leg_accounts)))
select account, currency, sum(minor)::text from (
    select * from should
    union all
    select l.account, l.currency, -l.amount
    from ledger.entries e, unnest(e.leg_accounts, e.leg_currencies, e.leg_amounts) as l (account, currency, amount)
    where e.tenant_id = $1 and l.account ~ '^transit:(payment|customer|funds):'
      and (e.event in ('reconciliation', 'settlement') or e.source_key ~ '^(movement|order|release):')) both_parts
group by account, currency having sum(minor) <> 0
order by account collate "C", currency)";

}  // namespace

void check_cases(Snapshot& snapshot, const std::string& tenant, Findings& findings) {
    snapshot.each(kShould, {tenant}, [&](const Row& row) {
        findings.add(tenant, "account " + row.text(0) + " in " + row.text(1),
                     "its open cases are " + row.text(2) + " above what was booked there");
    });
}

}  // namespace verifier
