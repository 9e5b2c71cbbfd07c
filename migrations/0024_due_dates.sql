-- 0024_due_dates: until when an order is to be paid, where that is another day than the order's own.
--
-- Why    Ageing counted from the business day, so that an order on 30 days' terms was overdue the day after. The date
--        belongs to the group of entries that clears itself (A3 in ledger/ageing.h), and is set once, with the order.
-- Locks  A new table only.
-- Undo   Drop the table: everything is due on its own day again.

create table ledger.due_dates (
    tenant_id  text not null,
    group_key  text not null,   -- as entries have it
    due_date   date not null,

    constraint due_dates_pk primary key (tenant_id, group_key),
    constraint due_dates_of_the_calendar check (due_date between date '0001-01-01' and date '9999-12-31')
);
alter table ledger.due_dates enable row level security;
alter table ledger.due_dates force row level security;
create policy tenant_only on ledger.due_dates
    using (array_position((select core.tenants()), tenant_id) is not null)
    with check (array_position((select core.tenants()), tenant_id) is not null);
grant select, insert on ledger.due_dates to duizhang_service;
