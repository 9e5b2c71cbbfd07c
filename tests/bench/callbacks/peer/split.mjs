// How an order's money is shared out: "payable:seller=b9300;income:commission=r" gives 93 % and the rest, "f100" a
// fixed amount. What rounding leaves goes to the rest, without one to the largest fractions.
const WHOLE = 10_000n;

function parse(text) {
    return text.split(';').map((share) => {
        const [, to, how, number] = /^(.+)=([rfb])(\d*)$/.exec(share);
        return { to, how, number: BigInt(number || 0) };
    });
}

function handOutUnits(parts, left) {
    const byFraction = parts.sort((a, b) => Number(b.fraction - a.fraction));
    for (let i = 0; i < byFraction.length && BigInt(i) < left; ++i) {
        byFraction[i].minor += 1n;
    }
}

// [account, minor] pairs that add up to `minor`; nothing when there is nothing to share out.
export function split(minor, text) {
    if (text === '') {
        return [];
    }
    const whole = BigInt(minor);
    let left = whole;
    const parts = parse(text).map((share) => ({ ...share, minor: 0n, fraction: 0n }));
    for (const part of parts.filter(({ how }) => how === 'f')) {
        part.minor = part.number;
        left -= part.minor;
    }
    if (left < 0n) {
        return [];
    }
    for (const part of parts.filter(({ how }) => how === 'b')) {
        const exact = (whole * part.number) / WHOLE;
        part.minor = exact < left ? exact : left;
        part.fraction = (whole * part.number) % WHOLE;
        left -= part.minor;
    }
    const rest = parts.find(({ how }) => how === 'r');
    if (rest) {
        rest.minor += left;
    } else {
        handOutUnits(parts.filter(({ how }) => how === 'b'), left);
    }
    return parts.map(({ to, minor: part }) => [to, Number(part)]);
}
