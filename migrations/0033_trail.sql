-- 0033_trail: what was done by whom with more than everybody's rights, signed record by record.
--
-- Why    The journal says what money did, and nothing said who issued a key, closed a month or read a statement. Each such
--        act leaves a record in its own transaction now, numbered without gaps in its tenant and signed by a key that
--        the database doesn't have; heads of the tree over all of a tenant's records are signed likewise and published
--        elsewhere. What belongs to no tenant alone stands under the tenant _instance, which no tenant can be called.
-- Locks  None: new tables.
-- Undo   Drop both tables and the schema: the records are then in no database.

create schema audit;
create table audit.trail (
    tenant_id    text        not null,
    number       bigint      not null,   -- from 1, without gaps
    occurred_at  timestamptz not null,
    actor        text        not null,   -- a key's id, or a login on the machine; never a secret
    act          text        not null,   -- "key.issue"
    origin       text        not null,   -- an address, or the machine and process of a command
    object       text        not null,   -- what it was done to
    before       text        not null,   -- JSON, card data and secrets taken out; "null" for nothing
    after        text        not null,   -- likewise
    outcome      text        not null,   -- done, or why not
    leaf         bytea       not null,   -- SHA-256 over all of the above
    key_id       text        not null,
    signature    bytea       not null,   -- of the leaf

    constraint trail_pk primary key (tenant_id, number),
    constraint trail_numbered check (number >= 1),
    constraint trail_whole check (actor <> '' and act <> '' and origin <> '' and object <> '' and before <> ''
                                  and after <> '' and outcome <> ''),
    constraint trail_signed check (octet_length(leaf) = 32 and octet_length(signature) = 64)
);
create index trail_by_time on audit.trail (tenant_id, occurred_at);

create table audit.trail_heads (
    tenant_id     text        not null,
    size          bigint      not null,   -- the first so many records
    origin        text        not null,   -- the installation's name
    made_at       timestamptz not null,
    root          bytea       not null,
    key_id        text        not null,
    signature     bytea       not null,
    published_at  timestamptz,            -- by every way that is configured

    constraint trail_heads_pk primary key (tenant_id, size),
    constraint trail_heads_signed check (size >= 1 and octet_length(root) = 32 and octet_length(signature) = 64)
);

create function audit.refuse_change() returns trigger language plpgsql as $$
begin
    raise exception 'the audit trail is only ever added to'
        using errcode = '23001', constraint = 'trail_only_added_to', schema = 'audit', table = tg_table_name;
end $$;
create trigger trail_immutable before update or delete on audit.trail
    for each row execute function audit.refuse_change();
create trigger trail_not_truncated before truncate on audit.trail execute function audit.refuse_change();
create trigger trail_heads_immutable before delete on audit.trail_heads
    for each row execute function audit.refuse_change();
create trigger trail_heads_stay before update on audit.trail_heads
    for each row when (old.published_at is not null or (new.tenant_id, new.size, new.origin, new.made_at, new.root,
                                                        new.key_id, new.signature)
                       is distinct from (old.tenant_id, old.size, old.origin, old.made_at, old.root, old.key_id,
                                         old.signature))
    execute function audit.refuse_change();
create trigger trail_heads_not_truncated before truncate on audit.trail_heads execute function audit.refuse_change();

alter table audit.trail enable row level security;
alter table audit.trail force row level security;
alter table audit.trail_heads enable row level security;
alter table audit.trail_heads force row level security;
create policy tenant_only on audit.trail
    using (array_position((select core.tenants()), tenant_id) is not null)
    with check (array_position((select core.tenants()), tenant_id) is not null);
create policy tenant_only on audit.trail_heads
    using (array_position((select core.tenants()), tenant_id) is not null)
    with check (array_position((select core.tenants()), tenant_id) is not null);
grant usage on schema audit to duizhang_service;
grant select, insert on audit.trail to duizhang_service;
grant select, insert on audit.trail_heads to duizhang_service;
grant update (published_at) on audit.trail_heads to duizhang_service;
