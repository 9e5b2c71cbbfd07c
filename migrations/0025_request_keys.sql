-- 0025_request_keys: the key that whoever tells the bank to pay a payout sends along.
--
-- Why    A request to pay that is sent again, or by two people, must be the same request to the bank. The key is made
--        with the approval, kept with it, and never changes; no other payout of the tenant has it. Approvals that
--        stand already have none, since posted steps never change.
-- Locks  ledger.payout_steps, for as long as it takes to build an index.
-- Undo   Drop the column: what was sent under a key is then not told by the books.

alter table ledger.payout_steps
    add column request_key text,
    add constraint payout_steps_request_key_once unique (tenant_id, request_key),
    add constraint payout_steps_request_key check (request_key ~ '^[0-9a-f]{64}$'),
    add constraint payout_steps_approved_with_a_key
        check ((state = 'approved') = (request_key is not null)) not valid;
