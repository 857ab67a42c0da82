// Who this tab is. Kept for the tab alone; a token never stays in the address.

const USER = "vaani.user";
const TOKEN = "vaani.token";

/** Takes a token from `#token=…` and removes it from the address. */
export function takeTokenFromAddress() {
    const token = new URLSearchParams(location.hash.slice(1)).get("token");
    if (!token) return;
    keepToken(token);
    history.replaceState(null, "", location.pathname + location.search);
}

export function keepToken(token) {
    sessionStorage.setItem(TOKEN, token.trim());
}

export function forgetToken() {
    sessionStorage.removeItem(TOKEN);
}

export function token() {
    return sessionStorage.getItem(TOKEN);
}

/** A token is for one user, named in it; without one the tab has a name of its own. */
export function user() {
    const subject = subjectOf(token());
    if (subject) return subject;
    const known = sessionStorage.getItem(USER);
    if (known) return known;
    const bytes = crypto.getRandomValues(new Uint8Array(8));
    const name = "web-" + Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
    sessionStorage.setItem(USER, name);
    return name;
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
