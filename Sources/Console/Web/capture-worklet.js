// The microphone, on the audio thread: frames of 40 ms of PCM16 at 24 kHz.

import { RATE, loudness, quantize } from "./pcm.js";
import { Resampler } from "./resampler.js";

const FRAME = RATE / 25;

class Capture extends AudioWorkletProcessor {
    constructor() {
        super();
        this.resampler = sampleRate === RATE ? null : new Resampler(sampleRate, RATE);
        this.frame = new Float32Array(FRAME);
        this.filled = 0;
    }

    process(inputs) {
        const input = inputs[0][0];
        if (input) this.take(this.resampler ? this.resampler.process(input) : input);
        return true;
    }

    take(samples) {
        for (let start = 0; start < samples.length;) {
            const piece = samples.subarray(start, start + FRAME - this.filled);
            this.frame.set(piece, this.filled);
            this.filled += piece.length;
            start += piece.length;
            if (this.filled === FRAME) this.give();
        }
    }

    give() {
        const words = quantize(this.frame);
        this.filled = 0;
        this.port.postMessage({ samples: words, loudness: loudness(this.frame) }, [words.buffer]);
    }
}

registerProcessor("vaani-capture", Capture);
