-- 0004_reconciliation: the nightly comparison: runs, what they found, what they carry.
--
-- Why    A movement is used by one run only (matches_once), and what is open stands in one place with the day that
--        opened it and the day that closed it, so that a rerun of a day sees what that day saw.
-- Locks  New tables only.
-- Undo   Drop the schema while it is empty. After the first run: roll forward.

create schema reconciliation;
grant usage on schema reconciliation to duizhang_service;

create table reconciliation.runs (
    tenant_id      text        not null,
    channel        text        not null,
    business_date  date        not null,
    run_count      integer     not null default 1,   -- how often the day was reconciled
    totals_agree   boolean     not null,             -- no: nothing was booked or closed from this statement
    digest         text        not null,
    summary        jsonb       not null,             -- summary.json
    started_at     timestamptz not null,
    finished_at    timestamptz not null,

    constraint runs_pk primary key (tenant_id, channel, business_date)
);

create table reconciliation.statements (
    tenant_id      text    not null,
    channel        text    not null,
    business_date  date    not null,
    sha256         text    not null,
    file_name      text    not null,
    line_count     bigint  not null,

    constraint statements_pk primary key (tenant_id, channel, business_date, sha256, file_name),
    constraint statements_of_a_run foreign key (tenant_id, channel, business_date)
        references reconciliation.runs (tenant_id, channel, business_date)
);

create table reconciliation.discrepancies (
    tenant_id       text    not null,
    channel         text    not null,
    business_date   date    not null,
    discrepancy_id  text    not null,
    kind            text    not null,
    place           integer not null,   -- in the review list, from 1
    age_days        integer not null,

    constraint discrepancies_pk primary key (tenant_id, channel, business_date, discrepancy_id),
    constraint discrepancies_of_a_run foreign key (tenant_id, channel, business_date)
        references reconciliation.runs (tenant_id, channel, business_date)
);

create table reconciliation.matches (
    tenant_id       text not null,
    channel         text not null,
    type            text not null,
    channel_txn_id  text not null,
    business_date   date not null,   -- of the run that used the movement

    constraint matches_once primary key (tenant_id, channel, type, channel_txn_id),
    constraint matches_a_movement foreign key (tenant_id, channel, type, channel_txn_id)
        references payments.movements (tenant_id, channel, type, channel_txn_id)
);
create index matches_by_day on reconciliation.matches (tenant_id, channel, business_date);

-- What is on one side only. `timing` waits for the other side's next statement; from missing_since on it is missing.
create table reconciliation.open_items (
    tenant_id          text        not null,
    channel            text        not null,
    side               text        not null,
    type               text        not null,
    item_key           text        not null,   -- the channel's transaction id, or the order's number without one
    opened_on          date        not null,   -- the run that opened it
    missing_since      date,                   -- the run that first called it missing
    closed_on          date,                   -- the run that found its other side
    channel_txn_id     text        not null,
    merchant_order_id  text        not null,
    own_order_id       text        not null,
    amount_minor       bigint      not null,
    currency           text        not null,
    fee_minor          bigint,
    fee_currency       text        not null,
    status             text        not null,
    status_text        text        not null,
    occurred_at        timestamptz,
    item_date          date        not null,
    evidence           text        not null,

    constraint open_items_pk primary key (tenant_id, channel, side, type, item_key),
    constraint open_items_side check (side in ('ledger', 'channel'))
);
create index open_items_by_day on reconciliation.open_items (tenant_id, channel, opened_on);

alter table reconciliation.runs enable row level security;
alter table reconciliation.runs force row level security;
alter table reconciliation.statements enable row level security;
alter table reconciliation.statements force row level security;
alter table reconciliation.discrepancies enable row level security;
alter table reconciliation.discrepancies force row level security;
alter table reconciliation.matches enable row level security;
alter table reconciliation.matches force row level security;
alter table reconciliation.open_items enable row level security;
alter table reconciliation.open_items force row level security;
create policy tenant_only on reconciliation.runs
    using (tenant_id = core.tenant()) with check (tenant_id = core.tenant());
create policy tenant_only on reconciliation.statements
    using (tenant_id = core.tenant()) with check (tenant_id = core.tenant());
create policy tenant_only on reconciliation.discrepancies
    using (tenant_id = core.tenant()) with check (tenant_id = core.tenant());
create policy tenant_only on reconciliation.matches
    using (tenant_id = core.tenant()) with check (tenant_id = core.tenant());
create policy tenant_only on reconciliation.open_items
    using (tenant_id = core.tenant()) with check (tenant_id = core.tenant());

grant select, insert, update, delete on reconciliation.runs, reconciliation.statements, reconciliation.discrepancies,
    reconciliation.matches, reconciliation.open_items to duizhang_service;
