-- 0015_charges: what a tenant's customers used, and what it cost them.
--
-- Why    A charge is an entry against the customer's prepaid balance; what it costs depends on how much was used in the
--        period before. That is counted here, each charge with the volume that it reached: no two charges can take the
--        same place in a volume, nor can one happening be charged twice, whoever writes.
-- Locks  New table only.
-- Undo   Drop the table while it is empty. After the first charge: roll forward.

create table ledger.charges (
    tenant_id     text        not null,
    source_key    text        not null,   -- natural key: the same happening is charged once
    customer      text        not null,
    plan          text        not null,
    event         text        not null,   -- empty: the last of its period, which brings it to the plan's minimum
    period_from   date        not null,   -- the period's first day
    quantity      bigint      not null,
    volume        bigint      not null,   -- of the period, this charge included
    currency      text        not null,
    amount_minor  bigint      not null,   -- may be zero: a unit may cost less than a minor unit
    occurred_at   timestamptz not null,
    entry_id      bigint,                 -- of what isn't zero
    recorded_at   timestamptz not null default clock_timestamp(),

    constraint charges_pk primary key (source_key, tenant_id),
    constraint charges_volume_once unique (customer, plan, period_from, event, tenant_id, volume),
    constraint charges_volume check (case event when '' then quantity = 0 and volume = 0
                                                else quantity >= 1 and volume >= quantity end),
    constraint charges_currency check (currency ~ '^[A-Z]{3}$'),
    constraint charges_amount check (amount_minor between 0 and 999999999999),
    constraint charges_have_entries check ((amount_minor = 0) = (entry_id is null))
);
-- For reports, which state what is true of every row: a look-up by key can't take it (0005).
create index charges_of_tenant on ledger.charges (tenant_id, customer, period_from) where quantity >= 0;

create trigger charges_immutable before update or delete on ledger.charges
    for each row execute function ledger.refuse_change();
create trigger charges_not_truncated before truncate on ledger.charges execute function ledger.refuse_change();

alter table ledger.charges enable row level security;
alter table ledger.charges force row level security;
create policy tenant_only on ledger.charges
    using (array_position((select core.tenants()), tenant_id) is not null)
    with check (array_position((select core.tenants()), tenant_id) is not null);
grant select, insert on ledger.charges to duizhang_service;
