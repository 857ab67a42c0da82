// What went wrong, in words, with what can be done about it.

import { has, say } from "./words.js";

const at = (id) => document.getElementById(id);

export class Notices {
    /** `retry()` is called when the user asks to connect again. */
    constructor(retry) {
        at("notice-close").addEventListener("click", () => this.hide());
        at("notice-retry").addEventListener("click", () => {
            this.hide();
            retry();
        });
    }

    /**
     * Shows the page's own words for a code, such as `error.no_speech` or `close.4409`, and what the server said about
     * it beneath. For a code of a newer server there is only that.
     */
    show(code, { detail = "", canRetry = false } = {}) {
        this.code = code;
        this.detail = detail;
        at("notice").hidden = false;
        at("notice-retry").hidden = !canRetry;
        this.write();
    }

    /** Also after the language of the page has changed. */
    write() {
        if (!this.code) return;
        const isKnown = has(this.code);
        setText(at("notice-text"), isKnown ? say(this.code) : this.detail || say("error.internal"));
        setText(at("notice-detail"), isKnown ? this.detail : "");
    }

    hide() {
        this.code = null;
        at("notice").hidden = true;
        setText(at("notice-text"), "");
        setText(at("notice-detail"), "");
    }
}

/** A live region speaks whenever its text is set, be it the same. */
export function setText(element, text) {
    if (element.textContent !== text) element.textContent = text;
}
