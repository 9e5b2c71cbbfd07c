// What a movement of money books. Debits above zero.
import { split } from './split.mjs';

const KINDS = { receivable: 'asset', transit: 'asset', payable: 'liability', deferred: 'liability', income: 'income' };

function kindOf(account) {
    return account.startsWith('transit:customer:') ? 'liability' : KINDS[account.slice(0, account.indexOf(':'))];
}

// Money of an order that was shared out stands with the parties; of one that wasn't, it stays deferred.
function sharedOut(minor, shares) {
    const parts = split(minor, shares);
    return parts.length === 0 ? [] : [['deferred:orders', minor], ...parts.map(([to, part]) => [to, -part])];
}

// What of each part is given back when `refunded` of the payment is: in proportion, and the last takes what is left,
// so that a full refund, in however many steps, gives back everything.
function givenBack(parts, paid, refunded) {
    let left = refunded;
    return parts.map(([to, part], i) => {
        const back = i + 1 === parts.length ? left : Number((BigInt(part) * BigInt(refunded)) / BigInt(paid));
        left -= back;
        return [to, back];
    });
}

function refundPairs(channel, minor, order) {
    const paid = Number(order.paid);
    const before = Math.min(Number(order.given_back), paid);
    const after = Math.min(Number(order.given_back) + minor, paid);
    const parts = split(paid, order.split_shares);
    const shared = parts.length === 0 ? [['deferred:orders', paid]] : parts;
    return [
        ...givenBack(shared, paid, after),
        ...givenBack(shared, paid, before).map(([to, back]) => [to, -back]),
        [`transit:customer:${channel}`, minor - (after - before)],
    ];
}

function pairsFor(channel, movement, order) {
    const minor = movement.amount;
    const transit = [`transit:payment:${channel}`, minor];
    if (!order?.asks_for_it) {
        return [transit, [`transit:customer:${channel}`, -minor]];
    }
    if (movement.type === 'payment') {
        return [transit, ['receivable:orders', -minor], ...sharedOut(minor, order.split_shares)];
    }
    return [transit, ...refundPairs(channel, -minor, order)];
}

// Sorted by account, one leg each, none of zero.
export function legsFor(channel, movement, order) {
    const sums = new Map();
    for (const [account, minor] of pairsFor(channel, movement, order)) {
        sums.set(account, (sums.get(account) ?? 0) + minor);
    }
    return [...sums]
        .filter(([, minor]) => minor !== 0)
        .sort(([a], [b]) => (a < b ? -1 : 1))
        .map(([account, minor]) => ({ account, kind: kindOf(account), minor }));
}
