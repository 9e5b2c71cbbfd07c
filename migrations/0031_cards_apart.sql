-- 0031_cards_apart: whose card a movement was paid with and what may be shown of it lie apart.
--
-- Why    A movement's row had a card's first six and last four digits and beside them its keyed fingerprint: whoever read
--        movements had both of a number together (PCI DSS 3.5.1). The fingerprint has a table of its own now, which the
--        service writes and can't read; whoever is to find what one card paid is given that table and not movements.
-- Locks  All of payments.movements, for as long as it takes to read its fingerprints once.
-- Undo   Put the column back and fill it from the table.

create table payments.card_fingerprints (
    tenant_id         text not null,
    channel           text not null,
    type              text not null,
    channel_txn_id    text not null,   -- of the movement
    card_fingerprint  text not null,

    constraint card_fingerprints_pk primary key (tenant_id, channel, type, channel_txn_id),
    constraint card_fingerprints_some check (card_fingerprint <> '')
);

-- The owner sees past the walls meanwhile.
alter table payments.movements no force row level security;
insert into payments.card_fingerprints (tenant_id, channel, type, channel_txn_id, card_fingerprint)
select tenant_id, channel, type, channel_txn_id, card_fingerprint from payments.movements where card_fingerprint <> '';
alter table payments.movements force row level security;
alter table payments.movements drop column card_fingerprint;

alter table payments.card_fingerprints enable row level security;
alter table payments.card_fingerprints force row level security;
create policy tenant_only on payments.card_fingerprints
    using (array_position((select core.tenants()), tenant_id) is not null)
    with check (array_position((select core.tenants()), tenant_id) is not null);
grant insert on payments.card_fingerprints to duizhang_service;
