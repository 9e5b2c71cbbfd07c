-- 0021_jobs: days to reconcile as a queue that any number of workers share; what a later run replaced.
--
-- Why    One night's days are taken by workers of many processes and machines, each of them once. Who works on a day
--        holds its row's lock in the transaction that also writes the run, so a worker that dies gives the day back by
--        dying, and a day is done exactly when its run is there. `files` tells whether what lies in the day's folder is
--        what was looked at the last time, without reading it.
--        A statement that comes again, or late, replaces the day's run; what stood there before is kept.
-- Locks  New tables only.
-- Undo   Drop both. Days are looked at again then, and found unchanged by their contents.

create table reconciliation.jobs (
    tenant_id      text        not null,
    channel        text        not null,
    business_date  date        not null,
    state          text        not null,   -- waiting, done, refused
    files          text        not null,   -- digest over names, sizes and times
    note           text        not null,   -- why it was refused; empty otherwise
    changed_at     timestamptz not null,

    constraint jobs_pk primary key (tenant_id, channel, business_date),
    constraint jobs_state check (state in ('waiting', 'done', 'refused'))
);

create table reconciliation.superseded_runs (
    tenant_id      text        not null,
    channel        text        not null,
    business_date  date        not null,
    run_count      integer     not null,   -- which of the day's runs it was, from 1
    totals_agree   boolean     not null,
    digest         text        not null,
    summary        jsonb       not null,   -- summary.json
    discrepancies  jsonb       not null,   -- of that run: [{"discrepancy_id", "kind", "age_days"}], as listed
    started_at     timestamptz not null,
    finished_at    timestamptz not null,
    superseded_at  timestamptz not null,

    constraint superseded_runs_pk primary key (tenant_id, channel, business_date, run_count)
);

alter table reconciliation.jobs enable row level security;
alter table reconciliation.jobs force row level security;
alter table reconciliation.superseded_runs enable row level security;
alter table reconciliation.superseded_runs force row level security;
create policy tenant_only on reconciliation.jobs
    using (array_position((select core.tenants()), tenant_id) is not null)
    with check (array_position((select core.tenants()), tenant_id) is not null);
create policy tenant_only on reconciliation.superseded_runs
    using (array_position((select core.tenants()), tenant_id) is not null)
    with check (array_position((select core.tenants()), tenant_id) is not null);
grant select, insert on reconciliation.jobs, reconciliation.superseded_runs to duizhang_service;
grant update (state, files, note, changed_at) on reconciliation.jobs to duizhang_service;
