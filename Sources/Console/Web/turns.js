// How long each turn took from the user's last word to the first sound: a value that is told what happened and when.

// Quieter than this is the room, not a voice.
const VOICE = 0.012;
const MAX_KEPT = 200;

export class Turns {
    constructor() {
        this.done = [];
        this.open = null;
        this.lastVoiceAt = null;
    }

    /** A frame of the microphone that goes to the gateway. */
    heard(loudness, now) {
        if (loudness > VOICE) this.lastVoiceAt = now;
    }

    /** The user has finished: typed a line, or let go of the button. */
    finished(now) {
        this.open = { endedAt: now, noticedAt: now };
    }

    /** The gateway has noticed that the user stopped speaking. */
    noticed(now) {
        if (this.open && !this.open.responseId) this.open.noticedAt = now;
        else if (this.lastVoiceAt !== null) this.open = { endedAt: Math.min(now, this.lastVoiceAt), noticedAt: now };
    }

    /** The first audio of a reply has come. */
    answered(responseId, now) {
        if (!this.open || this.open.responseId) return;
        Object.assign(this.open, { responseId, answeredAt: now });
    }

    /** A reply sounds; gives the parts of its turn in milliseconds, if it answers one. */
    sounded(responseId, now) {
        const turn = this.open;
        if (!turn || turn.responseId !== responseId) return null;
        this.forget();
        const parts = {
            notice: Math.round(turn.noticedAt - turn.endedAt),
            think: Math.round(turn.answeredAt - turn.noticedAt),
            ear: Math.round(now - turn.answeredAt),
        };
        this.done.push({ ...parts, total: parts.notice + parts.think + parts.ear });
        if (this.done.length > MAX_KEPT) this.done.shift();
        return parts;
    }

    /** What was asked is not answered any more. */
    forget() {
        this.open = null;
        this.lastVoiceAt = null;
    }

    get median() {
        const totals = this.done.map((turn) => turn.total).sort((a, b) => a - b);
        return totals[totals.length >> 1] ?? 0;
    }
}
