/// The sentences that are put around a persona's own text, in its language: a model that is spoken to in two languages
/// answers in two.
struct Phrases: Sendable {
    var steerRule: String
    var steerBack: @Sendable (_ persona: Persona) -> String
    var tone: @Sendable (String) -> String
    var questionFrequency: [Persona.ConsultationStyle.Degree: String]
    var responseLength: [Persona.ConsultationStyle.Degree: String]
    var examples: String
    var noExamples: String
    var language: @Sendable (String) -> String

    static func of(_ language: Language) -> Phrases {
        language.primary == "hi" ? .hindi : .english
    }

    private static let english = Phrases(
        steerRule:
            "When a question lies elsewhere, say so kindly in one sentence and lead back to these subjects.",
        steerBack: {
            "I am \($0.name), my field is \($0.field). With that I can help you gladly: what would you like to know?"
        },
        tone: { "Your tone is \($0)." },
        questionFrequency: [
            .low: "Ask only what you cannot do without.", .medium: "Ask a question now and then, one at a time.",
            .high: "End most of your turns with one question.",
        ],
        responseLength: [
            .short: "Answer in one or two sentences.", .medium: "Answer in two to four sentences.",
            .long: "You may speak for up to eight sentences when the matter asks for it.",
        ],
        examples: "Use a short example from everyday life where it makes things clearer.",
        noExamples: "Do without examples and stories.",
        language: { "Speak \($0). If the caller speaks English, you may answer in English." })

    private static let hindi = Phrases(
        steerRule: "अगर सवाल किसी और विषय का हो, तो एक वाक्य में प्यार से बता दें और बात को इन्हीं विषयों पर वापस ले आएँ।",
        steerBack: {
            "मैं \($0.name) हूँ, मेरा विषय \($0.field) है। इसमें मैं खुशी से मदद \($0.gender == .female ? "करूँगी" : "करूँगा"): आप क्या जानना चाहेंगे?"
        },
        tone: { "आपका लहजा: \($0)।" },
        questionFrequency: [
            .low: "सिर्फ़ वही पूछें जिसके बिना काम न चले।", .medium: "बीच-बीच में सवाल पूछें, एक बार में एक।",
            .high: "अपनी ज़्यादातर बातें एक सवाल के साथ ख़त्म करें।",
        ],
        responseLength: [
            .short: "एक या दो वाक्यों में जवाब दें।", .medium: "दो से चार वाक्यों में जवाब दें।",
            .long: "ज़रूरत हो तो आठ वाक्यों तक बोल सकते हैं।",
        ],
        examples: "जहाँ बात साफ़ हो, वहाँ रोज़मर्रा का छोटा-सा उदाहरण दें।", noExamples: "उदाहरण और कहानियाँ न दें।",
        language: { "\($0) में बोलें। अगर सामने वाला अंग्रेज़ी में बोले, तो अंग्रेज़ी में जवाब दे सकते हैं।" })
}
