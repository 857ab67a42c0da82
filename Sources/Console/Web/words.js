// Every word of the page, in English and in Hindi.

const english = {
    skip: "Skip to the talk button",
    pageLanguage: "Language of this page",
    connectAgain: "Connect again",
    dismiss: "Dismiss",
    whoTitle: "Who would you like to talk with?",
    tokenLabel: "This server asks for a token",
    tokenUse: "Use it",
    search: "Find somebody",
    nobody: "Choose somebody to begin",
    replyWave: "Reply",
    voiceWave: "Your microphone",
    modeTitle: "How to talk",
    modeHold: "Hold to talk",
    modeFree: "Hands-free",
    talkHold: "Hold to talk",
    talkFree: "Microphone",
    interrupt: "Interrupt",
    typeLabel: "Or type here…",
    send: "Send",
    captions: "Captions",
    captionsEmpty: "What is said appears here.",
    you: "You",
    cut: "interrupted",
    latency: "Time to the first sound",
    latencyEmpty: "Each turn draws a bar here.",
    latencyFigures: "Last {last} ms, median {median} ms of {count}",
    latencyTable: "As a table",
    turn: "Turn",
    partNotice: "end of turn",
    partThink: "answer",
    partEar: "to your ear",
    total: "total",
    hintOff: "Choose somebody; they speak first.",
    hintHold: "Hold the button or the space bar while you speak.",
    hintHolding: "Let go when you have finished.",
    hintFree: "Press the button or the space bar to open the microphone.",
    hintFreeOn: "Just speak. You can interrupt at any time.",
    agentOff: "",
    agentConnecting: "Connecting…",
    agentIdle: "Ready for you",
    agentOpen: "Listening",
    agentListening: "Listening to you",
    agentThinking: "Thinking…",
    agentSpeaking: "Speaking",
    agentSwitching: "Connecting you…",
    agentReconnecting: "Reaching the model again…",
    linkOff: "not connected",
    linkConnecting: "connecting",
    linkOpen: "connected",
    linkTrip: "connected, {ms} ms",
    linkWaiting: "again in {s} s",
    linkClosed: "disconnected",
    noPersonas: "Nobody is here: this server has loaded no persona.",
    personasFailed: "The list of personas could not be loaded. Is the server running?",
    microphoneDenied: "The microphone is blocked. Allow it in the browser's address bar, or type below.",
    microphoneMissing: "No microphone was found. Plug one in, or type below.",
    microphoneInsecure: "Browsers open the microphone only on https or on this very machine. You can type below.",
    microphoneFailed: "The microphone could not be opened. You can type below.",
    soundFailed: "This browser cannot play the reply.",
    lost: "The connection was lost and did not come back.",
    refused: "The server does not take this page's connection. From another machine it needs https and tokens, or an entry in the setting origins.",
    tokenWrong: "The token was not accepted. It may have expired.",
    readTooSlow: "Your network is too slow for this conversation.",
    superseded: "You opened this conversation somewhere else.",
    sessionOver: "The conversation has reached its greatest length.",
    modelDown: "The model cannot be reached at the moment.",
    flood: "Too much was sent at once.",
    ended: "The conversation has ended.",
};

const hindi = {
    skip: "बोलने के बटन पर जाएँ",
    pageLanguage: "इस पन्ने की भाषा",
    connectAgain: "फिर से जोड़ें",
    dismiss: "ठीक है",
    whoTitle: "आप किससे बात करना चाहेंगे?",
    tokenLabel: "यह सर्वर टोकन माँगता है",
    tokenUse: "लगाएँ",
    search: "किसी को खोजें",
    nobody: "शुरू करने के लिए किसी को चुनें",
    replyWave: "जवाब",
    voiceWave: "आपका माइक",
    modeTitle: "कैसे बोलें",
    modeHold: "दबाकर बोलें",
    modeFree: "बिना हाथ लगाए",
    talkHold: "दबाकर बोलें",
    talkFree: "माइक",
    interrupt: "रोकें",
    typeLabel: "या यहाँ लिखें…",
    send: "भेजें",
    captions: "शब्द",
    captionsEmpty: "जो कहा जाएगा, यहाँ दिखेगा।",
    you: "आप",
    cut: "बीच में रुका",
    latency: "पहली आवाज़ तक का समय",
    latencyEmpty: "हर बारी यहाँ एक पट्टी बनाती है।",
    latencyFigures: "पिछली {last} ms, {count} की माध्यिका {median} ms",
    latencyTable: "तालिका में",
    turn: "बारी",
    partNotice: "बारी का अंत",
    partThink: "जवाब",
    partEar: "आपके कान तक",
    total: "कुल",
    hintOff: "किसी को चुनें; पहले वे बोलेंगे।",
    hintHold: "बोलते समय बटन या स्पेस दबाए रखें।",
    hintHolding: "बात पूरी होने पर छोड़ दें।",
    hintFree: "माइक खोलने के लिए बटन या स्पेस दबाएँ।",
    hintFreeOn: "बस बोलिए। बीच में कभी भी टोक सकते हैं।",
    agentOff: "",
    agentConnecting: "जुड़ रहे हैं…",
    agentIdle: "आपकी बारी",
    agentOpen: "सुन रहे हैं",
    agentListening: "आपको सुन रहे हैं",
    agentThinking: "सोच रहे हैं…",
    agentSpeaking: "बोल रहे हैं",
    agentSwitching: "आपको जोड़ रहे हैं…",
    agentReconnecting: "मॉडल से फिर जुड़ रहे हैं…",
    linkOff: "जुड़ा नहीं",
    linkConnecting: "जुड़ रहा है",
    linkOpen: "जुड़ा है",
    linkTrip: "जुड़ा है, {ms} ms",
    linkWaiting: "{s} सेकंड में फिर",
    linkClosed: "कट गया",
    noPersonas: "यहाँ कोई नहीं है: सर्वर में कोई व्यक्तित्व नहीं है।",
    personasFailed: "सूची नहीं मिल पाई। क्या सर्वर चल रहा है?",
    microphoneDenied: "माइक बंद किया हुआ है। ब्राउज़र के पते की पट्टी में अनुमति दें, या नीचे लिखें।",
    microphoneMissing: "कोई माइक नहीं मिला। एक लगाएँ, या नीचे लिखें।",
    microphoneInsecure: "ब्राउज़र माइक केवल https पर या इसी मशीन पर खोलते हैं। आप नीचे लिख सकते हैं।",
    microphoneFailed: "माइक नहीं खुल सका। आप नीचे लिख सकते हैं।",
    soundFailed: "यह ब्राउज़र जवाब नहीं बजा सकता।",
    lost: "संपर्क टूट गया और वापस नहीं आया।",
    refused: "सर्वर इस पन्ने को नहीं जोड़ता। दूसरी मशीन से https और टोकन चाहिए, या सेटिंग origins में नाम।",
    tokenWrong: "टोकन नहीं माना गया। शायद उसका समय बीत गया।",
    readTooSlow: "इस बातचीत के लिए आपका नेटवर्क धीमा है।",
    superseded: "यह बातचीत कहीं और खुल गई है।",
    sessionOver: "बातचीत अपनी पूरी लंबाई तक पहुँच गई।",
    modelDown: "मॉडल से अभी संपर्क नहीं हो पा रहा।",
    flood: "एक साथ बहुत कुछ भेजा गया।",
    ended: "बातचीत समाप्त हुई।",
};

const tongues = { en: english, hi: hindi };
let tongue = "en";

/** A sentence of the chosen language; `{name}` is replaced by the value of that name. */
export function say(key, values = {}) {
    return tongues[tongue][key].replace(/\{(\w+)\}/g, (_, name) => values[name]);
}

/** The language in force. */
export function currentTongue() {
    return tongue;
}

/** Changes the language and writes all fixed words of the page anew. */
export function speak(name) {
    tongue = name in tongues ? name : "en";
    document.documentElement.lang = tongue;
    for (const element of document.querySelectorAll("[data-text]")) element.textContent = say(element.dataset.text);
    for (const element of document.querySelectorAll("[data-placeholder]")) {
        element.placeholder = say(element.dataset.placeholder);
    }
}

/** Why a WebSocket was closed, for a person. */
export function reasonOf(code) {
    const keys = {
        1000: "ended", 1008: "flood", 1009: "flood", 4400: "flood", 4401: "tokenWrong", 4403: "refused", 4408: "readTooSlow",
        4409: "superseded", 4413: "sessionOver", 4429: "flood", 4440: "sessionOver", 4502: "modelDown", 4504: "modelDown",
    };
    return say(keys[code] ?? "lost");
}
