// A reply that is being sent or heard.

export class Reply {
    /** Takes what `audio_start` says. */
    constructor({ response_id: id, item_id: itemId, generation, stream, from_ms: fromMs = 0 }) {
        Object.assign(this, { id, itemId, generation, stream, fromMs, isHeard: false, ms: fromMs, bufferedMs: 0, toldAt: 0 });
    }

    /** The loudspeaker tells how much has sounded of what it was given, and how much it holds. */
    heard(ms, bufferedMs, now) {
        Object.assign(this, { ms: this.fromMs + ms, bufferedMs, toldAt: now });
    }

    /** How much has sounded by now, between two reports. */
    heardMs(now) {
        return this.ms + Math.min(now - this.toldAt, this.bufferedMs);
    }
}
