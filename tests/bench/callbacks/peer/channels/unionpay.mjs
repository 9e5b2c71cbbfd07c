// UnionPay 5.1.0 with certificates. There is no official package for Node: node:crypto, as the specification says.
import { createHash, verify } from 'node:crypto';
import querystring from 'node:querystring';

import { amount, dayOf, identifier, time } from '../fields.mjs';
import { badContent, unauthentic } from '../refusal.mjs';
import { SignerTrust } from './signer_trust.mjs';

const SIGNER = '中国银联股份有限公司';
const BEIJING = 8;
const DAY_CUT = 9; // its business day ends at 23:00 in Beijing
const KEPT = [
    'accessType', 'bizType', 'currencyCode', 'encoding', 'exchangeDate', 'exchangeRate', 'merId', 'orderId',
    'origQryId', 'payCardType', 'payType', 'queryId', 'respCode', 'respMsg', 'settleAmt', 'settleDate',
    'settleCurrencyCode', 'traceNo', 'traceTime', 'txnAmt', 'txnSubType', 'txnTime', 'txnType',
];
const CURRENCIES = new Map([['156', 'CNY'], ['344', 'HKD'], ['446', 'MOP'], ['840', 'USD'], ['978', 'EUR']]);
const TYPES = new Map([
    ['01', 'payment'], ['03', 'payment'], ['04', 'refund'], ['31', 'reversal'], ['33', 'reversal'],
]);

function fieldsOf(body) {
    const fields = querystring.parse(body.toString(), '&', '=', { maxKeys: 200 });
    if (Object.values(fields).some(Array.isArray)) {
        throw badContent('form_broken');
    }
    return fields;
}

function textToSign(fields) {
    let text = '';
    for (const name of Object.keys(fields).sort()) {
        if (name !== 'signature') {
            text += `${text === '' ? '' : '&'}${name}=${fields[name]}`;
        }
    }
    return text;
}

// What decides how to verify comes from the configuration; the message has to agree. Delivery carries no time, so an
// old message is no reason to refuse: what makes it harmless is that it books once.
function check(fields, trust) {
    if (fields.version !== '5.1.0' || fields.signMethod !== '01' || fields.encoding?.toUpperCase() !== 'UTF-8') {
        throw unauthentic('method_differs');
    }
    if (!fields.signature || !fields.signPubKeyCert) {
        throw unauthentic('signature_missing');
    }
    const key = trust.keyFor(fields.signPubKeyCert);
    // What RSA signs is the hexadecimal text of the digest.
    const digest = createHash('sha256').update(textToSign(fields)).digest('hex');
    if (!verify('sha256', Buffer.from(digest), key, Buffer.from(fields.signature, 'base64'))) {
        throw unauthentic('signature_wrong');
    }
}

function instantOf(text = '') {
    return time(text.replace(/^(\d{4})(\d\d)(\d\d)(\d\d)(\d\d)(\d\d)$/, '$1-$2-$3T$4:$5:$6+08:00'));
}

// settleDate has no year: the one that puts it nearest to the transaction.
function dayNear(mmdd, instant) {
    const year = Number(dayOf(instant, BEIJING).slice(0, 4));
    const days = [year - 1, year, year + 1].map((one) => `${one}-${mmdd.slice(0, 2)}-${mmdd.slice(2)}`);
    const distance = (day) => Math.abs(Date.parse(day) - instant.getTime());
    const nearest = days.filter((day) => !Number.isNaN(Date.parse(day))).sort((a, b) => distance(a) - distance(b))[0];
    if (!/^\d{4}$/.test(mmdd) || nearest === undefined) {
        throw badContent('settle_date_impossible');
    }
    return nearest;
}

function maskedCard(accNo = '') {
    const starred = /^(\d{0,6})\d*(\*+)\d*?(\d{0,4})$/.exec(accNo);
    const whole = /^(\d{6})\d+(\d{4})$/.exec(accNo);
    const [head, tail] = starred ? [starred[1], starred[3]] : whole ? [whole[1], whole[2]] : [];
    return head === undefined ? '' : head + '*'.repeat(accNo.length - head.length - tail.length) + tail;
}

function movementOf(fields) {
    const type = TYPES.get(fields.txnType);
    if (!type || (fields.respCode !== '00' && fields.respCode !== 'A6')) {
        return null;
    }
    const at = instantOf(fields.txnTime);
    const minor = amount(/^\d{1,12}$/.test(fields.txnAmt) ? Number(fields.txnAmt) : NaN);
    const currency = CURRENCIES.get(fields.currencyCode ?? fields.settleCurrencyCode ?? '156');
    if (!currency) {
        throw badContent('currency_unknown');
    }
    const orderId = identifier(fields.orderId);
    const attributes = { trace_no: fields.traceNo, trace_time: fields.traceTime, txn_type: fields.txnType };
    return {
        type,
        txnId: identifier(fields.queryId),
        amount: type === 'payment' ? minor : -minor,
        currency,
        orderId: type === 'payment' ? orderId : '',
        ownOrderId: type === 'payment' ? '' : orderId,
        relatedTxnId: fields.origQryId ?? '',
        occurredAt: at.toISOString(),
        businessDate: fields.settleDate ? dayNear(fields.settleDate, at) : dayOf(at, DAY_CUT),
        dateRank: fields.settleDate ? 1 : 0,
        attributes: { ...attributes, resp_code: fields.respCode },
        maskedCard: maskedCard(fields.accNo),
    };
}

export function makeUnionpay(settings) {
    const trust = new SignerTrust(settings.certificates, settings.signer_common_name ?? SIGNER);
    return {
        contentType: 'application/x-www-form-urlencoded',
        accepted: { status: 200, type: 'text/plain', body: 'ok' },
        read(headers, body) {
            const fields = fieldsOf(body);
            check(fields, trust);
            if (fields.merId !== settings.merchant) {
                throw badContent('merchant_differs');
            }
            const id = [fields.txnType, fields.queryId, fields.orderId, fields.txnTime, fields.respCode];
            return {
                eventId: id.map((part) => part ?? '').join(':'),
                eventType: identifier(fields.txnType),
                redactedBody: JSON.stringify(fields, KEPT),
                movement: movementOf(fields),
            };
        },
    };
}
