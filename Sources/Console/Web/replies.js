// What the persona says: replies as they come, are heard, held, given up, and taken up again after a lost line.

import { decode } from "./pcm.js";
import { Reply } from "./reply.js";

// Beyond the gateway's own deadline for saying whether a reply that it paused goes on.
const PAUSE_GRACE_MS = 1000;

export class Replies {
    /**
     * `on.played(message)` is to tell the gateway how much was heard, `on.sounds(reply)` comes with the first sound of one,
     * `on.cut(itemId)` for one that is not heard to its end, `on.changed()` where there is something new to show.
     */
    constructor(sound, on) {
        this.sound = sound;
        this.on = on;
        /** The one that comes or is heard. */
        this.current = null;
        /** What the gateway was told last, or would have been. */
        this.lastHeard = null;
        /** Of which the rest may come when the connection is back. */
        this.brokenOff = null;
        this.isHeld = false;
    }

    // MARK: what comes

    begin(start) {
        this.current = new Reply(start);
    }

    takeDelta({ response_id: id, generation, audio }) {
        this.sound.play(id, generation ?? 0, decode(audio));
    }

    /** A binary frame: of the reply that was announced last, or of one that has been given up. */
    takeFrame({ stream, generation, samples }) {
        if (this.current?.stream === stream && samples.length > 0) this.sound.play(this.current.id, generation, samples);
    }

    end({ response_id: id, total_ms: totalMs, reason }) {
        this.sound.end(id);
        if (this.current?.id !== id) return;
        if (reason !== "done") this.on.cut(this.current.itemId);
        if (totalMs === 0) this.current = null;
    }

    // MARK: what is heard

    /** The loudspeaker tells how far it is. */
    told({ type, responseId, ms, bufferedMs }) {
        // Of a reply that was given up the gateway has been told already how much was heard.
        if (this.current?.id !== responseId) return;
        this.current.heard(ms, bufferedMs, performance.now());
        if (type === "began") {
            this.current.isHeard = true;
            this.on.sounds(this.current);
        }
        const isOver = type === "finished";
        this.report(this.current.ms - (isOver ? 0 : this.sound.outputDelayMs), bufferedMs);
        if (isOver) this.current = null;
        if (isOver || type === "began") this.on.changed();
    }

    /** Before something that interrupts: the model is to remember what was heard, and nothing else. */
    tellHeard() {
        if (!this.current?.isHeard) return;
        const now = this.isHeld ? this.current.toldAt : performance.now();
        this.report(this.current.heardMs(now) - this.sound.outputDelayMs, 0);
    }

    report(ms, bufferedMs) {
        const { id, itemId } = this.current;
        this.lastHeard = { response_id: id, ms: Math.max(0, Math.round(ms)) };
        this.on.played({ type: "played", ...this.lastHeard, item_id: itemId, buffered_ms: bufferedMs });
    }

    // MARK: what stops it

    /** Drops the rest of it here, without waiting for the gateway. */
    giveUp() {
        this.unhold();
        if (!this.current) return;
        this.sound.clear(0, this.current.id);
        this.on.cut(this.current.itemId);
        this.current = null;
    }

    /** The gateway has given up all that is older than a generation. */
    clear(generation) {
        this.unhold();
        this.sound.clear(generation, null);
        if (!this.current || this.current.generation >= generation) return;
        this.on.cut(this.current.itemId);
        this.current = null;
    }

    /** Somebody speaks over it: it holds its breath until it is known whether that was meant for it. */
    hold({ generation, deadline_ms: deadlineMs }) {
        if (!this.current || this.current.generation > generation) return;
        this.isHeld = true;
        this.sound.hold();
        clearTimeout(this.holdEnd);
        this.holdEnd = setTimeout(() => this.goOn(), deadlineMs + PAUSE_GRACE_MS);
    }

    /** It was nothing. */
    goOn() {
        if (!this.isHeld) return;
        this.unhold();
        this.sound.resume();
        this.on.changed();
    }

    unhold() {
        clearTimeout(this.holdEnd);
        this.isHeld = false;
    }

    // MARK: a lost line

    lineLost() {
        this.tellHeard();
        this.brokenOff = this.current ?? this.brokenOff;
        this.current = null;
        this.unhold();
        this.sound.forget();
    }

    /** Whether the conversation goes on, and the rest with it. */
    lineBack(goesOn) {
        if (this.brokenOff && !goesOn) this.on.cut(this.brokenOff.itemId);
        this.brokenOff = null;
    }
}
