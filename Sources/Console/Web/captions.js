// What was said, in the language it was said in.

import { say } from "./words.js";

const MAX_LINES = 200;

export class Captions {
    constructor() {
        this.list = document.getElementById("captions");
        this.scroll = document.getElementById("captions-scroll");
        this.spoken = document.getElementById("spoken");
        this.lines = new Map();
    }

    /** Adds to a line, or settles it; `name` is who speaks, `language` theirs. */
    take({ role, item_id: id, previous_item_id: previous, delta, text, final }, name, language) {
        const wasAtEnd = this.isAtEnd;
        const line = this.line(id, role, name, language, previous);
        line.words.textContent = final ? text : line.words.textContent + delta;
        line.words.lang = scriptLanguage(line.words.textContent, language);
        if (wasAtEnd) this.follow();
    }

    has(id) {
        return this.lines.has(id);
    }

    /** Marks a line that was not heard to its end. */
    cut(id) {
        const line = this.lines.get(id);
        if (!line || line.isCut) return;
        line.isCut = true;
        const wasAtEnd = this.isAtEnd;
        const mark = document.createElement("em");
        mark.className = "cut";
        mark.dataset.text = "cut";
        mark.textContent = say("cut");
        line.element.append(mark);
        if (wasAtEnd) this.follow();
    }

    /** What the user said is known later than what it is answered with: `previous` says where it belongs. */
    line(id, role, name, language, previous) {
        const known = this.lines.get(id);
        if (known) return known;
        document.getElementById("captions-empty").hidden = true;
        const element = document.createElement("li");
        element.className = role;
        const speaker = document.createElement("span");
        speaker.className = "speaker";
        speaker.textContent = name ?? say("you");
        if (!name) speaker.dataset.text = "you";
        const words = document.createElement("p");
        words.lang = language;
        element.append(speaker, words);
        const before = this.lines.get(previous);
        if (before) before.element.after(element);
        else this.list.append(element);
        const line = { element, words, isCut: false };
        this.lines.set(id, line);
        this.trim();
        return line;
    }

    trim() {
        if (this.lines.size <= MAX_LINES) return;
        const [id, line] = this.lines.entries().next().value;
        line.element.remove();
        this.lines.delete(id);
    }

    follow() {
        this.scroll.scrollTop = this.scroll.scrollHeight;
    }

    /** Whoever reads what was said before is left in peace. */
    get isAtEnd() {
        return this.scroll.scrollHeight - this.scroll.scrollTop - this.scroll.clientHeight < 48;
    }

    /**
     * Tells a screen reader what was understood of the user. It is not told what the persona says: that is heard
     * already, and a second voice would talk over it and into the microphone.
     */
    announce(id) {
        const { words } = this.lines.get(id);
        this.spoken.lang = words.lang;
        this.spoken.textContent = `${say("you")}: ${words.textContent}`;
    }
}

/** The script tells more than the persona's language: users mix both. */
function scriptLanguage(text, language) {
    if (/[\u0900-\u097F]/.test(text)) return "hi";
    return /[A-Za-z]/.test(text) ? "en" : language;
}
