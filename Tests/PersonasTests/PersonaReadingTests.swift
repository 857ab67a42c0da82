import JSON
import Testing

@testable import Personas

@Suite struct PersonaReadingTests {
    @Test(
        arguments: [
            ("name", .null, "name is missing or empty"),
            ("name", 7, "name must be a string"),
            ("name", "  ", "name is missing or empty"),
            ("astrologer_id", "a b", "astrologer_id must have 1 to 128 characters of A-Z a-z 0-9 . _ : -"),
            ("astrologer_id", .null, "astrologer_id is missing"),
            ("system_prompt", "", "system_prompt is missing or empty"),
            (
                "language", "Klingonish words",
                "language \"Klingonish words\" is neither a known name such as Hindi nor a tag such as hi-IN"
            ),
            ("gender", "robot", "gender \"robot\" is neither Female nor Male; leave it out where neither fits"),
            ("expertise_keywords", "love", "expertise_keywords must be an array of strings"),
            ("expertise_keywords", [1], "expertise_keywords must hold strings of 1 to 100 characters"),
            ("pricing", ["per_minute": -1, "currency": "INR"], "pricing.per_minute must be a number from 0"),
            (
                "pricing", ["per_minute": 5, "currency": "rs"],
                "pricing.currency \"rs\" is no ISO 4217 code such as INR"
            ),
            (
                "availability", ["timezone": "Mars/Base", "hours": "24h"],
                "availability.timezone \"Mars/Base\" is no IANA time zone such as Asia/Kolkata"
            ),
            (
                "availability", ["timezone": "Asia/Kolkata", "hours": "often"],
                "availability.hours \"often\" is none of 9am-9pm, 09:30-18:00, 24h"
            ),
            (
                "consultation_style", ["response_length": "endless"],
                "consultation_style.response_length \"endless\" is none of short, medium, long"
            ),
            ("consultation_style", ["use_examples": "yes"], "consultation_style.use_examples must be true or false"),
        ] as [(String, JSONValue, String)])
    func `a wrong value is refused by name`(key: String, value: JSONValue, reason: String) {
        #expect(throws: PersonaProblem(reason)) { try Persona.astrologer([key: value]) }
    }

    @Test func `keys that nobody knows are kept`() throws {
        let persona = try Persona.astrologer(["favourite_raga": ["name": "यमन", "hour": 19]])
        #expect(persona.document["favourite_raga"] == ["name": "यमन", "hour": 19])
    }

    @Test func `what is left out has the usual value`() throws {
        let persona = try Persona.astrologer()
        #expect(persona.isActive)
        #expect(persona.tone == "professional")
        #expect(persona.gender == nil)
        #expect(persona.availability == nil)
    }

    @Test(arguments: [
        ("hindi", "hi", "Hindi"), ("Hindi", "hi", "Hindi"), ("hi", "hi", "Hindi"), ("en-IN", "en-IN", "English"),
    ]) func `a language is named or tagged`(word: String, tag: String, name: String) {
        #expect(Language(authored: word)?.tag == tag)
        #expect(Language(authored: word)?.name == name)
    }

    @Test func `a voice that models do not have cannot be held`() {
        #expect(RealtimeVoice(authored: "Nova") == .coral)
        #expect(RealtimeVoice(authored: "onyx") == .ash)
        #expect(RealtimeVoice(authored: "fable") == .ballad)
        #expect(RealtimeVoice(authored: "shimmer") == .shimmer)
        #expect(RealtimeVoice(authored: "darth") == nil)
    }
}
