// Joins the page's elements with the conversation.

import { Controls } from "./controls.js";
import { takeTokenFromAddress } from "./credentials.js";
import { Door } from "./door.js";
import { Notices, setText } from "./notices.js";
import { PersonaList, initials } from "./personas.js";
import { SessionPanel } from "./session.js";
import { browserMemory } from "./storage.js";
import { Talk } from "./talk.js";
import { Wave } from "./wave.js";
import { currentTongue, say, speak } from "./words.js";

const TONGUE = "vaani.tongue";
const MICROPHONE = {
    NotAllowedError: "microphoneDenied", NotFoundError: "microphoneMissing", SecurityError: "microphoneInsecure",
};
const at = (id) => document.getElementById(id);
const withoutKeys = matchMedia("(hover: none)");
const capital = (word) => word[0].toUpperCase() + word.slice(1);
const page = { agent: "off", link: ["off", {}], isLive: false, fatal: null };

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
const notices = new Notices(() => talk.retry());
const controls = new Controls(talk, {
    changed: write,
    failed: ({ name }) => notices.show(MICROPHONE[name] ?? "microphoneFailed"),
});
const people = new PersonaList((persona) => {
    people.setBusy(persona.id);
    notices.hide();
    introduce(persona);
    talk.choose(persona).catch(() => notices.show("soundFailed"));
});
const door = new Door(people, {
    opened() {
        session.load();
        if (talk.wanted) talk.retry();
    },
    asks(wasWrong) {
        talk.leave();
        goBack();
        if (wasWrong) notices.show("tokenWrong");
    },
});
const session = new SessionPanel(() => {
    talk.leave();
    door.load();
});

// MARK: showing

/** Writes everything that follows from the state in the language in force. */
function write() {
    setText(at("status"), say(`agent${capital(page.agent)}`));
    setText(at("talk-label"), say(controls.isHandsFree ? "talkFree" : "talkHold"));
    setText(at("talk-hint"), say(hint()));
    at("talk").setAttribute("aria-pressed", String(page.isLive));
    document.body.classList.toggle("live", page.isLive);
    writeLink();
}

function hint() {
    if (at("talk").disabled) return "hintOff";
    if (page.isLive) return controls.isHandsFree ? "hintFreeOn" : "hintHolding";
    return (controls.isHandsFree ? "hintFree" : "hintHold") + (withoutKeys.matches ? "Touch" : "");
}

function writeLink() {
    const [state, detail] = page.link;
    at("link").dataset.link = state;
    setText(at("link-text"), say(`link${capital(state)}`, { ms: detail.ms, s: Math.max(1, Math.round((detail.ms ?? 0) / 1000)) }));
}

function showLink(state, detail) {
    page.link = [state, detail];
    writeLink();
    if (state === "open") {
        Object.assign(page, { fatal: null, asked: 0 });
        notices.hide();
    }
    if (state === "closed") explainClose(detail);
    if (state === "waiting") explainWait(detail);
    if (state === "waiting" && detail.attempts === 1) setText(at("spoken"), say("agentConnecting"));
    controls.enable((state === "open" || state === "trip") && Boolean(talk.card));
    write();
}

function explainClose({ code, wasOpen, isWanted }) {
    if (isWanted || isAtDoor("token")) return;
    if (code === 4401) return door.askForToken();
    // An error that came just before says more than the code.
    if (page.fatal) notices.show(`error.${page.fatal.code}`, { detail: page.fatal.message, canRetry: true });
    else notices.show(wasOpen ? `close.${code}` : "refused", { canRetry: true });
}

/** The first refusal may be a server that restarts; the second has a reason. */
async function explainWait({ wasOpen, attempts }) {
    if (wasOpen || page.asked === attempts) return;
    page.asked = attempts;
    const reasons = await door.reasonOfRefusal();
    if (!isAtDoor("token") && attempts > 1) notices.show(reasons ? "notReady" : "refused", { detail: reasons });
}

const isAtDoor = (state) => document.body.dataset.door === state;

function showProblem({ code, message, isFatal }) {
    if (isFatal) page.fatal = { code, message };
    notices.show(`error.${code}`, { detail: message });
}

// MARK: somebody

/** Shows somebody before they have answered. */
function introduce(persona) {
    document.documentElement.style.setProperty("--hue", persona.hue);
    if (document.body.dataset.who === "nobody") window.scrollTo(0, 0);
    document.body.dataset.who = "somebody";
    at("face").textContent = initials(persona.name);
    at("persona-name").textContent = persona.name;
    at("persona-field").textContent = `${persona.field} · ${persona.language}`;
    people.mark(persona.id);
}

function showPersona(card) {
    people.setBusy(null);
    people.mark(card?.id ?? null);
    const persona = card && people.byId(card.id);
    if (persona) introduce(persona);
    if (!card) goBack();
    controls.enable(Boolean(card));
    write();
}

/** To the list of everybody. */
function goBack() {
    document.body.dataset.who = "nobody";
    people.mark(null);
    people.setBusy(null);
}

// MARK: the rest

function setTongue(name) {
    speak(name);
    browserMemory.set(TONGUE, currentTongue());
    document.querySelector(`input[name=tongue][value=${currentTongue()}]`).checked = true;
    if (talk.turns.done.length > 0) talk.plot.draw(talk.turns);
    notices.write();
    session.write();
    write();
}

for (const input of document.querySelectorAll("input[name=tongue]")) {
    input.addEventListener("change", () => setTongue(input.value));
}

const waves = [
    new Wave(at("reply-wave"), "up", () => talk.sound.replyLoudness),
    new Wave(at("voice-wave"), "down", () => talk.voiceLoudness),
];

function paint(now) {
    for (const wave of waves) wave.step(now);
    at("aura").style.setProperty("--loud", Math.min(1, Math.sqrt(talk.sound.replyLoudness) * 1.4).toFixed(3));
    requestAnimationFrame(paint);
}

takeTokenFromAddress();
setTongue(browserMemory.get(TONGUE) ?? (navigator.language.startsWith("hi") ? "hi" : "en"));
door.load();
requestAnimationFrame(paint);
