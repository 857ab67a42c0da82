// A conversation: what the user does and what the gateway says become sound, captions and figures.

import { Captions } from "./captions.js";
import { Connection } from "./connection.js";
import { LatencyPlot } from "./latency.js";
import { RATE, decode } from "./pcm.js";
import { Reply } from "./reply.js";
import { Sound } from "./sound.js";
import { Turns } from "./turns.js";

// Sent as fast as it goes when the user lets go of the button: the model hears the silence that ends a turn at once,
// and the user need not wait for it.
const CLOSING_SILENCE_S = 1.8;
// Beyond the gateway's own deadline for saying whether a reply that it paused goes on.
const PAUSE_GRACE_MS = 1000;

export class Talk {
    /**
     * `view` shows things: `agent(state, isBusy)`, `link(state, detail)`, `persona(card)`, `problem(news)`, `microphone(isLive)`.
     */
    constructor(view) {
        this.view = view;
        this.sound = new Sound({
            played: (report) => this.playbackTold(report),
            frame: (frame) => this.frameHeard(frame),
            unplugged: () => this.unplugged(),
        });
        this.connection = new Connection({
            link: (state, detail) => this.linkChanged(state, detail),
            message: (message) => this[`on_${message.type}`]?.(message),
            audio: (frame) => this.audioCame(frame),
            began: (welcome) => this.began(welcome),
            heard: () => this.lastHeard,
        });
        this.captions = new Captions();
        this.plot = new LatencyPlot();
        this.turns = new Turns();
        this.wanted = null;
        this.card = null;
        this.agent = "off";
        this.reply = null;
        this.lastHeard = null;
        this.brokenOff = null;
        this.isHeld = false;
        this.isLive = false;
        this.wantsToSpeak = false;
        this.voiceLoudness = 0;
        this.switches = 0;
        this.typed = 0;
    }

    // MARK: what the user does

    /** Talks with somebody; in mid-sentence too. */
    async choose(persona) {
        this.wanted = persona;
        this.silence();
        this.setAgent(this.connection.isOpen ? "switching" : "connecting");
        await this.sound.wake();
        if (this.connection.isOpen) this.configure();
        else this.connection.again();
    }

    /** Opens the microphone to the persona; throws where the browser does not give one. */
    async speak() {
        this.wantsToSpeak = true;
        await this.sound.wake();
        await this.sound.openMicrophone();
        if (!this.wantsToSpeak || !this.card) return;
        this.sound.isMuted = false;
        this.isLive = true;
        this.view.microphone(true);
        this.show();
    }

    /** Closes it: the user has finished. */
    hush() {
        this.wantsToSpeak = false;
        if (!this.isLive) return;
        this.isLive = false;
        this.voiceLoudness = 0;
        this.sound.isMuted = true;
        this.view.microphone(false);
        this.endTurn();
        this.show();
    }

    endTurn() {
        if (this.turns.lastVoiceAt !== null) this.turns.finished(performance.now());
        this.connection.sendAudio(new Int16Array(RATE * CLOSING_SILENCE_S));
    }

    type(text) {
        this.tellHeard();
        if (!this.connection.send({ type: "text", text })) return false;
        this.silence();
        this.sound.wake().catch(() => this.view.problem({ code: "sound_failed" }));
        this.turns.finished(performance.now());
        this.typed += 1;
        this.captions.take({ role: "user", item_id: `typed-${this.typed}`, text, final: true }, null, "en");
        return true;
    }

    /** Stops whatever is being said, at once; tells whether there was anything to stop. */
    interrupt() {
        if (!this.isBusy) return false;
        this.tellHeard();
        this.silence();
        this.turns.forget();
        this.connection.send({ type: "cancel" });
        this.agent = "idle";
        this.show();
        return true;
    }

    /** Somebody else was chosen who has not answered yet. */
    get isSwitching() {
        return this.wanted !== null && this.wanted.id !== this.card?.id;
    }

    get isBusy() {
        return this.reply !== null || this.agent === "speaking" || this.agent === "thinking";
    }

    /** Drops the rest of the reply here, without waiting for the gateway. */
    silence() {
        this.unpause();
        if (!this.reply) return;
        this.sound.clear(0, this.reply.id);
        this.captions.cut(this.reply.itemId);
        this.reply = null;
    }

    /** Comes back after a close that is not tried again by itself, or under another name. */
    retry() {
        this.connection.again();
    }

    /** Hangs up. */
    leave() {
        this.connection.stop();
        this.linkChanged("closed", { code: 1000, wasOpen: true, isWanted: true });
    }

    // MARK: sound

    frameHeard({ samples, loudness }) {
        if (!this.isLive) return;
        this.voiceLoudness = loudness;
        this.turns.heard(loudness, performance.now());
        this.connection.sendAudio(samples);
    }

    unplugged() {
        this.hush();
        this.view.problem({ code: "microphone_gone" });
    }

    playbackTold({ type, responseId, ms, bufferedMs }) {
        // Of a reply that was given up the gateway has been told already how much was heard.
        if (this.reply?.id !== responseId) return;
        this.reply.heard(ms, bufferedMs, performance.now());
        if (type === "began") this.replySounds();
        const isOver = type === "finished";
        this.report(this.reply.ms - (isOver ? 0 : this.sound.outputDelayMs), bufferedMs);
        if (isOver) this.reply = null;
        if (isOver || type === "began") this.show();
    }

    replySounds() {
        const parts = this.turns.sounded(this.reply.id, performance.now() + this.sound.outputDelayMs);
        this.reply.isHeard = true;
        if (parts) this.plot.draw(this.turns);
    }

    /** Before something that interrupts: the model is to remember what was heard, and nothing else. */
    tellHeard() {
        if (!this.reply?.isHeard) return;
        const now = this.isHeld ? this.reply.toldAt : performance.now();
        this.report(this.reply.heardMs(now) - this.sound.outputDelayMs, 0);
    }

    report(ms, bufferedMs) {
        const { id, itemId } = this.reply;
        this.lastHeard = { response_id: id, ms: Math.max(0, Math.round(ms)) };
        this.connection.send({ type: "played", ...this.lastHeard, item_id: itemId, buffered_ms: bufferedMs });
    }

    // MARK: what the gateway says

    /** A connection is there; `welcome` says what became of a conversation that was lost. */
    began(welcome) {
        const isBack = welcome?.resumed === "resumed";
        if (this.brokenOff && !isBack) this.captions.cut(this.brokenOff.itemId);
        this.brokenOff = null;
        if (isBack && welcome.persona?.id === this.wanted?.id) this.arrived(welcome.persona);
        else this.configure();
    }

    configure() {
        if (!this.wanted) return;
        this.switches += 1;
        this.connection.send({ type: "config", persona_id: this.wanted.id, switch_id: `s${this.switches}` });
    }

    on_config_ack({ persona, switch_id: switchId }) {
        if (!switchId || switchId === `s${this.switches}`) this.arrived(persona);
    }

    arrived(persona) {
        this.card = persona;
        this.setAgent("idle");
        this.view.persona(persona);
        // The line was lost in mid-sentence.
        if (this.wantsToSpeak && !this.isLive) this.speak().catch(() => this.hush());
    }

    on_state({ agent }) {
        const wasListening = this.agent === "listening";
        if (agent === "thinking" && wasListening) this.turns.noticed(performance.now());
        this.setAgent(agent);
    }

    on_audio_start(start) {
        // Somebody who was chosen in passing, or not heard to the end before.
        if (this.isSwitching) return;
        this.reply = new Reply(start);
        this.turns.answered(this.reply.id, performance.now());
        this.show();
    }

    on_audio_delta({ response_id: id, generation, audio }) {
        this.sound.play(id, generation ?? 0, decode(audio));
    }

    /** A binary frame: of the reply that was announced last, or of one that has been given up. */
    audioCame({ stream, generation, samples }) {
        if (this.reply?.stream === stream && samples.length > 0) this.sound.play(this.reply.id, generation, samples);
    }

    on_audio_end({ response_id: id, total_ms: totalMs, reason }) {
        this.sound.end(id);
        if (reason !== "done" && this.reply?.id === id) this.captions.cut(this.reply.itemId);
        if (totalMs === 0 && this.reply?.id === id) this.reply = null;
        this.show();
    }

    /** Somebody speaks over the reply: it holds its breath until it is known whether that was meant for it. */
    on_pause({ generation, deadline_ms: deadlineMs }) {
        if (!this.reply || this.reply.generation > generation) return;
        this.isHeld = true;
        this.sound.hold();
        clearTimeout(this.pauseEnd);
        this.pauseEnd = setTimeout(() => this.on_resume_audio(), deadlineMs + PAUSE_GRACE_MS);
        this.show();
    }

    on_resume_audio() {
        if (!this.isHeld) return;
        this.unpause();
        this.sound.resume();
        this.show();
    }

    unpause() {
        clearTimeout(this.pauseEnd);
        this.isHeld = false;
    }

    on_clear({ generation }) {
        this.unpause();
        this.sound.clear(generation, null);
        if (this.reply && this.reply.generation < generation) {
            this.captions.cut(this.reply.itemId);
            this.reply = null;
        }
        if (this.agent === "speaking") this.agent = "idle";
        this.show();
    }

    on_transcript(transcript) {
        const isUser = transcript.role === "user";
        this.captions.take(transcript, isUser ? null : this.card?.name, transcript.language ?? this.card?.language ?? "en");
        if (isUser && transcript.final) this.captions.announce(transcript.item_id);
    }

    /** The same words as the transcript's; shown where no transcript came. */
    on_text_response({ text, response_id: id }) {
        const itemId = this.reply?.id === id ? this.reply.itemId : null;
        if (itemId && !this.captions.has(itemId)) {
            this.on_transcript({ role: "assistant", item_id: itemId, text, final: true });
        }
    }

    on_warning({ code, message }) {
        this.view.problem({ code, message });
    }

    on_error({ code, message, fatal }) {
        const isAboutPersona = code.startsWith("persona_") || code === "switch_failed";
        if (isAboutPersona || this.isSwitching) this.switchFailed();
        else if (!fatal && this.agent === "thinking") this.setAgent("idle");
        this.turns.forget();
        this.view.problem({ code, message, isFatal: fatal });
    }

    on_goaway() {
        this.view.problem({ code: "going_away" });
    }

    switchFailed() {
        this.wanted = this.card;
        this.setAgent(this.card ? "idle" : "off");
        this.view.persona(this.card);
    }

    // MARK: what is shown

    linkChanged(state, detail) {
        if (state === "waiting" || state === "closed") this.lineLost(state);
        if (state === "connecting" && this.wanted) this.setAgent("connecting");
        this.view.link(state, detail);
    }

    lineLost(state) {
        const wasSpeaking = this.wantsToSpeak;
        this.tellHeard();
        // The rest of it may come when the connection is back.
        this.brokenOff = this.reply ?? this.brokenOff;
        this.reply = null;
        this.unpause();
        this.sound.forget();
        this.hush();
        this.turns.forget();
        if (state === "waiting") this.wantsToSpeak = wasSpeaking;
        else this.sound.closeMicrophone();
        if (state === "closed" && this.brokenOff) this.captions.cut(this.brokenOff.itemId);
        this.setAgent(state === "waiting" ? "connecting" : "off");
    }

    setAgent(agent) {
        this.agent = agent;
        this.show();
    }

    /** What is heard outranks what the gateway has sent already. */
    show() {
        const isHeard = this.reply?.isHeard && this.agent !== "listening" && this.agent !== "switching";
        const isIdle = this.agent === "idle";
        const isOpen = isIdle && this.isLive;
        this.view.agent(this.isHeld ? "listening" : isHeard ? "speaking" : isOpen ? "open" : this.agent, this.isBusy);
    }
}
