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
entry as (select * from ledger.entries where tenant_id = $1)
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
order by 1)";

}  // namespace

std::vector<std::string> breaches_of_holds_and_charges(core::db::TenantTransaction& transaction) {
    std::vector<std::string> breaches;
    for (const auto& row : core::db::run(transaction, kVerify, transaction.tenant().text())) {
        breaches.push_back(row[0].as<std::string>());
    }
    return breaches;
}

}  // namespace ledger
