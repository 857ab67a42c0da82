// A conversation: what the user does and what the gateway says become sound, captions and figures.

import { Captions } from "./captions.js";
import { Connection } from "./connection.js";
import { LatencyPlot } from "./latency.js";
import { RATE, decode, encode } from "./pcm.js";
import { Sound } from "./sound.js";
import { Turns } from "./turns.js";

// Sent as fast as it goes when the user lets go of the button: the model hears the silence that ends a turn at once,
// and the user need not wait for it.
const CLOSING_SILENCE_S = 1.8;

export class Talk {
    /**
     * `view` shows things: `agent(state)`, `link(state, detail)`, `persona(card)`, `switchFailed()`, `problem(message)`,
     * `microphone(isLive)`.
     */
    constructor(view) {
        this.view = view;
        this.sound = new Sound({ played: (report) => this.playbackTold(report), frame: (frame) => this.frameHeard(frame) });
        this.connection = new Connection({
            link: (state, detail) => this.linkChanged(state, detail),
            message: (message) => this[`on_${message.type}`]?.(message),
            opened: () => this.configure(),
        });
        this.captions = new Captions();
        this.plot = new LatencyPlot();
        this.turns = new Turns();
        this.wanted = null;
        this.card = null;
        this.agent = "off";
        this.reply = null;
        this.isLive = false;
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
        this.sendAudio(new Int16Array(RATE * CLOSING_SILENCE_S));
    }

    type(text) {
        if (!this.connection.send({ type: "text", text })) return false;
        this.silence();
        this.turns.finished(performance.now());
        this.typed += 1;
        this.captions.take({ role: "user", item_id: `typed-${this.typed}`, text, final: true }, null, "en");
        return true;
    }

    /** Stops whatever is being said, at once; tells whether there was anything to stop. */
    interrupt() {
        if (!this.isBusy) return false;
        this.silence();
        this.turns.forget();
        this.connection.send({ type: "cancel" });
        this.agent = "idle";
        this.show();
        return true;
    }

    get isBusy() {
        return this.reply !== null || this.agent === "speaking" || this.agent === "thinking";
    }

    /** Drops the rest of the reply here, without waiting for the gateway. */
    silence() {
        if (!this.reply) return;
        this.reply.isOver = true;
        this.sound.clear(0, this.reply.id);
        this.captions.cut(this.reply.itemId);
        this.reply = null;
    }

    retry() {
        this.connection.again();
    }

    giveUp() {
        this.connection.stop();
    }

    // MARK: sound

    frameHeard({ samples, loudness }) {
        if (!this.isLive) return;
        this.voiceLoudness = loudness;
        this.turns.heard(loudness, performance.now());
        this.sendAudio(samples);
    }

    sendAudio(samples) {
        this.connection.sendLive({ type: "audio_chunk", audio: encode(samples) });
    }

    playbackTold({ type, responseId, ms, bufferedMs }) {
        if (type === "began") this.replySounds(responseId);
        const isFinal = type === "finished" || type === "cleared";
        if (type === "cleared" && !this.connection.isOpen) return;
        const heardMs = type === "finished" ? ms : Math.max(0, ms - this.sound.outputDelayMs);
        const itemId = this.reply?.id === responseId ? this.reply.itemId : undefined;
        if (type === "finished" || this.reply?.id === responseId) {
            this.connection.send({ type: "played", response_id: responseId, item_id: itemId, ms: heardMs, buffered_ms: bufferedMs });
        }
        if (isFinal && this.reply?.id === responseId) this.reply = null;
        if (isFinal || type === "began") this.show();
    }

    replySounds(responseId) {
        const parts = this.turns.sounded(responseId, performance.now() + this.sound.outputDelayMs);
        if (this.reply?.id === responseId) this.reply.isHeard = true;
        if (parts) this.plot.draw(this.turns);
    }

    // MARK: what the gateway says

    configure() {
        if (!this.wanted) return;
        this.switches += 1;
        this.connection.send({ type: "config", persona_id: this.wanted.id, switch_id: `s${this.switches}` });
    }

    on_config_ack({ persona, switch_id: switchId }) {
        if (switchId && switchId !== `s${this.switches}`) return;
        this.card = persona;
        this.setAgent("idle");
        this.view.persona(persona);
    }

    on_state({ agent }) {
        const wasListening = this.agent === "listening";
        if (agent === "thinking" && wasListening) this.turns.noticed(performance.now());
        this.setAgent(agent);
    }

    on_audio_start({ response_id: id, item_id: itemId, generation }) {
        this.reply = { id, itemId, generation, isHeard: false };
        this.turns.answered(id, performance.now());
        this.show();
    }

    on_audio_delta({ response_id: id, generation, audio }) {
        this.sound.play(id, generation ?? 0, decode(audio));
    }

    on_audio_end({ response_id: id, total_ms: totalMs, reason }) {
        this.sound.end(id);
        if (reason !== "done" && this.reply?.id === id) this.captions.cut(this.reply.itemId);
        if (totalMs === 0 && this.reply?.id === id) this.reply = null;
        this.show();
    }

    on_clear({ generation }) {
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
    }

    /** The same words as the transcript's; shown where no transcript came. */
    on_text_response({ text, response_id: id }) {
        const itemId = this.reply?.id === id ? this.reply.itemId : null;
        if (itemId && !this.captions.has(itemId)) {
            this.on_transcript({ role: "assistant", item_id: itemId, text, final: true });
        }
    }

    on_warning({ message }) {
        this.view.problem(message);
    }

    on_error({ code, message, fatal }) {
        const isAboutPersona = code.startsWith("persona_") || code === "switch_failed";
        if (isAboutPersona) this.switchFailed();
        else if (!fatal && this.agent === "thinking") this.setAgent("idle");
        this.turns.forget();
        this.view.problem(message);
    }

    on_goaway({ reason }) {
        this.view.problem(reason);
    }

    switchFailed() {
        this.wanted = this.card;
        this.setAgent(this.card ? "idle" : "off");
        this.view.persona(this.card);
    }

    // MARK: what is shown

    linkChanged(state, detail) {
        if (state === "waiting" || state === "closed") this.lost(state);
        this.view.link(state, detail);
    }

    lost(state) {
        this.silence();
        this.hush();
        this.turns.forget();
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
        this.view.agent(isHeard ? "speaking" : isIdle && this.isLive ? "open" : this.agent, this.isBusy);
    }
}
