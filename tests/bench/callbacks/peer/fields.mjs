// Taking fields out of what a channel sent.
import { badContent } from './refusal.mjs';

const AMOUNT_MAX = 999_999_999_999;
export const SKEW_SECONDS_MAX = 300;

export function identifier(value) {
    if (typeof value !== 'string' || value.length === 0 || value.length > 128 || /[\x00-\x1f\x7f]/.test(value)) {
        throw badContent('identifier_malformed');
    }
    return value;
}

// In minor units, above zero.
export function amount(value) {
    if (!Number.isSafeInteger(value) || value <= 0 || value > AMOUNT_MAX) {
        throw badContent('amount_impossible');
    }
    return value;
}

export function currency(value) {
    const code = typeof value === 'string' ? value.toUpperCase() : '';
    if (!/^[A-Z]{3}$/.test(code)) {
        throw badContent('currency_unknown');
    }
    return code;
}

export function time(value) {
    const milliseconds = typeof value === 'number' ? value * 1000 : Date.parse(value);
    if (Number.isNaN(milliseconds) || Math.abs(milliseconds) > 253402300799000) {
        throw badContent('time_impossible');
    }
    return new Date(milliseconds);
}

// The object's members of these names whose values are plain, in the order of the names.
export function plainMembers(object, names) {
    const kept = {};
    for (const name of names) {
        const value = object[name];
        if (value === null || (value !== undefined && typeof value !== 'object')) {
            kept[name] = value;
        }
    }
    return kept;
}

// The calendar day, `hours` ahead of UTC.
export function dayOf(instant, hours = 0) {
    return new Date(instant.getTime() + hours * 3_600_000).toISOString().slice(0, 10);
}

export function isFresh(seconds) {
    return Math.abs(Date.now() / 1000 - seconds) <= SKEW_SECONDS_MAX;
}
