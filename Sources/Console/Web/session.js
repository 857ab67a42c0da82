// What this conversation is made of: the model that answers, and the name that the user goes by.

import { forgetToken, headers, keepUser, token, user } from "./credentials.js";
import { say } from "./words.js";

const at = (id) => document.getElementById(id);

export class SessionPanel {
    /** `renamed()` is called when the user goes by another name, or by none that a token vouches for. */
    constructor(renamed) {
        this.renamed = renamed;
        this.status = null;
        at("user-form").addEventListener("submit", (event) => this.rename(event));
        at("user").addEventListener("input", () => at("user").setCustomValidity(""));
        at("token-forget").addEventListener("click", () => {
            forgetToken();
            this.write();
            renamed();
        });
    }

    /** Asks the server which model answers. */
    async load() {
        const reply = await fetch("/api/status", { headers: headers() }).catch(() => null);
        if (reply?.ok) this.status = await reply.json();
        this.write();
    }

    write() {
        at("user").value = user();
        at("user").readOnly = Boolean(token());
        at("user-use").hidden = Boolean(token());
        at("token-forget").hidden = !token();
        at("user-hint").textContent = say(token() ? "userOfToken" : "userHint");
        if (!this.status) return;
        const { model, upstream, version } = this.status;
        const isEmbedded = upstream === "embedded";
        at("model").textContent = isEmbedded ? say("modelEmbedded") : model;
        at("model-place").textContent = isEmbedded ? model : say("modelAt", { host: upstream });
        at("version").textContent = version;
        at("session-facts").hidden = false;
    }

    rename(event) {
        event.preventDefault();
        const name = at("user").value.trim();
        if (name === user()) return;
        if (!keepUser(name)) {
            at("user").setCustomValidity(say("userWrong"));
            at("user").reportValidity();
            return;
        }
        this.write();
        this.renamed();
    }
}
