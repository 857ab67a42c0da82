// Used where a browser does not run its audio at 24 kHz: a windowed sinc, read at any fraction of a sample.

const CROSSINGS = 16;
const PHASES = 256;

export class Resampler {
    /** From one rate in hertz to another; the filter's tail carries over from call to call. */
    constructor(from, to) {
        this.step = from / to;
        // Below the lower of the two Nyquist frequencies, with room for the filter to fall.
        const cutoff = Math.min(1, to / from) * 0.94;
        this.half = Math.ceil(CROSSINGS / cutoff);
        this.table = filters(cutoff, this.half);
        this.reset();
    }

    /** Forgets what came before. */
    reset() {
        this.kept = new Float32Array(2 * this.half - 1);
        this.position = 0;
    }

    /** Takes any number of samples and gives those that can be told by now. */
    process(input) {
        const taps = 2 * this.half;
        const samples = new Float32Array(this.kept.length + input.length);
        samples.set(this.kept);
        samples.set(input, this.kept.length);
        const count = Math.max(0, Math.ceil((samples.length - taps + 1 - this.position) / this.step));
        const output = new Float32Array(count);
        for (let index = 0; index < count; index += 1) output[index] = this.read(samples, this.position + index * this.step);
        this.position += count * this.step;
        const used = Math.min(Math.floor(this.position), samples.length);
        this.kept = samples.slice(used);
        this.position -= used;
        return output;
    }

    read(samples, position) {
        const taps = 2 * this.half;
        const start = Math.floor(position);
        const filter = Math.round((position - start) * PHASES) * taps;
        let sum = 0;
        for (let tap = 0; tap < taps; tap += 1) sum += samples[start + tap] * this.table[filter + tap];
        return sum;
    }
}

/** One filter for each fraction, each with a gain of 1 at 0 Hz. */
function filters(cutoff, half) {
    const taps = 2 * half;
    const table = new Float32Array((PHASES + 1) * taps);
    for (let phase = 0; phase <= PHASES; phase += 1) {
        const filter = table.subarray(phase * taps, (phase + 1) * taps);
        let sum = 0;
        for (let tap = 0; tap < taps; tap += 1) {
            filter[tap] = sinc((tap - half + 1 - phase / PHASES) * cutoff) * window((tap - half + 1 - phase / PHASES) / half);
            sum += filter[tap];
        }
        for (let tap = 0; tap < taps; tap += 1) filter[tap] /= sum;
    }
    return table;
}

function sinc(x) {
    return x === 0 ? 1 : Math.sin(Math.PI * x) / (Math.PI * x);
}

/** Blackman's window, from -1 to 1. */
function window(x) {
    return Math.abs(x) >= 1 ? 0 : 0.42 + 0.5 * Math.cos(Math.PI * x) + 0.08 * Math.cos(2 * Math.PI * x);
}
