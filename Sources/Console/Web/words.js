// The words of the page, in the language that the user chose.

import { english } from "./english.js";
import { hindi } from "./hindi.js";

const tongues = { en: english, hi: hindi };
let tongue = "en";

/** A sentence of the chosen language; `{name}` is replaced by the value of that name. */
export function say(key, values = {}) {
    return tongues[tongue][key].replace(/\{(\w+)\}/g, (_, name) => values[name]);
}

/** Whether there are words of that name. */
export function has(key) {
    return Object.hasOwn(english, key);
}

/** The language in force. */
export function currentTongue() {
    return tongue;
}

/** Changes the language and writes all fixed words of the page anew. */
export function speak(name) {
    tongue = Object.hasOwn(tongues, name) ? name : "en";
    document.documentElement.lang = tongue;
    for (const element of document.querySelectorAll("[data-text]")) element.textContent = say(element.dataset.text);
    for (const element of document.querySelectorAll("[data-placeholder]")) {
        element.placeholder = say(element.dataset.placeholder);
    }
}
