-- 0020_bank: what banks said, and which of a channel's days each entry paid.
--
-- Why    What the bank received is the third side of a reconciliation: a settlement is over when the bank has it. Which
--        entry paid which days is kept beside the books' entry of it, in one transaction, so that no credit pays twice
--        and a rerun finds what the first run found. Nothing here is changed or removed.
-- Locks  New tables only.
-- Undo   Drop the tables while they are empty. After the first statement: roll forward.

create table reconciliation.bank_statements (
    tenant_id      text        not null,
    bank           text        not null,   -- [[tenant.bank]] name
    sha256         text        not null,   -- of what it says
    day            date        not null,   -- the closing balance's
    currency       text        not null,
    number         bigint,
    opening_minor  bigint,                 -- both or neither
    closing_minor  bigint,
    reference      text        not null,
    file_name      text        not null,
    file_sha256    text        not null,   -- as delivered
    entry_count    bigint      not null,
    taken_in_at    timestamptz not null default clock_timestamp(),

    constraint bank_statements_pk primary key (tenant_id, bank, sha256),
    constraint bank_statements_balances check ((opening_minor is null) = (closing_minor is null))
);
create index bank_statements_by_day on reconciliation.bank_statements (tenant_id, bank, day);

create table reconciliation.bank_entries (
    tenant_id     text    not null,
    bank          text    not null,
    sha256        text    not null,
    entry_no      bigint  not null,   -- in the statement, from 1
    booked_on     date    not null,
    value_on      date,
    amount_minor  bigint  not null,   -- came in above zero, went out below
    reference     text    not null,
    counterparty  text    not null,
    description   text    not null,
    evidence      text    not null,   -- FILE:LINE

    constraint bank_entries_pk primary key (tenant_id, bank, sha256, entry_no),
    constraint bank_entries_of_a_statement foreign key (tenant_id, bank, sha256)
        references reconciliation.bank_statements (tenant_id, bank, sha256),
    constraint bank_entries_not_zero check (amount_minor <> 0)
);

-- An entry of the bank's and the books' entry that explains it: each explains one.
create table reconciliation.bank_matches (
    tenant_id  text    not null,
    bank       text    not null,
    sha256     text    not null,
    entry_no   bigint  not null,
    entry_id   bigint  not null,   -- of the books

    constraint bank_matches_pk primary key (tenant_id, bank, sha256, entry_no),
    constraint bank_matches_once unique (tenant_id, bank, entry_id),
    constraint bank_matches_an_entry foreign key (tenant_id, bank, sha256, entry_no)
        references reconciliation.bank_entries (tenant_id, bank, sha256, entry_no)
);

-- What of it paid which business day of a channel.
create table reconciliation.bank_settlements (
    tenant_id     text    not null,
    bank          text    not null,
    sha256        text    not null,
    entry_no      bigint  not null,
    settled_day   date    not null,
    channel       text    not null,
    currency      text    not null,
    amount_minor  bigint  not null,

    constraint bank_settlements_pk primary key (tenant_id, bank, sha256, entry_no, settled_day),
    constraint bank_settlements_of_a_match foreign key (tenant_id, bank, sha256, entry_no)
        references reconciliation.bank_matches (tenant_id, bank, sha256, entry_no),
    constraint bank_settlements_not_zero check (amount_minor <> 0)
);
create index bank_settlements_by_day on reconciliation.bank_settlements (tenant_id, channel, settled_day);

alter table reconciliation.bank_statements enable row level security;
alter table reconciliation.bank_statements force row level security;
alter table reconciliation.bank_entries enable row level security;
alter table reconciliation.bank_entries force row level security;
alter table reconciliation.bank_matches enable row level security;
alter table reconciliation.bank_matches force row level security;
alter table reconciliation.bank_settlements enable row level security;
alter table reconciliation.bank_settlements force row level security;
create policy tenant_only on reconciliation.bank_statements
    using (array_position((select core.tenants()), tenant_id) is not null)
    with check (array_position((select core.tenants()), tenant_id) is not null);
create policy tenant_only on reconciliation.bank_entries
    using (array_position((select core.tenants()), tenant_id) is not null)
    with check (array_position((select core.tenants()), tenant_id) is not null);
create policy tenant_only on reconciliation.bank_matches
    using (array_position((select core.tenants()), tenant_id) is not null)
    with check (array_position((select core.tenants()), tenant_id) is not null);
create policy tenant_only on reconciliation.bank_settlements
    using (array_position((select core.tenants()), tenant_id) is not null)
    with check (array_position((select core.tenants()), tenant_id) is not null);
grant select, insert on reconciliation.bank_statements, reconciliation.bank_entries, reconciliation.bank_matches,
    reconciliation.bank_settlements to duizhang_service;
