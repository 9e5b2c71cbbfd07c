-- 0006_quarantine: callbacks that were refused, for a person to look at.
--
-- Why    A forged callback must leave nothing but this: which part of its verdict failed, why, and a redacted piece.
--        A misconfigured key shows here first.
-- Locks  New table only.
-- Undo   Drop the table: nothing refers to it.

create table payments.quarantine (
    tenant_id      text        not null,
    channel        text        not null,
    quarantine_id  bigint      not null generated always as identity,
    verdict        text        not null,   -- the part that failed
    reason         text        not null,   -- a constant word
    received_at    timestamptz not null,
    body_bytes     bigint      not null,
    body_sha256    text        not null,
    excerpt        text        not null,   -- the beginning of the body, redacted

    constraint quarantine_pk primary key (tenant_id, channel, quarantine_id),
    constraint quarantine_verdict check (verdict in ('signature', 'freshness', 'binding', 'content')),
    constraint quarantine_excerpt check (octet_length(excerpt) <= 4096)
);

alter table payments.quarantine enable row level security;
alter table payments.quarantine force row level security;
create policy tenant_only on payments.quarantine
    using (array_position((select core.tenants()), tenant_id) is not null)
    with check (array_position((select core.tenants()), tenant_id) is not null);
-- Deleted, too: only the latest are kept.
grant select, insert, delete on payments.quarantine to duizhang_service;
