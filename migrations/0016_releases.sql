-- 0016_releases: what lets the money of an order be shared out later than at capture.
--
-- Why    A split may wait for the order's fulfilment, or for a day. That it came is kept, since the books follow from what
--        is kept: the same rows give the same books, whenever and in whatever order they were told.
-- Locks  A new table. Orders are locked against writing while the index is made, which reads them once.
-- Undo   Drop the index, and the table while it is empty. After the first release: roll forward.

create table payments.releases (
    tenant_id          text        not null,
    merchant_order_id  text        not null,
    reason             text        not null,   -- fulfilled: told by the merchant; due: the split's day had come
    released_at        timestamptz not null,   -- when it was fulfilled, or found due
    recorded_at        timestamptz not null default clock_timestamp(),

    constraint releases_pk primary key (tenant_id, merchant_order_id, reason),
    constraint releases_of_an_order
        foreign key (tenant_id, merchant_order_id) references payments.orders (tenant_id, merchant_order_id),
    constraint releases_reason check (reason in ('fulfilled', 'due'))
);
alter table payments.releases enable row level security;
alter table payments.releases force row level security;
create policy tenant_only on payments.releases
    using (array_position((select core.tenants()), tenant_id) is not null)
    with check (array_position((select core.tenants()), tenant_id) is not null);
grant select, insert on payments.releases to duizhang_service;

-- Those that the nightly round looks through; text that stands in front, so that it needs no column.
create index orders_shared_out_later on payments.orders (tenant_id, merchant_order_id)
    where split_shares like 'v2;when=%';
