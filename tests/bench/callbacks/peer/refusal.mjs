// Why a callback is turned away: 401 when it isn't authentic, 400 when its content can't be right. The word is for
// whoever debugs; what is answered says nothing an attacker can use.
export class Refusal extends Error {
    constructor(status, word) {
        super(word);
        this.status = status;
    }
}

export const unauthentic = (word) => new Refusal(401, word);
export const badContent = (word) => new Refusal(400, word);
