-- 0023_rule_matches: what rules took for the same money, since it adds up.
--
-- Why    A payment that the channel lists as several lines, or several as one, is proved by their sum. Which records
--        were added up is kept with the rule's name, and each can be used only once, on whichever day it is looked at:
--        reconciliation.matches holds that for movements alone, and a line of such a group is no movement.
-- Locks  A new table only.
-- Undo   Drop it. Runs of days that rules settled so far find the same groups again.

create table reconciliation.rule_matches (
    tenant_id      text     not null,
    channel        text     not null,
    side           text     not null,
    type           text     not null,
    item_key       text     not null,   -- the channel's transaction id, or the order's number without one
    business_date  date     not null,   -- of the run that used the record
    rule           text     not null,
    group_no       integer  not null,   -- of the run, from 1
    amount_minor   bigint   not null,
    currency       text     not null,
    evidence       text     not null,

    constraint rule_matches_once primary key (tenant_id, channel, side, type, item_key),
    constraint rule_matches_side check (side in ('ledger', 'channel')),
    constraint rule_matches_group check (group_no > 0)
);
create index rule_matches_by_day on reconciliation.rule_matches (tenant_id, channel, business_date);

alter table reconciliation.rule_matches enable row level security;
alter table reconciliation.rule_matches force row level security;
create policy tenant_only on reconciliation.rule_matches
    using (array_position((select core.tenants()), tenant_id) is not null)
    with check (array_position((select core.tenants()), tenant_id) is not null);
grant select, insert, delete on reconciliation.rule_matches to duizhang_service;
