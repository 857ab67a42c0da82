// Before anybody is chosen: who is there, or why nobody is, and the token where one is asked for.

import { forgetToken, keepToken, token } from "./credentials.js";
import { loadPersonas } from "./personas.js";
import { say } from "./words.js";

const at = (id) => document.getElementById(id);
const TITLES = { loading: "whoTitle", open: "whoTitle", token: "tokenTitle", empty: "emptyTitle", down: "downTitle" };
const LEADS = { loading: "whoLead", open: "whoLead", token: "tokenLead", empty: "emptyLead", down: "downLead" };

export class Door {
    /** `on.opened()` comes when the people are known, `on.asks(wasWrong)` when a token is needed. */
    constructor(people, on) {
        this.people = people;
        this.on = on;
        at("people-again").addEventListener("click", () => this.load());
        at("token-form").addEventListener("submit", (event) => this.takeToken(event));
    }

    async load() {
        this.show("loading");
        try {
            this.welcome(await loadPersonas());
        } catch ({ status }) {
            if (status === 401 || status === 403) this.askForToken();
            else this.show("down");
        }
    }

    welcome(personas) {
        if (String(personas.map(({ id }) => id)) !== String(this.people.ids)) this.people.show(personas);
        this.show(personas.length > 0 ? "open" : "empty");
        if (personas.length > 0) this.on.opened();
    }

    askForToken() {
        const wasWrong = Boolean(token());
        forgetToken();
        this.show("token");
        this.on.asks(wasWrong);
    }

    takeToken(event) {
        event.preventDefault();
        const isToken = keepToken(at("token").value);
        at("token").value = "";
        if (isToken) this.load();
        else this.on.asks(true);
    }

    show(state) {
        document.body.dataset.door = state;
        at("personas").setAttribute("aria-busy", String(state === "loading"));
        at("token-form").hidden = state !== "token";
        at("people-again").hidden = state !== "empty" && state !== "down";
        at("people-title").dataset.text = TITLES[state];
        at("people-lead").dataset.text = LEADS[state];
        for (const id of ["people-title", "people-lead"]) at(id).textContent = say(at(id).dataset.text);
    }

    /**
     * A browser does not say why a WebSocket was refused; plain requests find out. Gives the reasons of a server that
     * takes nobody at present.
     */
    async reasonOfRefusal() {
        const ready = await fetch("/readyz").catch(() => null);
        if (ready?.status === 503) return (await ready.json()).reasons.join("; ");
        const { status } = await loadPersonas().catch((error) => error);
        if (status === 401 || status === 403) this.askForToken();
        return "";
    }
}
