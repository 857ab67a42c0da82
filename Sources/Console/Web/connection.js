// One WebSocket to the gateway, opened again where that can help.

import { subprotocols, user } from "./credentials.js";

const RETRIABLE = new Set([1001, 1006, 1011, 1012, 1013]);
const MAX_ATTEMPTS = 5;
const PING_MS = 10000;
// What waits in the browser beyond this is microphone audio too old to be worth sending: about 5 s.
const MAX_BACKLOG_BYTES = 320000;

export class Connection {
    /**
     * `on.link(state, detail)` hears `connecting`, `open`, `trip`, `waiting` and `closed`; `on.message(message)` every
     * event of the gateway; `on.opened()` comes when words can be sent.
     */
    constructor(on) {
        this.on = on;
        this.attempts = 0;
    }

    get isOpen() {
        return this.socket?.readyState === WebSocket.OPEN;
    }

    /** Connects, unless it is connected or about to be. */
    open() {
        if (this.socket && this.socket.readyState <= WebSocket.OPEN) return;
        clearTimeout(this.retry);
        this.on.link("connecting", {});
        const scheme = location.protocol === "https:" ? "wss:" : "ws:";
        const socket = new WebSocket(`${scheme}//${location.host}/ws/${encodeURIComponent(user())}`, subprotocols());
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

    /** Sends live audio; on a line that is too slow it is left out rather than late. */
    sendLive(message) {
        return this.isOpen && this.socket.bufferedAmount < MAX_BACKLOG_BYTES && this.send(message);
    }

    /** Starts over, as after a close that is not tried again. */
    again() {
        this.attempts = 0;
        this.open();
    }

    /** Does not try again. */
    stop() {
        clearTimeout(this.retry);
        this.attempts = MAX_ATTEMPTS;
    }

    opened() {
        this.wasOpen = true;
        this.on.link("open", {});
        this.send({ type: "hello", v: "1.0", features: [], audio: { in: { codec: "pcm16", rate: 24000, channels: 1 } }, device: "talk page" });
        this.on.opened();
        this.ping = setInterval(() => this.send({ type: "ping", t: performance.now() }), PING_MS);
        this.send({ type: "ping", t: performance.now() });
    }

    received(data) {
        if (typeof data !== "string") return;
        const message = JSON.parse(data);
        if (message.type === "welcome") this.attempts = 0;
        if (message.type !== "pong") this.on.message(message);
        else if (typeof message.t === "number") this.on.link("trip", { ms: Math.round(performance.now() - message.t) });
    }

    closed(socket, code) {
        clearInterval(this.ping);
        if (socket !== this.socket) return;
        if (!RETRIABLE.has(code) || this.attempts >= MAX_ATTEMPTS) {
            this.on.link("closed", { code, wasOpen: this.wasOpen });
            return;
        }
        // Half to all of 0.5, 1, 2, 4, 8 s: many pages that lost one server do not come back as one.
        const delay = 500 * 2 ** this.attempts * (0.5 + Math.random() / 2);
        this.attempts += 1;
        this.on.link("waiting", { ms: delay, wasOpen: this.wasOpen });
        this.retry = setTimeout(() => this.open(), delay);
    }
}
