-- 0003_payments: orders, the movements of money that channels told of, and the messages that told it.
--
-- Why    What makes two callbacks the same is the movement of money, not the message: movements_once holds it.
-- Locks  New tables only.
-- Undo   Drop the schema while it is empty. After the first callback: roll forward.

create schema payments;
grant usage on schema payments to duizhang_service;

create table payments.orders (
    tenant_id          text        not null,
    merchant_order_id  text        not null,
    amount_minor       bigint      not null,
    currency           text        not null,
    created_at         timestamptz not null,
    split_name         text        not null,   -- empty: not shared out
    split_shares       text        not null,   -- what the policy said when the order was registered
    description        text        not null,
    registered_at      timestamptz not null default clock_timestamp(),

    constraint orders_pk primary key (tenant_id, merchant_order_id),
    constraint orders_amount check (amount_minor > 0)
);

create table payments.movements (
    tenant_id          text        not null,
    channel            text        not null,
    type               text        not null,
    channel_txn_id     text        not null,
    movement_id        bigint      not null generated always as identity,
    status             text        not null,
    amount_minor       bigint      not null,   -- signed from the merchant's side
    currency           text        not null,
    merchant_order_id  text        not null,   -- the payment's; empty where the channel doesn't say
    own_order_id       text        not null,   -- the merchant's number of a refund; empty for none
    related_txn_id     text        not null,   -- of a refund, reversal or dispute: the payment's; empty for none
    occurred_at        timestamptz not null,
    business_date      date        not null,
    date_rank          smallint    not null,   -- how well the message that dated it knew
    attributes         jsonb       not null,   -- further keys of the channel; card data never
    masked_card        text        not null,
    card_fingerprint   text        not null,
    entry_id           bigint,                 -- nothing while no money has moved
    recorded_at        timestamptz not null default clock_timestamp(),

    constraint movements_once primary key (tenant_id, channel, type, channel_txn_id),
    constraint movements_entry foreign key (tenant_id, entry_id) references ledger.entries (tenant_id, entry_id),
    constraint movements_amount check (amount_minor <> 0)
);
create index movements_by_day on payments.movements (tenant_id, channel, business_date);
create index movements_by_order on payments.movements (tenant_id, merchant_order_id) where merchant_order_id <> '';
create index movements_by_related on payments.movements (tenant_id, channel, related_txn_id)
    where related_txn_id <> '';

-- Every verified message once, with what may be kept of it. A repetition raises its count.
create table payments.inbox (
    tenant_id      text        not null,
    channel        text        not null,
    event_id       text        not null,
    event_type     text        not null,
    body_sha256    text        not null,
    redacted_body  text        not null,
    received_at    timestamptz not null,
    deliveries     integer     not null default 1,

    constraint inbox_pk primary key (tenant_id, channel, event_id)
);

alter table payments.orders enable row level security;
alter table payments.orders force row level security;
alter table payments.movements enable row level security;
alter table payments.movements force row level security;
alter table payments.inbox enable row level security;
alter table payments.inbox force row level security;
create policy tenant_only on payments.orders using (tenant_id = core.tenant()) with check (tenant_id = core.tenant());
create policy tenant_only on payments.movements
    using (tenant_id = core.tenant()) with check (tenant_id = core.tenant());
create policy tenant_only on payments.inbox using (tenant_id = core.tenant()) with check (tenant_id = core.tenant());

-- A capture may say another amount than the messages before it; what is booked keeps the amount it was booked with.
create function payments.refuse_booked_amount() returns trigger language plpgsql as $$
begin
    raise exception 'a booked movement keeps its amount and its entry'
        using errcode = '23001', constraint = 'movements_booked_amount', schema = 'payments', table = 'movements';
end $$;
create trigger movements_booked_amount before update on payments.movements
    for each row when (old.entry_id is not null
                       and (new.amount_minor, new.currency, new.entry_id)
                           is distinct from (old.amount_minor, old.currency, old.entry_id))
    execute function payments.refuse_booked_amount();

grant select, insert on payments.orders to duizhang_service;
grant select, insert on payments.movements to duizhang_service;
grant update (status, amount_minor, currency, merchant_order_id, own_order_id, related_txn_id, occurred_at,
              business_date, date_rank, attributes, masked_card, card_fingerprint, entry_id) on payments.movements to duizhang_service;
grant select, insert on payments.inbox to duizhang_service;
grant update (deliveries) on payments.inbox to duizhang_service;
