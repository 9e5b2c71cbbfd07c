// Takes messages in, each in a transaction of its own: inbox, movement, accounts, entry and legs.
import { createHash } from 'node:crypto';

import { legsFor } from './legs.mjs';

// The lock keeps two payments of one order apart, and two refunds of one payment. It is taken before the statements
// that read, so that these see what whoever held it before has committed.
const BEGIN_FOR = {
    name: 'begin_for',
    text: `select set_config('duizhang.tenant', $1, true), pg_advisory_xact_lock(hashtextextended($2, 0))`,
};

const INBOX = {
    name: 'inbox',
    text: `
insert into payments.inbox as i (tenant_id, channel, event_id, event_type, body_sha256, redacted_body, received_at)
values ($1, $2, $3, $4, $5, $6, $7)
on conflict on constraint inbox_pk do update set deliveries = i.deliveries + 1
returning deliveries`,
};

// Whether the order asked for this amount, and no payment has brought it yet.
const ORDER_OF_PAYMENT = {
    name: 'order_of_payment',
    text: `
select o.split_shares,
       o.amount_minor = $3 and o.currency = $4 and not exists (
           select from payments.movements m
           where m.tenant_id = $1 and m.merchant_order_id = $2 and m.merchant_order_id <> '' and m.type = 'payment'
             and m.amount_minor = $3 and m.currency = $4) as asks_for_it
from payments.orders o where o.tenant_id = $1 and o.merchant_order_id = $2`,
};

// Of what gives back: its payment, what was given back of that before, and whether it was booked as an order's.
const ORDER_OF_REFUND = {
    name: 'order_of_refund',
    text: `
select o.split_shares, p.amount_minor as paid,
       (select coalesce(-sum(m.amount_minor), 0) from payments.movements m
        where m.tenant_id = $1 and m.channel = $2 and m.related_txn_id = $3 and m.related_txn_id <> ''
          and m.type in ('refund', 'reversal')) as given_back,
       coalesce('receivable:orders' = any (e.leg_accounts), false) as asks_for_it
from payments.movements p
left join ledger.entries e on e.tenant_id = $1 and e.entry_id = p.entry_id
join payments.orders o on o.tenant_id = $1 and o.merchant_order_id = p.merchant_order_id
where p.tenant_id = $1 and p.channel = $2 and p.type = 'payment' and p.channel_txn_id = $3`,
};

// One statement: a movement that is there books nothing, and the database checks each entry in one piece.
const BOOK = {
    name: 'book',
    text: `
with told as (
    insert into payments.movements (tenant_id, channel, type, channel_txn_id, status, amount_minor, currency,
        merchant_order_id, own_order_id, related_txn_id, occurred_at, business_date, date_rank, attributes,
        masked_card, entry_id)
    values ($1, $2, $3, $4, 'captured', $5, $6, $7, $8, $9, $10, $11, $12, $13, $14,
            nextval('ledger.entries_entry_id_seq'))
    on conflict on constraint movements_once do nothing
    returning entry_id),
accounts as (
    insert into ledger.accounts (tenant_id, account, kind)
    select $1, a.account, a.kind from told, unnest($18::text[], $19::text[]) as a (account, kind)
    on conflict on constraint accounts_pk do nothing)
insert into ledger.entries (tenant_id, entry_id, event, source_key, group_key, description, occurred_at,
                            business_date, leg_accounts, leg_currencies, leg_amounts)
overriding system value
select $1, entry_id, $3, $15, $16, $17, $10, $11, $18::text[],
       array_fill($6::text, array[cardinality($18::text[])]), $20::bigint[]
from told`,
};

const BEGIN = { name: 'begin', text: 'begin' };
const COMMIT = { name: 'commit', text: 'commit' };
const ATTEMPTS_MAX = 3;
const MAY_BE_TRIED_AGAIN = new Set(['40001', '40P01']);

function groupOf(channel, movement) {
    if (movement.type === 'payment') {
        return movement.orderId ? `order:${movement.orderId}` : `payment:${channel}:${movement.txnId}`;
    }
    return movement.relatedTxnId ? `payment:${channel}:${movement.relatedTxnId}` : `order:${movement.orderId}`;
}

function lockFor(tenant, channel, movement) {
    if (movement?.type === 'payment') {
        return movement.orderId ? `${tenant}/order:${movement.orderId}` : null;
    }
    return movement?.relatedTxnId ? `${tenant}/payment:${channel}:${movement.relatedTxnId}` : null;
}

function bookingValues(tenant, channel, movement, legs) {
    const { type, txnId } = movement;
    return [
        tenant, channel, type, txnId, movement.amount, movement.currency, movement.orderId, movement.ownOrderId,
        movement.relatedTxnId, movement.occurredAt, movement.businessDate, movement.dateRank,
        JSON.stringify(movement.attributes), movement.maskedCard,
        `movement:${channel}:${type}:${txnId}`, groupOf(channel, movement), `${channel} ${type} ${txnId}`,
        legs.map(({ account }) => account), legs.map(({ kind }) => kind), legs.map(({ minor }) => minor),
    ];
}

export class Books {
    #pool;

    constructor(pool) {
        this.#pool = pool;
    }

    // Returns when it is committed. The same message or movement again books nothing.
    async takeIn(tenant, channel, message, body) {
        for (let attempt = 1; ; ++attempt) {
            try {
                return await this.#takeInOnce(tenant, channel, message, body);
            } catch (error) {
                if (attempt === ATTEMPTS_MAX || !MAY_BE_TRIED_AGAIN.has(error.code)) {
                    throw error;
                }
            }
        }
    }

    async #takeInOnce(tenant, channel, message, body) {
        const client = await this.#pool.connect();
        try {
            const { inbox, order } = await this.#begin(client, tenant, channel, message, body);
            const isNew = inbox.rows[0].deliveries === 1;
            const { movement } = message;
            const booking = [];
            if (isNew && movement) {
                const legs = legsFor(channel, movement, order.rows[0]);
                booking.push(client.query(BOOK, bookingValues(tenant, channel, movement, legs)));
            }
            await Promise.all([...booking, client.query(COMMIT)]);
            client.release();
        } catch (error) {
            await client.query('rollback').then(
                () => client.release(),
                (failure) => client.release(failure),
            );
            throw error;
        }
    }

    // What doesn't wait for an answer is sent at once; so is a booking with its commit, which rolls back should the
    // booking fail.
    async #begin(client, tenant, channel, message, body) {
        const { movement } = message;
        const digest = createHash('sha256').update(body).digest('hex');
        const [, , inbox, order] = await Promise.all([
            client.query(BEGIN),
            client.query(BEGIN_FOR, [tenant, lockFor(tenant, channel, movement)]),
            client.query(INBOX, [
                tenant, channel, message.eventId, message.eventType, digest, message.redactedBody, new Date(),
            ]),
            movement && this.#orderOf(client, tenant, channel, movement),
        ]);
        return { inbox, order };
    }

    #orderOf(client, tenant, channel, movement) {
        return movement.type === 'payment'
            ? client.query(ORDER_OF_PAYMENT, [tenant, movement.orderId, movement.amount, movement.currency])
            : client.query(ORDER_OF_REFUND, [tenant, channel, movement.relatedTxnId]);
    }
}
