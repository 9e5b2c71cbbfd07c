// Stripe: verified by Stripe's own package over the raw bytes.
import Stripe from 'stripe';

import { amount, currency, dayOf, identifier, isFresh, plainMembers, SKEW_SECONDS_MAX, time } from '../fields.mjs';
import { badContent, unauthentic } from '../refusal.mjs';

const EVENT_FIELDS = ['id', 'object', 'type', 'created', 'livemode', 'account'];
const OBJECT_FIELDS = [
    'id', 'object', 'amount', 'amount_captured', 'amount_received', 'amount_refunded', 'balance_transaction',
    'captured', 'charge', 'created', 'currency', 'disputed', 'failure_balance_transaction', 'failure_code',
    'failure_reason', 'latest_charge', 'livemode', 'paid', 'payment_intent', 'pending_reason', 'reason', 'refunded',
    'status', 'transfer_group', 'type',
];
const CARD_FIELDS = ['brand', 'country', 'funding', 'last4', 'network'];
const CHARGE_EVENTS = new Set(['charge.succeeded', 'charge.captured', 'charge.updated']);
const REFUND_EVENTS = new Set(['refund.created', 'refund.updated', 'charge.refund.updated']);

const idOf = (value) => (value !== null && typeof value === 'object' ? value.id : value) ?? '';

function signedAt(header) {
    return Number(/(?:^|,)t=(\d{1,12})(?:,|$)/.exec(header)?.[1] ?? NaN);
}

function verified(headers, body, secret) {
    const header = headers['stripe-signature'];
    let event;
    try {
        event = Stripe.webhooks.constructEvent(body.toString(), header, secret, SKEW_SECONDS_MAX);
    } catch (error) {
        throw error instanceof SyntaxError ? badContent('body_not_json') : unauthentic('signature_wrong');
    }
    // The package looks at age alone.
    if (!isFresh(signedAt(header))) {
        throw unauthentic('timestamp_stale');
    }
    return event;
}

function redactedBody(event, object) {
    const kept = plainMembers(object, OBJECT_FIELDS);
    if (typeof object.metadata?.order_id === 'string') {
        kept.metadata = { order_id: object.metadata.order_id };
    }
    const card = object.payment_method_details?.card;
    if (card) {
        kept.payment_method_details = { card: plainMembers(card, CARD_FIELDS) };
    }
    return JSON.stringify({ ...plainMembers(event, EVENT_FIELDS), data: { object: kept } });
}

function attributes(pairs) {
    return Object.fromEntries(Object.entries(pairs).filter(([, value]) => value !== ''));
}

function movement(object, type, id, minor, at, dateRank) {
    return {
        type,
        txnId: identifier(id),
        amount: minor,
        currency: currency(object.currency),
        orderId: object.metadata?.order_id ?? '',
        ownOrderId: '',
        relatedTxnId: '',
        occurredAt: at.toISOString(),
        businessDate: dayOf(at),
        dateRank,
        attributes: attributes({
            payment_intent: object.object === 'payment_intent' ? object.id : idOf(object.payment_intent),
            balance_transaction: idOf(object.balance_transaction),
        }),
        maskedCard: '',
    };
}

// What moved, or nothing: money that hasn't moved yet is a message and no more.
function movementOf(event, object) {
    if (CHARGE_EVENTS.has(event.type) && object.status === 'succeeded' && object.captured && object.paid) {
        const minor = amount(object.amount_captured ?? object.amount);
        return movement(object, 'payment', object.id, minor, time(object.created), 1);
    }
    if (event.type === 'payment_intent.succeeded' && idOf(object.latest_charge) !== '') {
        const minor = amount(object.amount_received ?? object.amount);
        return movement(object, 'payment', idOf(object.latest_charge), minor, time(event.created), 0);
    }
    if (REFUND_EVENTS.has(event.type) && object.status === 'succeeded') {
        const refund = movement(object, 'refund', object.id, -amount(object.amount), time(object.created), 1);
        refund.relatedTxnId = idOf(object.charge);
        return refund;
    }
    return null;
}

export function makeStripe(settings) {
    const secret = settings.secret.trim();
    const livemode = settings.livemode ?? true;
    return {
        contentType: 'application/json',
        accepted: { status: 200, type: 'application/json', body: '{"received":true}' },
        read(headers, body) {
            const event = verified(headers, body, secret);
            const object = event.data?.object;
            if (event.object !== 'event' || object === null || typeof object !== 'object') {
                throw badContent('not_an_event');
            }
            if (event.livemode !== livemode) {
                throw badContent('livemode_differs');
            }
            // Only a Connect endpoint's events name an account.
            if ((event.account ?? settings.account) !== settings.account) {
                throw badContent('merchant_differs');
            }
            return {
                eventId: identifier(event.id),
                eventType: identifier(event.type),
                redactedBody: redactedBody(event, object),
                movement: movementOf(event, object),
            };
        },
    };
}
