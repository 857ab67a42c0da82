// The microphone and the loudspeaker of this tab.

import { RATE } from "./pcm.js";

// A loudspeaker that has not started by then will not by itself.
const START_MS = 2000;

/** One audio context for both directions: their echo is cancelled against each other by the browser. */
export class Sound {
    /**
     * `on.played(report)` hears what the loudspeaker tells, `on.silent()` comes where it does not start, `on.frame(frame)`
     * gets 40 ms of microphone, and `on.unplugged()` comes when that is taken away.
     */
    constructor(on) {
        this.on = on;
    }

    /** Starts the loudspeaker; browsers allow that only after the user did something. */
    async wake() {
        this.waking ??= this.startPlayer();
        try {
            await this.waking;
        } catch (error) {
            this.waking = null;
            throw error;
        }
        this.start();
    }

    /** Nobody waits for it: without a loudspeaker, or after a call on a phone, some browsers never say whether it starts. */
    start() {
        if (this.context.state === "running") return;
        this.context.resume().catch(() => {});
        clearTimeout(this.watch);
        this.watch = setTimeout(() => {
            if (this.context.state !== "running") this.on.silent();
        }, START_MS);
    }

    async startPlayer() {
        // At the wire's rate the browser resamples; where it cannot open such a microphone, see `sourceOf`.
        this.context = new AudioContext({ sampleRate: RATE, latencyHint: "interactive" });
        // Before anything is waited for: some browsers forget soon that the user did something.
        this.context.resume().catch(() => {});
        await this.context.audioWorklet.addModule("/assets/playback-worklet.js");
        this.player = new AudioWorkletNode(this.context, "vaani-playback", { numberOfInputs: 0, outputChannelCount: [1] });
        this.player.port.onmessage = ({ data }) => this.on.played(data);
        this.meter = new AnalyserNode(this.context, { fftSize: 1024 });
        this.player.connect(this.meter).connect(this.context.destination);
    }

    /** Milliseconds between what the worklet has rendered and what is heard. */
    get outputDelayMs() {
        return Math.round((this.context?.outputLatency || this.context?.baseLatency || 0) * 1000);
    }

    play(responseId, generation, samples) {
        this.player?.port.postMessage({ type: "audio", responseId, generation, samples }, [samples.buffer]);
    }

    end(responseId) {
        this.player?.port.postMessage({ type: "end", responseId });
    }

    hold() {
        this.player?.port.postMessage({ type: "hold" });
    }

    resume() {
        this.player?.port.postMessage({ type: "resume" });
    }

    /** Silence at once for all that is older than `generation`, and for the reply of that name. */
    clear(generation, responseId) {
        this.player?.port.postMessage({ type: "clear", generation, responseId });
    }

    /** Silence, as if nothing had ever been played. */
    forget() {
        this.player?.port.postMessage({ type: "forget" });
    }

    /** Loudness of the reply, right now. */
    get replyLoudness() {
        if (!this.meter) return 0;
        this.window ??= new Float32Array(this.meter.fftSize);
        this.meter.getFloatTimeDomainData(this.window);
        return Math.sqrt(this.window.reduce((sum, sample) => sum + sample * sample, 0) / this.window.length);
    }

    // MARK: the microphone

    get hasMicrophone() {
        return this.stream?.getAudioTracks().some((track) => track.readyState === "live") ?? false;
    }

    /** Asks for the microphone, once; throws what the browser says where it is not given. */
    async openMicrophone() {
        if (this.hasMicrophone) return;
        this.opening ??= this.startMicrophone();
        try {
            await this.opening;
        } finally {
            this.opening = null;
        }
    }

    async startMicrophone() {
        if (!navigator.mediaDevices) throw new DOMException("", "SecurityError");
        this.closeMicrophone();
        this.stream = await navigator.mediaDevices.getUserMedia({
            audio: { channelCount: 1, echoCancellation: true, noiseSuppression: true, autoGainControl: true },
        });
        // Comes when it is unplugged or taken back, not when `closeMicrophone` stops it.
        for (const track of this.stream.getAudioTracks()) track.onended = () => this.on.unplugged();
        const [context, source] = this.sourceOf(this.stream);
        await context.audioWorklet.addModule("/assets/capture-worklet.js");
        const capture = new AudioWorkletNode(context, "vaani-capture", { channelCount: 1, channelCountMode: "explicit" });
        capture.port.onmessage = ({ data }) => this.on.frame(data);
        // Its output is silent; browsers run only what leads to the loudspeaker.
        source.connect(capture).connect(context.destination);
        this.capture = { context, source, node: capture };
    }

    /** Some browsers connect a microphone only to a context of its own rate; the worklet then resamples. */
    sourceOf(stream) {
        try {
            return [this.context, this.context.createMediaStreamSource(stream)];
        } catch {
            const context = new AudioContext({ latencyHint: "interactive" });
            return [context, context.createMediaStreamSource(stream)];
        }
    }

    /** Gives the microphone back; the browser's sign that it is open goes out. */
    closeMicrophone() {
        for (const track of this.stream?.getTracks() ?? []) track.stop();
        this.stream = null;
        if (!this.capture) return;
        const { context, source, node } = this.capture;
        this.capture = null;
        source.disconnect();
        node.disconnect();
        if (context !== this.context) context.close();
    }

    /** A muted microphone gives silence, and says so to the system. */
    set isMuted(isMuted) {
        for (const track of this.stream?.getAudioTracks() ?? []) track.enabled = !isMuted;
        this.stayAwake(!isMuted);
    }

    /** A phone that dims its screen takes the microphone away from pages. */
    async stayAwake(isAwake) {
        const lock = await this.lock;
        this.lock = null;
        lock?.release();
        // Refused to a page that is not looked at, or on a low battery.
        if (isAwake) this.lock = navigator.wakeLock?.request("screen").catch(() => null);
    }
}
