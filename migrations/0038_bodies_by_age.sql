-- 0038_bodies_by_age: the bodies of callbacks that are still kept, in the order that they are purged in.
--
-- Why    `audit purge` looked through the tenant's whole inbox for each 5,000 bodies, those purged long ago included.
--        The inbox is never shortened, so each night took longer than the last.
-- Locks  payments.inbox against writing while the index is built: callbacks wait.
-- Undo   Drop the index.

create index inbox_kept_bodies on payments.inbox (tenant_id, received_at, channel, event_id) where redacted_body <> '';
