// WeChat Pay v3: verified and decrypted by wechatpay-axios-plugin.
import { createPublicKey, createSecretKey, X509Certificate } from 'node:crypto';
import { Aes, Formatter, Rsa } from 'wechatpay-axios-plugin';

import { amount, currency, dayOf, identifier, isFresh, time } from '../fields.mjs';
import { badContent, unauthentic } from '../refusal.mjs';

const RSA = 'WECHATPAY2-SHA256-RSA2048';
const BEIJING = 8;
const KEPT = new Set([
    'mchid', 'appid', 'sp_mchid', 'sp_appid', 'sub_mchid', 'sub_appid', 'out_trade_no', 'transaction_id', 'trade_type',
    'trade_state', 'bank_type', 'success_time', 'out_refund_no', 'refund_id', 'refund_status', 'amount', 'total',
    'payer_total', 'currency', 'payer_currency', 'refund', 'payer_refund',
]);

function verifierOf({ serial, certificate, pem }) {
    const text = certificate ?? pem;
    if (!text.includes('BEGIN CERTIFICATE')) {
        return [serial, { key: createPublicKey(text), from: -Infinity, until: Infinity }];
    }
    const x509 = new X509Certificate(text);
    const verifier = { key: x509.publicKey, from: Date.parse(x509.validFrom), until: Date.parse(x509.validTo) };
    return [serial ?? x509.serialNumber, verifier];
}

function verify(verifiers, headers, text) {
    const timestamp = headers['wechatpay-timestamp'] ?? '';
    const verifier = verifiers.get(headers['wechatpay-serial']);
    const now = Date.now();
    if (!/^\d{1,12}$/.test(timestamp) || !isFresh(Number(timestamp))) {
        throw unauthentic('timestamp_stale');
    }
    if (!verifier || now < verifier.from || now > verifier.until) {
        throw unauthentic('key_unknown');
    }
    if ((headers['wechatpay-signature-type'] ?? RSA) !== RSA) {
        throw unauthentic('signature_type_unexpected');
    }
    const message = Formatter.response(timestamp, headers['wechatpay-nonce'] ?? '', text);
    if (!Rsa.verify(message, headers['wechatpay-signature'] ?? '', verifier.key)) {
        throw unauthentic('signature_wrong');
    }
}

function parse(text) {
    try {
        return JSON.parse(text);
    } catch {
        throw badContent('body_not_json');
    }
}

function decrypted(resource, key) {
    if (resource?.algorithm !== 'AEAD_AES_256_GCM') {
        throw unauthentic('resource_not_decryptable');
    }
    let plain;
    try {
        plain = Aes.AesGcm.decrypt(resource.ciphertext, key, resource.nonce, resource.associated_data ?? '');
    } catch {
        throw unauthentic('resource_not_decryptable');
    }
    return parse(plain);
}

// Payer, attach and descriptions are left behind.
function kept(value) {
    if (value === null || typeof value !== 'object') {
        return value;
    }
    return Object.fromEntries(
        Object.entries(value)
            .filter(([name]) => KEPT.has(name))
            .map(([name, member]) => [name, kept(member)]),
    );
}

function redactedBody(envelope, resource) {
    return JSON.stringify({
        id: envelope.id,
        create_time: envelope.create_time,
        event_type: envelope.event_type,
        original_type: envelope.resource.original_type ?? '',
        resource: kept(resource),
    });
}

function movement(resource, type, id, minor, attributeNames) {
    const at = time(resource.success_time);
    return {
        type,
        txnId: identifier(id),
        amount: minor,
        currency: currency(resource.amount.currency ?? 'CNY'),
        orderId: identifier(resource.out_trade_no),
        ownOrderId: '',
        relatedTxnId: '',
        occurredAt: at.toISOString(),
        businessDate: dayOf(at, BEIJING),
        dateRank: 1,
        attributes: Object.fromEntries(
            attributeNames.filter((name) => resource[name]).map((name) => [name, resource[name]]),
        ),
        maskedCard: '',
    };
}

function movementOf(envelope, resource, settings) {
    const isPayment = envelope.event_type.startsWith('TRANSACTION.');
    if (!isPayment && !envelope.event_type.startsWith('REFUND.')) {
        return null;
    }
    if ((resource.mchid ?? resource.sp_mchid ?? resource.combine_mchid) !== settings.mchid) {
        throw badContent('merchant_differs');
    }
    if (resource.sub_orders) {
        return null; // a combined order
    }
    if (isPayment) {
        if (settings.appid && (resource.appid ?? resource.sp_appid) !== settings.appid) {
            throw badContent('app_id_differs');
        }
        const moved = resource.trade_state === 'SUCCESS' || resource.trade_state === 'REFUND';
        const names = ['trade_state', 'trade_type', 'bank_type', 'sub_mchid'];
        return moved
            ? movement(resource, 'payment', resource.transaction_id, amount(resource.amount?.total), names)
            : null;
    }
    if (resource.refund_status !== 'SUCCESS') {
        return null;
    }
    const minor = amount(resource.amount?.refund);
    const refund = movement(resource, 'refund', resource.refund_id, -minor, ['refund_status', 'sub_mchid']);
    refund.ownOrderId = identifier(resource.out_refund_no);
    refund.relatedTxnId = identifier(resource.transaction_id);
    return refund;
}

export function makeWechatpay(settings) {
    const verifiers = new Map(settings.platform_keys.map(verifierOf));
    const key = createSecretKey(Buffer.from(settings.api_v3_key.trim()));
    return {
        contentType: 'application/json',
        accepted: { status: 204 },
        read(headers, body) {
            const text = body.toString();
            verify(verifiers, headers, text);
            const envelope = parse(text);
            const resource = decrypted(envelope?.resource, key);
            const eventId = identifier(envelope.id);
            const eventType = identifier(envelope.event_type);
            return {
                eventId,
                eventType,
                redactedBody: redactedBody(envelope, resource),
                movement: movementOf(envelope, resource, settings),
            };
        },
    };
}
