-- 0014_api_keys: who may call the API, for which tenant, and as what.
--
-- Why    A key's text is shown once. What stands here is a hash that opens nothing; the text names its tenant, so that
--        a key is looked up behind that tenant's wall like everything else.
-- Locks  New table only.
-- Undo   Drop the schema: every key is void then.

create schema access;
grant usage on schema access to duizhang_service;

create table access.api_keys (
    tenant_id   text        not null,
    key_id      text        not null,
    name        text        not null,   -- for people; may be empty
    role        text        not null,   -- a name that the program knows; any other may do nothing
    key_sha256  text        not null,   -- of the whole text, which holds 256 random bits
    created_at  timestamptz not null,
    expires_at  timestamptz,            -- from then on it is refused; nothing: never
    revoked_at  timestamptz,            -- from then on it is refused

    constraint api_keys_pk primary key (key_id, tenant_id),
    constraint api_keys_sha256 check (key_sha256 ~ '^[0-9a-f]{64}$')
);
create index api_keys_of_tenant on access.api_keys (tenant_id, created_at) where created_at is not null;

alter table access.api_keys enable row level security;
alter table access.api_keys force row level security;
create policy tenant_only on access.api_keys
    using (array_position((select core.tenants()), tenant_id) is not null)
    with check (array_position((select core.tenants()), tenant_id) is not null);

-- What a key opens and whose it is never changes, only until when.
grant select, insert on access.api_keys to duizhang_service;
grant update (expires_at, revoked_at) on access.api_keys to duizhang_service;
