// What an operator wants to know at a glance, asked for every two seconds while somebody looks.

import { headers, keepToken, takeTokenFromAddress, token } from "./credentials.js";
import { histogram, parseMetrics, quantile, total } from "./metrics.js";

const EVERY_MS = 2000;
const [WIDTH, HEIGHT, BASE] = [480, 150, 128];
let isLooking = false;
const at = (id) => document.getElementById(id);
const element = (name, text, fields = {}) => Object.assign(document.createElement(name), { textContent: text, ...fields });

async function ask(path, options = {}) {
    const reply = await fetch(path, { headers: headers(), signal: AbortSignal.timeout(5000), ...options });
    if (!reply.ok) throw Object.assign(new Error(path), { status: reply.status });
    return reply;
}

async function look() {
    if (document.hidden || isLooking) return;
    isLooking = true;
    try {
        const [status, sessions, metrics] = await Promise.all([
            ask("/api/status").then((reply) => reply.json()),
            ask("/api/admin/sessions").then((reply) => reply.json()),
            ask("/metrics").then((reply) => reply.text()),
        ]);
        show(status, sessions.items, parseMetrics(metrics));
    } catch ({ status }) {
        if (status === 401 || status === 403) askForToken();
        else tell("closed", "no answer, asking again");
    } finally {
        isLooking = false;
    }
}

function tell(state, text) {
    at("pulse").dataset.link = state;
    at("pulse-text").textContent = text;
}

function askForToken() {
    tell("off", "for operators");
    if (token()) at("gate-text").textContent = "This token does not open the console: it lacks the scope admin, or its time is over.";
    at("gate").hidden = false;
    at("figures").hidden = true;
}

function show(status, sessions, metrics) {
    tell(status.draining ? "waiting" : "open", status.draining ? "draining" : new Date().toLocaleTimeString("en-GB"));
    at("gate").hidden = true;
    at("figures").hidden = false;
    const place = status.upstream === "embedded" ? "in this program" : `at ${status.upstream}`;
    at("service").textContent = [`Version ${status.version}`, `${status.model} ${place}`, `${status.personas} personas`, ...status.faults].join(" · ");
    showTiles(metrics);
    showDelay(histogram(metrics, "vaani_first_audio_seconds"));
    showErrors(metrics.filter(({ name, value }) => name === "vaani_errors_total" && value > 0));
    showSessions(sessions);
}

// MARK: figures

function showTiles(metrics) {
    const sum = (name) => total(metrics, name);
    const tiles = {
        "talking now": sum("vaani_sessions_active"),
        "may come back": sum("vaani_sessions_waiting"),
        "conversations so far": sum("vaani_sessions_total"),
        "errors so far": sum("vaani_errors_total"),
        "interruptions so far": sum("vaani_barge_ins_total"),
        "model connections, and spare": `${sum("vaani_upstreams_open")} + ${sum("vaani_upstream_spare")}`,
        "spoken to users": duration(sum("vaani_audio_out_milliseconds_total") / 1000),
        "memory": `${Math.round(sum("process_resident_memory_bytes") / (1 << 20))} MiB`,
    };
    at("tiles").replaceChildren(...Object.entries(tiles).map(([name, value]) => {
        const tile = document.createElement("div");
        tile.append(element("dt", name), element("dd", value));
        return tile;
    }));
}

function showDelay(buckets) {
    const count = buckets.reduce((sum, bucket) => sum + bucket.count, 0);
    const shares = [0.5, 0.9, 0.99].map((share) => `p${share * 100} ${seconds(quantile(buckets, share))}`);
    at("delay-figures").textContent = count === 0 ? "No turn since the start." : `${shares.join(" · ")} of ${count} turns since the start`;
    const most = Math.max(1, ...buckets.map((bucket) => bucket.count));
    at("delay-chart").setAttribute("viewBox", `0 0 ${WIDTH} ${HEIGHT}`);
    at("delay-chart").replaceChildren(...buckets.flatMap((bucket, index) => column(bucket, index, WIDTH / buckets.length, most)));
}

function column({ bound, count }, index, step, most) {
    const height = (count / most) * (BASE - 16);
    const name = bound === Infinity ? "more" : bound < 0.1 ? `${bound * 1000} ms` : `${bound} s`;
    return [
        shape("rect", { class: "share", x: index * step + 2, width: step - 4, y: BASE - Math.max(1, height), height: Math.max(1, height), rx: 2 }),
        shape("text", { class: "tick", x: index * step + step / 2, y: BASE + 14, "text-anchor": "middle" }, name),
        ...(count > 0 ? [shape("text", { class: "tick", x: index * step + step / 2, y: BASE - height - 5, "text-anchor": "middle" }, count)] : []),
    ];
}

function shape(name, attributes, text = "") {
    const part = document.createElementNS("http://www.w3.org/2000/svg", name);
    for (const [key, value] of Object.entries(attributes)) part.setAttribute(key, value);
    part.textContent = text;
    return part;
}

function showErrors(errors) {
    const rows = errors.sort((one, other) => other.value - one.value).map(({ labels, value }) => {
        const row = document.createElement("li");
        row.append(element("span", labels.code), element("span", value));
        return row;
    });
    at("errors").replaceChildren(...(rows.length > 0 ? rows : [element("li", "None.", { className: "none" })]));
}

function seconds(value) {
    if (value === Infinity) return "above 10 s";
    return value < 1 ? `${Math.round(value * 1000)} ms` : `${value.toFixed(1)} s`;
}

function duration(value) {
    const [minutes, rest] = [Math.floor(value / 60), Math.floor(value % 60)];
    return minutes < 60 ? `${minutes}:${String(rest).padStart(2, "0")} min` : `${Math.floor(minutes / 60)} h ${minutes % 60} min`;
}

// MARK: conversations

/** Rows stay where they are, so that a button is not taken away from under a finger. */
function showSessions(sessions) {
    const known = new Map([...at("sessions").children].map((row) => [row.dataset.id, row]));
    const rows = sessions.map((session) => fill(known.get(session.session_id) ?? newRow(session.session_id), session));
    for (const row of known.values()) if (!rows.includes(row)) row.remove();
    rows.forEach((row, index) => {
        if (at("sessions").children[index] !== row) at("sessions").insertBefore(row, at("sessions").children[index] ?? null);
    });
    at("sessions-empty").hidden = rows.length > 0;
}

function newRow(id) {
    const row = document.createElement("tr");
    row.dataset.id = id;
    for (let index = 0; index < 7; index += 1) row.insertCell();
    row.cells[6].append(endButton(id));
    return row;
}

function fill(row, session) {
    const age = (Date.now() - Date.parse(session.opened_at)) / 1000;
    const words = [session.user, session.persona ?? "nobody yet", duration(Math.max(0, age)), session.turns, session.endpoint, session.remote_address];
    words.forEach((word, index) => (row.cells[index].textContent = word));
    row.cells[6].firstChild.setAttribute("aria-label", `End the conversation of ${session.user}`);
    return row;
}

/** Pressed twice, it ends a conversation. */
function endButton(id) {
    const button = element("button", "End", { type: "button", className: "end" });
    button.addEventListener("click", async () => {
        if (!button.classList.contains("sure")) {
            button.classList.add("sure");
            button.textContent = "Really?";
            setTimeout(() => {
                button.classList.remove("sure");
                button.textContent = "End";
            }, 4000);
            return;
        }
        button.disabled = true;
        // One that has ended by itself is gone just the same.
        await ask(`/api/admin/sessions/${encodeURIComponent(id)}`, { method: "DELETE" }).catch(() => {});
        look();
    });
    return button;
}

at("token-form").addEventListener("submit", (event) => {
    event.preventDefault();
    const isToken = keepToken(at("token").value);
    at("token").value = "";
    if (isToken) look();
    else at("gate-text").textContent = "That is no token.";
});
document.addEventListener("visibilitychange", look);
takeTokenFromAddress();
look();
setInterval(() => {
    if (at("gate").hidden) look();
}, EVERY_MS);
