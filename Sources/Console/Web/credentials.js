// Who this tab is. Kept for the tab alone; a token never stays in an address and never gets into a log.

import { tabMemory } from "./storage.js";

const USER = "vaani.user";
const TOKEN = "vaani.token";

/** Takes a token from `#token=…`, which browsers do not send, and removes it from the address. */
export function takeTokenFromAddress() {
    const token = new URLSearchParams(location.hash.slice(1)).get("token");
    if (!token) return;
    keepToken(token);
    history.replaceState(null, "", location.pathname + location.search);
}

/** False where it is no token at all: such text can be no subprotocol either. */
export function keepToken(text) {
    const isToken = /^[\w-]+(\.[\w-]+){2}$/.test(text.trim());
    if (isToken) tabMemory.set(TOKEN, text.trim());
    return isToken;
}

export function forgetToken() {
    tabMemory.remove(TOKEN);
}

export function token() {
    return tabMemory.get(TOKEN);
}

/** A token is for one user, named in it; without one the tab has a name of its own. */
export function user() {
    const subject = subjectOf(token());
    if (subject) return subject;
    const known = tabMemory.get(USER);
    if (known) return known;
    const bytes = crypto.getRandomValues(new Uint8Array(8));
    const name = "web-" + Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
    tabMemory.set(USER, name);
    return name;
}

/** Takes another name; false where the gateway would refuse it. */
export function keepUser(name) {
    const isName = /^[A-Za-z0-9._:@-]{1,128}$/.test(name);
    if (isName) tabMemory.set(USER, name);
    return isName;
}

/** What a request over HTTP carries. */
export function headers() {
    return token() ? { authorization: `Bearer ${token()}` } : {};
}

/** What a WebSocket carries: browsers can set no header there. */
export function subprotocols() {
    return token() ? ["vaani.v1", `token.${token()}`] : ["vaani.v1"];
}

function subjectOf(jwt) {
    try {
        const payload = jwt.split(".")[1].replaceAll("-", "+").replaceAll("_", "/");
        const bytes = Uint8Array.from(atob(payload), (letter) => letter.charCodeAt(0));
        return JSON.parse(new TextDecoder().decode(bytes)).sub;
    } catch {
        return null;
    }
}
