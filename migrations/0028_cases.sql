-- 0028_cases: what a run proved item by item, as far as the clearing accounts' cases need it.
--
-- Why    What stands on transit:payment, transit:customer and transit:funds is a balance; which open items it is the sum
--        of followed in part from hashes of discrepancies. Now a match says whether it settles its movement, and a run
--        keeps what it put on transit:customer line by line and on transit:funds in sum, in the transaction that books
--        it. The cases come from these rows, from movements, orders and banks' credits, and not from the entries, so
--        that both can be held against each other.
-- Locks  Runs wait while what earlier runs proved is reckoned; everything else goes on.
-- Undo   Drop the table and the column.

create table reconciliation.proved_items (
    tenant_id      text    not null,
    channel        text    not null,
    business_date  date    not null,   -- of the run
    item_no        bigint  not null,   -- of the run, from 1
    how            text    not null,   -- unknown, found_later: a line, on transit:customer; funds: all of the run's
    type           text    not null,
    item_key       text    not null,   -- of the line, as reconciliation.open_items has it
    currency       text    not null,
    amount_minor   bigint  not null,   -- signed from the merchant's side

    constraint proved_items_pk primary key (tenant_id, channel, business_date, item_no)
);

lock table reconciliation.runs in share row exclusive mode;
alter table reconciliation.matches add column settles boolean not null default true;

-- The items of earlier runs. The owner sees past the walls meanwhile.
alter table reconciliation.matches no force row level security;
alter table reconciliation.open_items no force row level security;
alter table reconciliation.discrepancies no force row level security;
alter table ledger.entries no force row level security;

-- Which of the matched ones differ, their discrepancies' ids say; what still processes has an open item.
update reconciliation.matches u set settles = false
where exists (select from reconciliation.open_items i
              where i.tenant_id = u.tenant_id and i.channel = u.channel and i.side = 'ledger' and i.type = u.type
                and i.item_key = u.channel_txn_id and i.closed_on is null)
   or exists (select from reconciliation.discrepancies d
              where d.tenant_id = u.tenant_id and d.channel = u.channel and d.business_date = u.business_date
                and d.kind in ('currency_mismatch', 'amount_mismatch', 'status_mismatch')
                and d.discrepancy_id = left(encode(sha256(convert_to(
                    'discrepancy,' || octet_length(u.tenant_id) || ':' || u.tenant_id || ','
                    || octet_length(u.channel) || ':' || u.channel || ','
                    || octet_length(u.type) || ':' || u.type || ',7:channel,'
                    || octet_length(u.channel_txn_id) || ':' || u.channel_txn_id || ',', 'UTF8')), 'hex'), 16));

insert into reconciliation.proved_items
select i.tenant_id, i.channel, i.missing_since,
       row_number() over (partition by i.tenant_id, i.channel, i.missing_since order by i.type, i.item_key),
       'unknown', i.type, i.item_key, i.currency, i.amount_minor
from reconciliation.open_items i
where i.side = 'channel' and i.missing_since is not null and i.status = 'captured' and i.type <> 'fee';
insert into reconciliation.proved_items
select i.tenant_id, i.channel, i.closed_on,
       1000000000 + row_number() over (partition by i.tenant_id, i.channel, i.closed_on order by i.type, i.item_key),
       'found_later', i.type, i.item_key, i.currency, i.amount_minor
from reconciliation.open_items i
join reconciliation.matches u on u.channel_txn_id = i.channel_txn_id and u.tenant_id = i.tenant_id
    and u.channel = i.channel and u.type = i.type and u.settles
where i.side = 'channel' and i.missing_since < i.closed_on and i.status = 'captured' and i.type <> 'fee';
insert into reconciliation.proved_items
select e.tenant_id, split_part(e.group_key, ':', 2), split_part(e.group_key, ':', 3)::date,
       2000000000 + row_number() over (partition by e.tenant_id, e.group_key order by l.currency),
       'funds', '', '', l.currency, sum(l.amount)
from ledger.entries e
cross join unnest(e.leg_accounts, e.leg_currencies, e.leg_amounts) as l (account, currency, amount)
where e.event = 'reconciliation' and e.group_key like 'reconciliation:%'
  and l.account = 'transit:funds:' || split_part(e.group_key, ':', 2)
group by e.tenant_id, e.group_key, l.currency
having sum(l.amount) <> 0;

alter table reconciliation.matches force row level security;
alter table reconciliation.open_items force row level security;
alter table reconciliation.discrepancies force row level security;
alter table ledger.entries force row level security;

alter table reconciliation.proved_items enable row level security;
alter table reconciliation.proved_items force row level security;
create policy tenant_only on reconciliation.proved_items
    using (array_position((select core.tenants()), tenant_id) is not null)
    with check (array_position((select core.tenants()), tenant_id) is not null);
grant select, insert, delete on reconciliation.proved_items to duizhang_service;
