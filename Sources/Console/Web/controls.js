// The talk button, the keys, the words that are typed, and the two ways of talking.

import { browserMemory } from "./storage.js";

const MODE = "vaani.mode";
const at = (id) => document.getElementById(id);

export class Controls {
    /** `on.changed()` comes when there is something new to show, `on.failed(error)` where no microphone opens. */
    constructor(talk, on) {
        this.talk = talk;
        this.on = on;
        this.isPressed = false;
        this.listenToButton(at("talk"));
        this.listenToKeys();
        this.listenToModes();
        at("interrupt").addEventListener("click", () => talk.interrupt());
        at("write").addEventListener("submit", (event) => this.type(event));
        window.addEventListener("blur", () => this.release());
    }

    get isHandsFree() {
        return document.querySelector("input[name=mode]:checked").value === "free";
    }

    enable(isEnabled) {
        for (const id of ["talk", "words", "send"]) at(id).disabled = !isEnabled;
    }

    // MARK: talking

    async openMicrophone() {
        try {
            await this.talk.speak();
        } catch (error) {
            this.isPressed = false;
            this.on.failed(error);
        }
    }

    press() {
        if (at("talk").disabled || this.isPressed) return;
        this.isPressed = true;
        if (this.isHandsFree) return this.toggle();
        this.talk.interrupt();
        this.openMicrophone();
    }

    release() {
        if (!this.isPressed) return;
        this.isPressed = false;
        if (!this.isHandsFree) this.talk.hush();
    }

    toggle() {
        if (this.talk.isLive) this.talk.hush();
        else this.openMicrophone();
    }

    type(event) {
        event.preventDefault();
        const text = at("words").value.trim();
        if (text && this.talk.type(text)) at("words").value = "";
    }

    // MARK: hands

    listenToButton(button) {
        button.addEventListener("pointerdown", (event) => {
            if (event.button !== 0) return;
            button.setPointerCapture(event.pointerId);
            this.press();
        });
        for (const type of ["pointerup", "pointercancel", "lostpointercapture"]) {
            button.addEventListener(type, () => this.release());
        }
        button.addEventListener("contextmenu", (event) => event.preventDefault());
        // A screen reader's click comes alone: there it opens and closes the microphone.
        button.addEventListener("click", (event) => {
            if (event.detail === 0) this.toggle();
        });
    }

    listenToModes() {
        const known = document.querySelector(`input[name=mode][value="${browserMemory.get(MODE) === "free" ? "free" : "hold"}"]`);
        known.checked = true;
        for (const input of document.querySelectorAll("input[name=mode]")) {
            input.addEventListener("change", () => {
                browserMemory.set(MODE, input.value);
                this.talk.hush();
                this.on.changed();
            });
        }
    }

    // MARK: keys

    listenToKeys() {
        document.addEventListener("keydown", (event) => this.keyDown(event));
        document.addEventListener("keyup", (event) => {
            if (event.key !== " ") return;
            if (this.isPressed) event.preventDefault();
            this.release();
        });
    }

    keyDown(event) {
        if (event.altKey || event.ctrlKey || event.metaKey) return;
        if (event.key === " " && !takesSpace(event.target) && document.body.dataset.who === "somebody") {
            event.preventDefault();
            if (!event.repeat) this.press();
        }
        // Where nothing is to be stopped, Escape leaves the text field, so that the space bar talks again.
        if (event.key === "Escape" && !this.talk.interrupt() && event.target === at("words")) at("talk").focus();
    }
}

/** Whether the space bar means something else where the focus is. */
function takesSpace(element) {
    if (element === at("talk")) return false;
    if (element.matches("input[type=radio]")) return !element.checked;
    return element.matches("input, button, textarea, select, summary, a[href]");
}
