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
    take({ role, item_id: id, delta, text, final }, name, language) {
        const line = this.line(id, role, name, language);
        line.words.textContent = final ? text : line.words.textContent + delta;
        line.words.lang = scriptLanguage(line.words.textContent, language);
        // A screen reader is told whole sentences only.
        if (final) this.announce(line, name);
        this.follow();
    }

    has(id) {
        return this.lines.has(id);
    }

    /** Marks a line that was not heard to its end. */
    cut(id) {
        const line = this.lines.get(id);
        if (!line || line.isCut) return;
        line.isCut = true;
        const mark = document.createElement("em");
        mark.className = "cut";
        mark.dataset.text = "cut";
        mark.textContent = say("cut");
        line.element.append(mark);
    }

    line(id, role, name, language) {
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
        this.list.append(element);
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

    announce(line, name) {
        this.spoken.lang = line.words.lang;
        this.spoken.textContent = `${name ?? say("you")}: ${line.words.textContent}`;
    }

    follow() {
        this.scroll.scrollTop = this.scroll.scrollHeight;
    }
}

/** The script tells more than the persona's language: users mix both. */
function scriptLanguage(text, language) {
    if (/[\u0900-\u097F]/.test(text)) return "hi";
    return /[A-Za-z]/.test(text) ? "en" : language;
}
