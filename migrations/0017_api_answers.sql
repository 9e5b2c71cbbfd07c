-- 0017_api_answers: what the API answered to each Idempotency-Key; orders in the order registered.
--
-- Why    A request that is sent again under its key gets the first answer, for ever, and acts once: the answer is a row
--        of the transaction that acted.
--        Lists of orders go by when they were registered. The index is for those queries alone, which state what is
--        true of every row, so that looking up an order has no second choice.
--        Movements that have moved no money stand in no index by day; there are few, and lists want them too.
-- Locks  payments.orders and payments.movements for as long as it takes to build an index each.
-- Undo   Drop the table and the indexes: requests that are sent again then act again.

create table access.api_answers (
    tenant_id        text        not null,
    idempotency_key  text        not null,   -- a card number in it as its fingerprint
    request_sha256   text        not null,   -- of method, path and body
    status           smallint    not null,
    location         text        not null,   -- empty for none
    body             text        not null,
    answered_at      timestamptz not null,

    constraint api_answers_pk primary key (idempotency_key, tenant_id)
);

alter table access.api_answers enable row level security;
alter table access.api_answers force row level security;
create policy tenant_only on access.api_answers
    using (array_position((select core.tenants()), tenant_id) is not null)
    with check (array_position((select core.tenants()), tenant_id) is not null);
grant select, insert on access.api_answers to duizhang_service;

create index orders_by_time on payments.orders (tenant_id, registered_at, merchant_order_id)
    where registered_at is not null;
create index movements_unbooked on payments.movements (tenant_id, channel, business_date) where entry_id is null;
