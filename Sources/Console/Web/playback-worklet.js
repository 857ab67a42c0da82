// The loudspeaker, on the audio thread: a ring buffer that a `clear` empties within one block of 128 samples.

import { RATE } from "./pcm.js";
import { Resampler } from "./resampler.js";

// The gateway sends at most 400 ms ahead; a tab that was asleep may find more in its inbox.
const RING_S = 20;
// Enough to ride out a late packet, too little to be noticed.
const PREBUFFER_S = 0.06;
const REPORT_S = 0.2;
// Sound that stops at once clicks: it takes 4 ms.
const FADE = Math.round(sampleRate * 0.004);

class Playback extends AudioWorkletProcessor {
    constructor() {
        super();
        this.ring = new Float32Array(Math.ceil(sampleRate * RING_S));
        this.read = 0;
        this.stored = 0;
        this.replies = [];
        this.generation = 0;
        this.refused = new Set();
        this.fade = null;
        this.isHeld = false;
        // Samples that still come in softly after a pause.
        this.rise = 0;
        this.resampler = sampleRate === RATE ? null : new Resampler(RATE, sampleRate);
        this.port.onmessage = ({ data }) => this[data.type](data);
    }

    // MARK: from the page

    audio({ responseId, generation, samples }) {
        if (generation < this.generation || this.refused.has(responseId)) return;
        const reply = this.reply(responseId, generation);
        const ready = this.resampler ? this.resampler.process(samples) : samples;
        const room = Math.min(ready.length, this.ring.length - this.stored);
        for (let index = 0; index < room; index += 1) {
            this.ring[(this.read + this.stored + index) % this.ring.length] = ready[index];
        }
        this.stored += room;
        reply.stored += room;
    }

    end({ responseId }) {
        const reply = this.replies.find((one) => one.id === responseId);
        if (reply) reply.isWhole = true;
    }

    /** Holds its breath: somebody speaks, perhaps to it. */
    hold() {
        const reply = this.replies[0];
        if (this.isHeld || !reply) return;
        this.isHeld = true;
        if (reply.isPlaying) this.fade = this.fadeOut(Math.min(reply.stored, FADE));
        if (reply.hasBegun) this.tell("played", reply);
    }

    /** It was nothing: goes on at the very sample. */
    resume() {
        if (this.isHeld) this.rise = FADE;
        this.isHeld = false;
    }

    /** Drops what is older than a generation; of a reply that is named, whatever may still come as well. */
    clear({ generation, responseId }) {
        this.generation = Math.max(this.generation, generation);
        if (responseId) this.refuse(responseId);
        const isStale = (reply) => reply.generation < this.generation || this.refused.has(reply.id);
        const stale = this.replies.filter(isStale);
        // Replies come one after another: the stale ones are in front.
        if (stale.length > 0) this.drop(stale);
        this.isHeld = false;
        this.replies = this.replies.filter((reply) => !isStale(reply));
    }

    /** Another connection: generations may begin anew, and what was lost on the way may come again. */
    forget() {
        if (this.replies.length > 0) this.drop(this.replies);
        this.replies = [];
        this.generation = 0;
        this.refused.clear();
        this.isHeld = false;
    }

    refuse(responseId) {
        this.refused.add(responseId);
        if (this.refused.size > 32) this.refused.delete(this.refused.values().next().value);
    }

    drop(stale) {
        const count = stale.reduce((sum, reply) => sum + reply.stored, 0);
        if (stale[0].isPlaying && !this.isHeld) this.fade = this.fadeOut(Math.min(count, FADE));
        this.rise = 0;
        this.read = (this.read + count) % this.ring.length;
        this.stored -= count;
        this.resampler?.reset();
        for (const reply of stale) if (reply.hasBegun) this.tell("cleared", reply);
    }

    fadeOut(count) {
        const fade = new Float32Array(count);
        for (let index = 0; index < count; index += 1) {
            fade[index] = this.ring[(this.read + index) % this.ring.length] * (1 - (index + 1) / count);
        }
        return fade;
    }

    reply(id, generation) {
        let reply = this.replies.find((one) => one.id === id);
        if (!reply) {
            // One speaks at a time: whoever begins ends those before.
            for (const earlier of this.replies) earlier.isWhole = true;
            reply = { id, generation, stored: 0, played: 0, reported: 0, hasBegun: false, isPlaying: false, isWhole: false };
            this.replies.push(reply);
        }
        return reply;
    }

    // MARK: to the loudspeaker

    process(inputs, outputs) {
        const output = outputs[0][0];
        let filled = this.playFade(output);
        while (!this.isHeld && filled < output.length && this.replies.length > 0) {
            const count = this.play(this.replies[0], output, filled);
            filled += count;
            if (count === 0 && !this.finished()) break;
        }
        for (const copy of outputs[0].slice(1)) copy.set(output);
        return true;
    }

    playFade(output) {
        if (!this.fade) return 0;
        const count = Math.min(this.fade.length, output.length);
        output.set(this.fade.subarray(0, count));
        this.fade = count < this.fade.length ? this.fade.slice(count) : null;
        return count;
    }

    play(reply, output, from) {
        if (!reply.isPlaying && reply.stored < sampleRate * PREBUFFER_S && !reply.isWhole) return 0;
        const count = Math.min(reply.stored, output.length - from);
        for (let index = 0; index < count; index += 1) output[from + index] = this.ring[(this.read + index) % this.ring.length];
        this.soften(output, from, count);
        this.read = (this.read + count) % this.ring.length;
        this.stored -= count;
        reply.stored -= count;
        reply.played += count;
        if (count > 0 && !reply.hasBegun) this.begin(reply);
        // Ran dry: collect a little before going on.
        reply.isPlaying = reply.stored > 0;
        if (reply.played - reply.reported >= sampleRate * REPORT_S) this.tell("played", reply);
        return count;
    }

    soften(output, from, count) {
        for (let index = from; index < from + count && this.rise > 0; index += 1, this.rise -= 1) {
            output[index] *= 1 - this.rise / FADE;
        }
    }

    begin(reply) {
        reply.hasBegun = true;
        this.tell("began", reply);
    }

    /** Whether the reply in front was heard to its end, and made room for the next. */
    finished() {
        const reply = this.replies[0];
        if (!reply.isWhole || reply.stored > 0) return false;
        this.replies.shift();
        this.tell("finished", reply);
        return true;
    }

    tell(type, reply) {
        reply.reported = reply.played;
        const ms = Math.floor((reply.played * 1000) / sampleRate);
        this.port.postMessage({ type, responseId: reply.id, ms, bufferedMs: Math.floor((reply.stored * 1000) / sampleRate) });
    }
}

registerProcessor("vaani-playback", Playback);
