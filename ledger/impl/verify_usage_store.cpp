#include "ledger/impl/verify_usage.h"

#include "core/db/work.h"

namespace ledger {
namespace {

// A charge is named by the place in the volume that it took, which is its own.
constexpr const char* kVerify = R"(
with hold as (select * from ledger.holds where tenant_id = $1),
charge as (
    select c.*, 'charge of ' || c.customer || ' under ' || c.plan || ', ' || c.period_from || ' ' || c.event ||
                ' up to ' || c.volume as name
    from ledger.charges c where c.tenant_id = $1),
entry as (select * from ledger.entries where tenant_id = $1),
payout as (select *, 'transit:payout:' || substr(bank_account, 6) as transit from ledger.payouts where tenant_id = $1),
step as (
    select s.*, p.payout_key, p.party_account, p.bank_account, p.transit, p.currency, p.amount_minor as of_payout,
           p.proposed_by as by_payout,
           coalesce(lag(s.state) over (partition by s.payout_id order by s.step_no), 'proposed') as stood,
           row_number() over (partition by s.payout_id order by s.step_no) as place
    from ledger.payout_steps s left join payout p using (payout_id) where s.tenant_id = $1)
select 'hold ' || h.hold_id || ' was not posted as it says by entry ' || h.entry_id
from hold h left join entry e using (entry_id)
where h.state = 'posted'
  and (e.source_key, e.leg_accounts, e.leg_currencies, abs(e.leg_amounts[1]))
      is distinct from ('hold:' || h.source_key, array[h.account, h.counter_account],
                        array[h.currency, h.currency], h.posted_minor)
union all
select 'entry ' || e.entry_id || ' posts a hold, and no hold says so'
from entry e left join hold h using (entry_id) where e.event = 'hold' and h.hold_id is null
union all
select c.name || ' is not what entry ' || c.entry_id || ' posts'
from charge c left join entry e using (entry_id)
where c.entry_id is not null
  and (e.source_key, e.leg_accounts, e.leg_currencies, e.leg_amounts)
      is distinct from ('charge:' || c.source_key, array['prepaid:' || c.customer, 'income:usage:' || c.plan],
                        array[c.currency, c.currency], array[c.amount_minor, -c.amount_minor])
union all
select 'entry ' || e.entry_id || ' charges what no charge says'
from entry e left join charge c using (entry_id) where e.event = 'charge' and c.source_key is null
union all
select name || ' does not begin where the one before it ends'
from (select c.*, coalesce(lag(volume) over (partition by customer, plan, period_from, event order by volume), 0)
                  as before
      from charge c) c
where volume - quantity <> before
union all
select 'payout ' || s.payout_id || ' was ' || s.state || ' in a way that its life does not allow'
from step s
where s.of_payout is null or s.step_no <> s.place or s.state_before <> s.stood
   or s.stood || ' ' || s.state not in ('proposed approved', 'proposed rejected', 'approved rejected', 'approved sent',
                                        'sent confirmed', 'sent failed', 'confirmed returned')
union all
select 'payout ' || s.payout_id || ' was approved by who proposed it, or beyond what was owed'
from step s
where s.state = 'approved' and (s.done_by = s.by_payout or coalesce(s.owed_minor, 0) < s.of_payout)
union all
select 'payout ' || s.payout_id || ' was not booked as ' || s.state || ' by its own entry'
from step s left join entry e using (entry_id)
where s.stood || ' ' || s.state not in ('proposed rejected', 'approved sent')
  and (e.source_key, e.leg_accounts, e.leg_currencies, e.leg_amounts)
      is distinct from ('payout:' || s.state || ':' || s.payout_key,
                        case s.state when 'approved' then array[s.party_account, s.transit]
                                     when 'confirmed' then array[s.transit, s.bank_account]
                                     when 'returned' then array[s.bank_account, s.party_account]
                                     else array[s.transit, s.party_account] end,
                        array[s.currency, s.currency], array[s.of_payout, -s.of_payout])
union all
select 'entry ' || e.entry_id || ' books a step of a payout, and no payout says so'
from entry e left join step s using (entry_id) where e.event = 'party_payout' and s.payout_id is null
order by 1)";

}  // namespace

std::vector<std::string> breaches_of_usage(core::db::TenantTransaction& transaction) {
    std::vector<std::string> breaches;
    for (const auto& row : core::db::run(transaction, kVerify, transaction.tenant().text())) {
        breaches.push_back(row[0].as<std::string>());
    }
    return breaches;
}

}  // namespace ledger
