// Whom one can talk with, as a group of radio buttons.

import { headers } from "./credentials.js";

const SEARCH_FROM = 12;
// Arrow keys pass over those in between: they need not be called.
const SETTLE_MS = 250;

/** Everybody who is there; throws the status where the list is refused. */
export async function loadPersonas() {
    const reply = await fetch("/api/personas", { headers: headers() });
    if (!reply.ok) throw Object.assign(new Error("personas"), { status: reply.status });
    return (await reply.json()).items;
}

export class PersonaList {
    /** `choose(persona)` is called when the user picks somebody. */
    constructor(choose) {
        this.group = document.getElementById("personas");
        this.search = document.getElementById("search");
        this.choose = choose;
        this.group.addEventListener("pointerdown", () => (this.isByKey = false));
        this.group.addEventListener("keydown", () => (this.isByKey = true));
        this.group.addEventListener("change", ({ target }) => this.changed(target.value));
        this.search.addEventListener("input", () => this.filter());
        this.personas = [];
    }

    changed(id) {
        clearTimeout(this.settling);
        this.settling = setTimeout(() => this.choose(this.byId(id)), this.isByKey ? SETTLE_MS : 0);
    }

    show(personas) {
        this.personas = personas.map((persona, index) => ({ ...persona, hue: hueOf(index) }));
        this.group.replaceChildren(...this.personas.map(card));
        document.getElementById("search-field").hidden = personas.length < SEARCH_FROM;
    }

    get ids() {
        return this.personas.map(({ id }) => id);
    }

    byId(id) {
        return this.personas.find((persona) => persona.id === id);
    }

    /** Shows who is chosen, without choosing; nobody where `id` is null. */
    mark(id) {
        for (const input of this.group.querySelectorAll("input")) input.checked = input.value === id;
        this.group.querySelector(":checked")?.closest("label").scrollIntoView({ block: "nearest", inline: "center" });
    }

    /** Says of one card that it is being connected. */
    setBusy(id) {
        for (const element of this.group.children) element.classList.toggle("busy", element.dataset.id === id);
    }

    filter() {
        const wanted = this.search.value.trim().toLowerCase();
        for (const element of this.group.children) {
            element.hidden = !element.textContent.toLowerCase().includes(wanted);
        }
    }
}

function card(persona) {
    const element = document.createElement("label");
    element.className = "card";
    element.dataset.id = persona.id;
    element.style.setProperty("--hue", persona.hue);
    const input = Object.assign(document.createElement("input"), { type: "radio", name: "persona", value: persona.id });
    const about = document.createElement("span");
    about.className = "about";
    about.append(part("name", persona.name), part("field", `${persona.field} · ${persona.language}`), description(persona));
    element.append(input, part("face", initials(persona.name), true), about);
    return element;
}

function part(name, text, isHidden = false) {
    const element = document.createElement("span");
    element.className = name;
    element.textContent = text;
    if (isHidden) element.setAttribute("aria-hidden", "true");
    return element;
}

function description(persona) {
    const element = part("description", persona.description ?? "");
    element.lang = persona.language_tag;
    return element;
}

/** Up to two letters; Devanagari letters keep their vowel signs. */
export function initials(name) {
    const letters = new Intl.Segmenter().segment.bind(new Intl.Segmenter());
    return name.split(/\s+/).slice(0, 2).map((word) => [...letters(word)][0]?.segment ?? "").join("");
}

/** Neighbours in the list get colours far apart. */
function hueOf(index) {
    return Math.round((350 + index * 137.5) % 360);
}
