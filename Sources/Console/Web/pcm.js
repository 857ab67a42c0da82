// PCM16 little endian, mono, and base64: the audio of the wire.

export const RATE = 24000;

/** Int16 samples to base64. */
export function encode(samples) {
    const bytes = new Uint8Array(samples.buffer, samples.byteOffset, samples.byteLength);
    let text = "";
    // More arguments at once than this overflow the stack of some browsers.
    for (let start = 0; start < bytes.length; start += 8192) {
        text += String.fromCharCode.apply(null, bytes.subarray(start, start + 8192));
    }
    return btoa(text);
}

/** Base64 to samples from -1 to 1; an odd byte at the end is left out. */
export function decode(base64) {
    const text = atob(base64);
    const samples = new Float32Array(text.length >> 1);
    for (let index = 0; index < samples.length; index += 1) {
        const word = text.charCodeAt(2 * index) | (text.charCodeAt(2 * index + 1) << 8);
        samples[index] = ((word << 16) >> 16) / 32768;
    }
    return samples;
}

/** Samples from -1 to 1 as Int16; what is louder is clipped. */
export function quantize(samples) {
    const words = new Int16Array(samples.length);
    for (let index = 0; index < samples.length; index += 1) {
        words[index] = Math.round(Math.max(-1, Math.min(1, samples[index])) * 32767);
    }
    return words;
}

/** Root mean square. */
export function loudness(samples) {
    let sum = 0;
    for (const sample of samples) sum += sample * sample;
    return Math.sqrt(sum / Math.max(1, samples.length));
}
