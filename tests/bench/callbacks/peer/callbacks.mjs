// From a raw request to its answer, whichever framework carries them.
import { makeStripe } from './channels/stripe.mjs';
import { makeUnionpay } from './channels/unionpay.mjs';
import { makeWechatpay } from './channels/wechatpay.mjs';
import { Refusal } from './refusal.mjs';

const CHANNELS = { stripe: makeStripe, wechatpay: makeWechatpay, unionpay: makeUnionpay };
const TITLES = { 400: 'bad content', 401: 'not authentic', 404: 'not found', 415: 'unsupported media type' };
const NOTHING = Buffer.alloc(0);

function refused(channelName, status, title = TITLES[status]) {
    return channelName === 'wechatpay'
        ? { status, type: 'application/json', body: JSON.stringify({ code: 'FAIL', message: title }) }
        : { status, type: 'application/problem+json', body: JSON.stringify({ title, status }) };
}

function channelsOf(tenant) {
    return new Map(
        Object.entries(CHANNELS)
            .filter(([name]) => tenant[name])
            .map(([name, make]) => [name, make(tenant[name])]),
    );
}

export function makeCallbacks(world, books) {
    const tenants = new Map(world.tenants.map((tenant) => [tenant.id, channelsOf(tenant)]));

    return async function receive(tenantId, channelName, headers, rawBody) {
        const channel = tenants.get(tenantId)?.get(channelName);
        if (!channel) {
            return refused(channelName, 404);
        }
        if (!headers['content-type']?.startsWith(channel.contentType)) {
            return refused(channelName, 415);
        }
        const body = Buffer.isBuffer(rawBody) ? rawBody : NOTHING;
        try {
            await books.takeIn(tenantId, channelName, channel.read(headers, body), body);
            return channel.accepted;
        } catch (error) {
            if (error instanceof Refusal) {
                return refused(channelName, error.status);
            }
            console.error(`${channelName}: ${error.code ?? error.message}`);
            return { ...refused(channelName, 503, 'try again later'), retryAfter: '1' };
        }
    };
}
