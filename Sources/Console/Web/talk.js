// A conversation: what the user does and what the gateway says become sound, captions and figures.

import { Captions } from "./captions.js";
import { Connection } from "./connection.js";
import { LatencyPlot } from "./latency.js";
import { RATE } from "./pcm.js";
import { Replies } from "./replies.js";
import { Sound } from "./sound.js";
import { Turns } from "./turns.js";

// Sent as fast as it goes when the user lets go of the button: the model hears the silence that ends a turn at once,
// and the user need not wait for it.
const CLOSING_SILENCE_S = 1.8;

export class Talk {
    /**
     * `view` shows things: `agent(state, isBusy)`, `link(state, detail)`, `persona(card)`, `problem(news)`, `microphone(isLive)`.
     */
    constructor(view) {
        this.view = view;
        this.sound = new Sound({
            played: (report) => this.replies.told(report),
            frame: (frame) => this.frameHeard(frame),
            silent: () => this.view.problem({ code: "no_sound" }),
            unplugged: () => this.unplugged(),
        });
        this.connection = new Connection({
            link: (state, detail) => this.linkChanged(state, detail),
            message: (message) => this[`on_${message.type}`]?.(message),
            audio: (frame) => this.replies.takeFrame(frame),
            began: (welcome) => this.began(welcome),
            heard: () => this.replies.lastHeard,
        });
        this.replies = new Replies(this.sound, {
            played: (message) => this.connection.send(message),
            sounds: (reply) => this.replySounds(reply),
            cut: (itemId) => this.captions.cut(itemId),
            changed: () => this.show(),
        });
        this.captions = new Captions();
        this.plot = new LatencyPlot();
        this.turns = new Turns();
        this.wanted = null;
        this.card = null;
        this.agent = "off";
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
        this.replies.giveUp();
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
        this.replies.tellHeard();
        if (!this.connection.send({ type: "text", text })) return false;
        this.replies.giveUp();
        this.sound.wake().catch(() => this.view.problem({ code: "sound_failed" }));
        this.turns.finished(performance.now());
        this.typed += 1;
        this.captions.take({ role: "user", item_id: `typed-${this.typed}`, text, final: true }, null, "en");
        return true;
    }

    /** Stops whatever is being said, at once; tells whether there was anything to stop. */
    interrupt() {
        if (!this.isBusy) return false;
        this.replies.tellHeard();
        this.replies.giveUp();
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
        return this.replies.current !== null || this.agent === "speaking" || this.agent === "thinking";
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

    replySounds({ id }) {
        const parts = this.turns.sounded(id, performance.now() + this.sound.outputDelayMs);
        if (parts) this.plot.draw(this.turns);
    }

    // MARK: what the gateway says

    /** A connection is there; `welcome` says what became of a conversation that was lost. */
    began(welcome) {
        const isBack = welcome?.resumed === "resumed";
        this.replies.lineBack(isBack);
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
        this.replies.begin(start);
        this.turns.answered(start.response_id, performance.now());
        this.show();
    }

    on_audio_delta(delta) {
        this.replies.takeDelta(delta);
    }

    on_audio_end(end) {
        this.replies.end(end);
        this.show();
    }

    on_pause(pause) {
        this.replies.hold(pause);
        this.show();
    }

    on_resume_audio() {
        this.replies.goOn();
    }

    on_clear({ generation }) {
        this.replies.clear(generation);
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
        const { current } = this.replies;
        const itemId = current?.id === id ? current.itemId : null;
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
        this.replies.lineLost();
        this.hush();
        this.turns.forget();
        if (state === "waiting") this.wantsToSpeak = wasSpeaking;
        else {
            this.replies.lineBack(false);
            this.sound.closeMicrophone();
        }
        this.setAgent(state === "waiting" ? "connecting" : "off");
    }

    setAgent(agent) {
        this.agent = agent;
        this.show();
    }

    /** What is heard outranks what the gateway has sent already. */
    show() {
        const isHeard = this.replies.current?.isHeard && this.agent !== "listening" && this.agent !== "switching";
        const isIdle = this.agent === "idle";
        const isOpen = isIdle && this.isLive;
        this.view.agent(this.replies.isHeld ? "listening" : isHeard ? "speaking" : isOpen ? "open" : this.agent, this.isBusy);
    }
}
