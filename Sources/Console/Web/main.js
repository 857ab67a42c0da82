// Joins the page's elements with the conversation.

import { forgetToken, keepToken, takeTokenFromAddress, token } from "./credentials.js";
import { PersonaList, initials, loadPersonas } from "./personas.js";
import { Talk } from "./talk.js";
import { Wave } from "./wave.js";
import { currentTongue, reasonOf, say, speak } from "./words.js";

const at = (id) => document.getElementById(id);
const capital = (word) => word[0].toUpperCase() + word.slice(1);
const page = { agent: "off", link: ["off", {}], isLive: false, isHeld: false };

const talk = new Talk({
    agent(state, isBusy) {
        page.agent = state;
        document.body.dataset.agent = state;
        at("interrupt").disabled = !isBusy;
        write();
    },
    link: showLink,
    persona: showPersona,
    problem: showProblem,
    microphone(isLive) {
        page.isLive = isLive;
        write();
    },
});
const people = new PersonaList((persona) => {
    people.setBusy(persona.id);
    hideProblem();
    introduce(persona);
    talk.choose(persona).catch(() => showProblem(say("soundFailed")));
});
const isHandsFree = () => document.querySelector("input[name=mode]:checked").value === "free";

// MARK: showing

function setText(element, text) {
    // A live region speaks whenever its text is set, be it the same.
    if (element.textContent !== text) element.textContent = text;
}

/** Writes everything that follows from the state in the language in force. */
function write() {
    setText(at("status"), say(`agent${capital(page.agent)}`));
    setText(at("talk-label"), say(isHandsFree() ? "talkFree" : "talkHold"));
    setText(at("talk-hint"), say(hint()));
    at("talk").setAttribute("aria-pressed", String(page.isLive));
    document.body.classList.toggle("live", page.isLive);
    writeLink();
}

function hint() {
    if (at("talk").disabled) return "hintOff";
    if (isHandsFree()) return page.isLive ? "hintFreeOn" : "hintFree";
    return page.isLive ? "hintHolding" : "hintHold";
}

function writeLink() {
    const [state, detail] = page.link;
    at("link").dataset.link = state;
    const values = { ms: detail.ms, s: Math.max(1, Math.round((detail.ms ?? 0) / 1000)) };
    setText(at("link-text"), say(`link${capital(state)}`, values));
}

function showLink(state, detail) {
    page.link = [state, detail];
    writeLink();
    if (state === "open") hideProblem();
    if (state === "closed") explainClose(detail);
    if (state === "waiting" && !detail.wasOpen) checkDoor();
    const isThere = state === "open" || state === "trip";
    if (!isThere) enable(false);
    else if (talk.card) enable(true);
}

async function explainClose({ code, wasOpen }) {
    showProblem(wasOpen ? reasonOf(code) : say("refused"), true);
    if (wasOpen) return;
    // A browser does not say why a WebSocket was refused.
    const reply = await fetch("/readyz").catch(() => null);
    if (reply?.status === 503) showProblem((await reply.json()).reasons.join("; "), true);
}

/** A browser does not say why a WebSocket was refused; a plain request finds out. */
async function checkDoor() {
    try {
        showPeople(await loadPersonas());
    } catch ({ status }) {
        if (status === 401 || status === 403) askForToken(Boolean(token()));
    }
}

function enable(isEnabled) {
    for (const id of ["talk", "words", "send"]) at(id).disabled = !isEnabled;
    write();
}

function introduce(persona) {
    document.documentElement.style.setProperty("--hue", persona.hue);
    document.body.classList.remove("nobody");
    at("face").textContent = initials(persona.name);
    delete at("persona-name").dataset.text;
    at("persona-name").textContent = persona.name;
    at("persona-field").textContent = `${persona.field} · ${persona.language}`;
    delete at("reply-label").dataset.text;
    at("reply-label").textContent = persona.name;
}

function showPersona(card) {
    people.setBusy(null);
    people.mark(card?.id ?? null);
    const persona = card && people.byId(card.id);
    if (persona) introduce(persona);
    enable(Boolean(card));
}

function showProblem(message, canRetry = false) {
    at("notice").hidden = false;
    at("notice-retry").hidden = !canRetry;
    setText(at("notice-text"), message);
}

function hideProblem() {
    at("notice").hidden = true;
    setText(at("notice-text"), "");
}

// MARK: people and token

function showPeople(personas) {
    at("token-form").hidden = true;
    if (people.personas.length > 0) return;
    people.show(personas);
    if (personas.length === 0) showProblem(say("noPersonas"));
}

function askForToken(wasWrong) {
    forgetToken();
    talk.giveUp();
    at("token-form").hidden = false;
    at("personas").setAttribute("aria-busy", "false");
    if (wasWrong) showProblem(say("tokenWrong"));
}

async function load() {
    try {
        showPeople(await loadPersonas());
    } catch ({ status }) {
        if (status === 401 || status === 403) askForToken(Boolean(token()));
        else showProblem(say("personasFailed"));
    }
}

at("token-form").addEventListener("submit", async (event) => {
    event.preventDefault();
    keepToken(at("token").value);
    at("token").value = "";
    hideProblem();
    await load();
    if (talk.wanted) talk.retry();
});

// MARK: talking

async function openMicrophone() {
    try {
        await talk.speak();
    } catch (error) {
        page.isHeld = false;
        const reasons = { NotAllowedError: "microphoneDenied", NotFoundError: "microphoneMissing", SecurityError: "microphoneInsecure" };
        showProblem(say(reasons[error.name] ?? "microphoneFailed"));
    }
}

function press() {
    if (at("talk").disabled || page.isHeld) return;
    page.isHeld = true;
    if (isHandsFree()) {
        if (page.isLive) talk.hush();
        else openMicrophone();
        return;
    }
    talk.interrupt();
    openMicrophone();
}

function release() {
    if (!page.isHeld) return;
    page.isHeld = false;
    if (!isHandsFree()) talk.hush();
}

at("talk").addEventListener("pointerdown", (event) => {
    if (event.button !== 0) return;
    at("talk").setPointerCapture(event.pointerId);
    press();
});
for (const type of ["pointerup", "pointercancel", "lostpointercapture"]) at("talk").addEventListener(type, release);
at("talk").addEventListener("contextmenu", (event) => event.preventDefault());
// A screen reader's click comes alone: there it opens and closes the microphone.
at("talk").addEventListener("click", (event) => {
    if (event.detail !== 0) return;
    if (page.isLive) talk.hush();
    else openMicrophone();
});
at("interrupt").addEventListener("click", () => talk.interrupt());
window.addEventListener("blur", release);

for (const input of document.querySelectorAll("input[name=mode]")) {
    input.addEventListener("change", () => {
        talk.hush();
        write();
    });
}

at("write").addEventListener("submit", (event) => {
    event.preventDefault();
    const text = at("words").value.trim();
    if (text && talk.type(text)) at("words").value = "";
});

// MARK: keys

/** Whether the space bar means something else where the focus is. */
function takesSpace(element) {
    if (element === at("talk")) return false;
    if (element.matches("input[type=radio]")) return !element.checked;
    return element.matches("input, button, textarea, select, summary, a[href]");
}

document.addEventListener("keydown", (event) => {
    if (event.altKey || event.ctrlKey || event.metaKey) return;
    if (event.key === " " && !takesSpace(event.target)) {
        event.preventDefault();
        if (!event.repeat) press();
    }
    // Where nothing is to be stopped, Escape leaves the text field, so that the space bar talks again.
    if (event.key === "Escape" && !talk.interrupt() && event.target === at("words")) at("talk").focus();
});
document.addEventListener("keyup", (event) => {
    if (event.key !== " ") return;
    if (page.isHeld) event.preventDefault();
    release();
});

// MARK: the rest

at("notice-close").addEventListener("click", hideProblem);
at("notice-retry").addEventListener("click", () => {
    hideProblem();
    talk.retry();
});

for (const input of document.querySelectorAll("input[name=tongue]")) {
    input.addEventListener("change", () => setTongue(input.value));
}

function setTongue(name) {
    speak(name);
    localStorage.setItem("vaani.tongue", currentTongue());
    document.querySelector(`input[name=tongue][value=${currentTongue()}]`).checked = true;
    if (talk.turns.done.length > 0) talk.plot.draw(talk.turns);
    write();
}

const waves = [
    new Wave(at("reply-wave"), () => talk.sound.replyLoudness),
    new Wave(at("voice-wave"), () => talk.voiceLoudness),
];

function paint(now) {
    for (const wave of waves) wave.step(now);
    at("aura").style.setProperty("--loud", Math.min(1, Math.sqrt(talk.sound.replyLoudness) * 1.4).toFixed(3));
    requestAnimationFrame(paint);
}

takeTokenFromAddress();
setTongue(localStorage.getItem("vaani.tongue") ?? (navigator.language.startsWith("hi") ? "hi" : "en"));
load();
requestAnimationFrame(paint);
