// Which certificates that travel in UnionPay's messages may sign: those that hang under the authorities in the
// configuration and name UnionPay. One certificate signs millions of messages, so what was checked is remembered.
import { X509Certificate } from 'node:crypto';

import { unauthentic } from '../refusal.mjs';

const REMEMBERED_MAX = 16;
const VERDICT_MILLISECONDS_MAX = 3_600_000;
const DEPTH_MAX = 4;

const isValid = (certificate, now) => Date.parse(certificate.validFrom) <= now && now < Date.parse(certificate.validTo);
const issued = (issuer, certificate) => certificate.checkIssued(issuer) && certificate.verify(issuer.publicKey);

export class SignerTrust {
    #authorities;
    #commonName;
    #remembered = new Map();

    constructor(pems, commonName) {
        this.#authorities = pems.map((pem) => new X509Certificate(pem)).filter((certificate) => certificate.ca);
        this.#commonName = commonName;
    }

    // The key of a trusted certificate. Good ones only are remembered, so a flood of forgeries drives none out.
    keyFor(pem) {
        const now = Date.now();
        const known = this.#remembered.get(pem);
        if (known && now < known.until) {
            return known.key;
        }
        const certificate = this.#checked(pem, now);
        const until = Math.min(Date.parse(certificate.validTo), now + VERDICT_MILLISECONDS_MAX);
        if (this.#remembered.size >= REMEMBERED_MAX) {
            this.#remembered.delete(this.#remembered.keys().next().value);
        }
        this.#remembered.set(pem, { key: certificate.publicKey, until });
        return certificate.publicKey;
    }

    #checked(pem, now) {
        let certificate;
        try {
            certificate = new X509Certificate(pem);
        } catch {
            throw unauthentic('certificate_malformed');
        }
        const name = certificate.toLegacyObject().subject.CN;
        const parts = typeof name === 'string' ? name.split('@') : [];
        if (!this.#hangsUnderARoot(certificate, now, DEPTH_MAX)) {
            throw unauthentic('certificate_untrusted');
        }
        if (parts.length !== 4 || parts[2] !== this.#commonName) {
            throw unauthentic('signer_name_differs');
        }
        return certificate;
    }

    #hangsUnderARoot(certificate, now, depth) {
        if (depth === 0 || !isValid(certificate, now)) {
            return false;
        }
        return this.#authorities.some((authority) => {
            if (!issued(authority, certificate)) {
                return false;
            }
            return issued(authority, authority)
                ? isValid(authority, now)
                : this.#hangsUnderARoot(authority, now, depth - 1);
        });
    }
}
