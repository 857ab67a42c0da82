// Binary frames: a header of 16 bytes in network byte order, then PCM16.

const HEADER_BYTES = 16;
const AUDIO = 1;

/** Wraps the microphone, one frame after the other. */
export class MicrophoneFrames {
    constructor() {
        this.sequence = 0;
        this.position = 0;
    }

    /** A frame of Int16 samples. */
    wrap(samples) {
        const frame = new ArrayBuffer(HEADER_BYTES + samples.byteLength);
        const header = new DataView(frame);
        header.setUint8(0, AUDIO);
        // Stream 0 is the microphone; both counters wrap round.
        header.setUint32(4, this.sequence);
        header.setUint32(8, this.position);
        new Int16Array(frame, HEADER_BYTES).set(samples);
        this.sequence = (this.sequence + 1) >>> 0;
        this.position = (this.position + samples.length) >>> 0;
        return frame;
    }
}

/** The stream, generation and samples of a frame; null where it holds no audio. */
export function readFrame(frame) {
    if (frame.byteLength < HEADER_BYTES) return null;
    const header = new DataView(frame);
    if (header.getUint8(0) !== AUDIO) return null;
    // Little endian, as the samples are, is every machine that a browser runs on.
    const words = new Int16Array(frame, HEADER_BYTES, (frame.byteLength - HEADER_BYTES) >> 1);
    return {
        stream: header.getUint16(2),
        generation: header.getUint32(12),
        samples: Float32Array.from(words, (word) => word / 32768),
    };
}
