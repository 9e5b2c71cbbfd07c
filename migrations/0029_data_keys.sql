-- 0029_data_keys: keys of tenants' data, wrapped by the master key; and statements, kept encrypted under them.
--
-- Why    The evidence of a discrepancy is a line of a file that anybody could change or throw away, and that may hold card
--        numbers. Now each file that a run takes in is kept once, by the SHA-256 of its content, in chunks under a key of
--        its own, which a key of the tenant wraps. The database alone opens none of it: the tenant's key is wrapped by the
--        master key, which is never here.
-- Locks  New tables only.
-- Undo   Drop the tables while nothing is kept. After that: roll forward.

create table access.data_keys (
    tenant_id     text        not null,
    key_no        bigint      not null,   -- of the tenant, from 1
    purpose       text        not null,   -- what it is for: statements
    state         text        not null,
    environment   text        not null,   -- production, test: where it may serve
    wrapped       bytea       not null,   -- nonce, ciphertext, tag, over all of the row that never changes; empty: destroyed
    check_value   text        not null,   -- tells it from others, and opens nothing
    master_check  text        not null,   -- of the master key that wraps it
    created_at    timestamptz not null,
    retired_at    timestamptz,
    destroyed_at  timestamptz,

    constraint data_keys_pk primary key (tenant_id, key_no),
    constraint data_keys_state check (state in ('active', 'decrypt_only', 'destroyed')),
    constraint data_keys_environment check (environment in ('production', 'test')),
    constraint data_keys_gone_when_destroyed check ((state = 'destroyed') = (wrapped = '')),
    constraint data_keys_retired_when_not_active check ((state = 'active') = (retired_at is null)),
    constraint data_keys_destroyed_when check ((state = 'destroyed') = (destroyed_at is not null)),
    constraint data_keys_check_values check (check_value ~ '^[0-9a-f]{16}$' and master_check ~ '^[0-9a-f]{16}$')
);
create unique index data_keys_one_active on access.data_keys (tenant_id, purpose) where state = 'active';

create table reconciliation.kept_statements (
    tenant_id    text        not null,
    sha256       text        not null,   -- of the file as delivered
    byte_count   bigint      not null,
    chunk_count  bigint      not null,
    header       bytea       not null,   -- of the stream of chunks
    wrapped_key  bytea       not null,   -- of this file alone, wrapped by the tenant's key
    key_no       bigint      not null,
    kept_at      timestamptz not null,

    constraint kept_statements_pk primary key (tenant_id, sha256),
    constraint kept_statements_sha256 check (sha256 ~ '^[0-9a-f]{64}$'),
    constraint kept_statements_counts check (byte_count >= 0 and chunk_count > 0),
    constraint kept_statements_key foreign key (tenant_id, key_no) references access.data_keys (tenant_id, key_no)
);
create index kept_statements_by_key on reconciliation.kept_statements (tenant_id, key_no);

create table reconciliation.kept_chunks (
    tenant_id  text    not null,
    sha256     text    not null,
    chunk_no   bigint  not null,   -- from 1
    sealed     bytea   not null,

    constraint kept_chunks_pk primary key (tenant_id, sha256, chunk_no),
    constraint kept_chunks_of_statement foreign key (tenant_id, sha256)
        references reconciliation.kept_statements (tenant_id, sha256)
);
-- What is encrypted doesn't get shorter.
alter table reconciliation.kept_chunks alter column sealed set storage external;

-- Who was given what was kept in clear.
create table reconciliation.statement_views (
    tenant_id    text        not null,
    view_no      bigint      not null generated always as identity,
    sha256       text        not null,
    begin_byte   bigint      not null,
    byte_count   bigint      not null,
    viewed_by    text        not null,   -- the login's name of whoever ran the command
    viewed_at    timestamptz not null,

    constraint statement_views_pk primary key (tenant_id, view_no),
    constraint statement_views_of_kept foreign key (tenant_id, sha256)
        references reconciliation.kept_statements (tenant_id, sha256)
);

-- A key's life goes one way, and what it is never changes; only how it is wrapped does.
create function access.check_data_key() returns trigger
    language plpgsql set search_path = pg_catalog, pg_temp as $$
begin
    if (new.tenant_id, new.key_no, new.purpose, new.environment, new.check_value, new.created_at)
       is distinct from (old.tenant_id, old.key_no, old.purpose, old.environment, old.check_value, old.created_at)
       or not (new.state = old.state or (old.state, new.state) in (('active', 'decrypt_only'),
                                                                   ('decrypt_only', 'destroyed'))) then
        raise exception 'a key goes from active to decrypt_only to destroyed and stays what it is'
            using errcode = '23514', constraint = 'data_keys_one_way', schema = 'access', table = 'data_keys';
    end if;
    if new.state = 'destroyed' and old.state <> 'destroyed'
       and exists (select from reconciliation.kept_statements s
                   where s.tenant_id = new.tenant_id and s.key_no = new.key_no) then
        raise exception 'something is kept under this key'
            using errcode = '23514', constraint = 'data_keys_unused', schema = 'access', table = 'data_keys';
    end if;
    return new;
end $$;
create trigger data_keys_one_way before update on access.data_keys
    for each row execute function access.check_data_key();

-- Whatever is wrapped anew is wrapped by the active key. Its row is locked, so that nobody retires it meanwhile. After the
-- row was let through its wall, so that the answer tells nobody else of a key.
create function reconciliation.check_kept_key() returns trigger
    language plpgsql set search_path = pg_catalog, pg_temp as $$
begin
    perform from access.data_keys k
    where k.tenant_id = new.tenant_id and k.key_no = new.key_no and k.state = 'active' for share;
    if not found then
        raise exception 'a retired key encrypts nothing'
            using errcode = '23514', constraint = 'kept_under_active_key', schema = 'reconciliation',
                  table = 'kept_statements';
    end if;
    return null;
end $$;
create trigger kept_under_active_key after insert or update on reconciliation.kept_statements
    for each row execute function reconciliation.check_kept_key();

alter table access.data_keys enable row level security;
alter table access.data_keys force row level security;
create policy tenant_only on access.data_keys
    using (array_position((select core.tenants()), tenant_id) is not null)
    with check (array_position((select core.tenants()), tenant_id) is not null);
alter table reconciliation.kept_statements enable row level security;
alter table reconciliation.kept_statements force row level security;
create policy tenant_only on reconciliation.kept_statements
    using (array_position((select core.tenants()), tenant_id) is not null)
    with check (array_position((select core.tenants()), tenant_id) is not null);
alter table reconciliation.kept_chunks enable row level security;
alter table reconciliation.kept_chunks force row level security;
create policy tenant_only on reconciliation.kept_chunks
    using (array_position((select core.tenants()), tenant_id) is not null)
    with check (array_position((select core.tenants()), tenant_id) is not null);
alter table reconciliation.statement_views enable row level security;
alter table reconciliation.statement_views force row level security;
create policy tenant_only on reconciliation.statement_views
    using (array_position((select core.tenants()), tenant_id) is not null)
    with check (array_position((select core.tenants()), tenant_id) is not null);

grant select, insert on access.data_keys, reconciliation.kept_statements, reconciliation.kept_chunks,
    reconciliation.statement_views to duizhang_service;
grant update (state, wrapped, master_check, retired_at, destroyed_at) on access.data_keys to duizhang_service;
grant update (wrapped_key, key_no) on reconciliation.kept_statements to duizhang_service;
