// One WebSocket to the gateway, opened again where that can help.

import { subprotocols, user } from "./credentials.js";
import { MicrophoneFrames, readFrame } from "./frames.js";
import { RATE, encode } from "./pcm.js";

const RETRIABLE = new Set([1001, 1006, 1011, 1012, 1013]);
const MAX_ATTEMPTS = 6;
const PING_MS = 10000;
// What waits in the browser beyond this is microphone audio too old to be worth sending: about 5 s.
const MAX_BACKLOG_BYTES = 240000;

const HELLO = {
    type: "hello",
    v: "1.0",
    features: ["binary", "pause"],
    audio: {
        in: { codec: "pcm16", rate: RATE, channels: 1 },
        out: [{ codec: "pcm16", rate: RATE, channels: 1, frame_ms: 40 }],
    },
    device: "talk page",
};

export class Connection {
    /**
     * `on.link(state, detail)` hears `connecting`, `open`, `trip`, `waiting` and `closed`; `on.message(message)` every
     * event of the gateway, `on.audio(frame)` its binary frames. `on.began(welcome)` comes when words can be sent, with
     * what the gateway said where an earlier conversation was to go on; `on.heard()` is asked what was played of it.
     */
    constructor(on) {
        this.on = on;
        this.attempts = 0;
        this.isBinary = false;
        this.resumeToken = null;
        this.lastSequence = 0;
        window.addEventListener("online", () => {
            if (this.countdown) this.open();
        });
        // Otherwise the gateway would wait for this tab for a minute.
        window.addEventListener("pagehide", () => this.send({ type: "bye" }));
    }

    get isOpen() {
        return this.socket?.readyState === WebSocket.OPEN;
    }

    /** Connects, unless it is connected or about to be. */
    open() {
        if (this.socket && this.socket.readyState <= WebSocket.OPEN) return;
        this.stopWaiting();
        this.on.link("connecting", {});
        const scheme = location.protocol === "https:" ? "wss:" : "ws:";
        const socket = new WebSocket(`${scheme}//${location.host}/ws/${encodeURIComponent(user())}`, subprotocols());
        socket.binaryType = "arraybuffer";
        this.socket = socket;
        this.wasOpen = false;
        socket.onopen = () => this.opened();
        socket.onmessage = ({ data }) => this.received(data);
        socket.onclose = ({ code }) => this.closed(socket, code);
    }

    /** Sends a message, if there is a connection; tells whether it went out. */
    send(message) {
        if (!this.isOpen) return false;
        this.socket.send(JSON.stringify(message));
        return true;
    }

    /** Sends Int16 samples of the microphone; on a line that is too slow they are left out rather than late. */
    sendAudio(samples) {
        if (!this.isOpen || this.socket.bufferedAmount > MAX_BACKLOG_BYTES) return;
        if (this.isBinary) this.socket.send(this.frames.wrap(samples));
        else this.send({ type: "audio_chunk", audio: encode(samples) });
    }

    /** Starts over, as after a close that is not tried again. */
    again() {
        this.attempts = 0;
        this.open();
    }

    /** Hangs up and does not try again; somebody else may talk next. */
    stop() {
        this.stopWaiting();
        clearInterval(this.ping);
        this.send({ type: "bye" });
        this.socket?.close(1000);
        this.socket = null;
        this.resumeToken = null;
    }

    opened() {
        this.wasOpen = true;
        this.isBinary = false;
        this.frames = new MicrophoneFrames();
        this.on.link("open", {});
        const aec = navigator.mediaDevices?.getSupportedConstraints().echoCancellation !== false;
        this.send({ ...HELLO, aec, resume: this.resume });
        this.isResuming = this.resumeToken !== null;
        if (!this.isResuming) this.begin(null);
        this.ping = setInterval(() => this.send({ type: "ping", t: performance.now() }), PING_MS);
        this.send({ type: "ping", t: performance.now() });
    }

    /** What finds the conversation again whose connection was lost. */
    get resume() {
        if (!this.resumeToken) return undefined;
        return { token: this.resumeToken, last_seq: this.lastSequence, played: this.on.heard() ?? undefined };
    }

    begin(welcome) {
        this.lastSequence = welcome?.seq ?? 0;
        this.on.began(welcome);
    }

    received(data) {
        if (typeof data !== "string") return this.receivedFrame(readFrame(data));
        const message = JSON.parse(data);
        this.lastSequence = Math.max(this.lastSequence, message.seq ?? 0);
        if (message.type === "session") this.resumeToken = message.resume_token ?? null;
        if (message.code === "resume_expired") this.resumeToken = null;
        if (message.type === "welcome") this.welcomed(message);
        if (message.type !== "pong") this.on.message(message);
        else if (typeof message.t === "number") this.on.link("trip", { ms: Math.round(performance.now() - message.t) });
    }

    receivedFrame(frame) {
        if (frame) this.on.audio(frame);
    }

    welcomed(message) {
        this.attempts = 0;
        this.resumeToken = message.resume_token ?? null;
        this.isBinary = message.features.includes("binary");
        if (this.isResuming) this.begin(message);
    }

    closed(socket, code) {
        if (socket !== this.socket) return;
        clearInterval(this.ping);
        if (!RETRIABLE.has(code) || this.attempts >= MAX_ATTEMPTS) {
            this.on.link("closed", { code, wasOpen: this.wasOpen });
            return;
        }
        this.attempts += 1;
        // Half to all of 0.5, 1, 2, 4, 8, 8 s: many pages that lost one server do not come back as one.
        this.wait(Math.min(8000, 250 * 2 ** this.attempts) * (0.5 + Math.random() / 2));
    }

    wait(delayMs) {
        const until = performance.now() + delayMs;
        const tell = () => {
            const ms = Math.max(0, until - performance.now());
            this.on.link("waiting", { ms, wasOpen: this.wasOpen, attempts: this.attempts });
        };
        tell();
        this.countdown = setInterval(tell, 1000);
        this.retry = setTimeout(() => this.open(), delayMs);
    }

    stopWaiting() {
        clearTimeout(this.retry);
        clearInterval(this.countdown);
        this.countdown = null;
    }
}
