import JSON
import Testing

@testable import Engine

@Suite struct ReplyTests {
    private let instructions = """
        Never harm anybody.
        ## Identity
        Name: Somebody else, in the persona's own text
        ## Identity
        Name: टीना
        Field: Vedic astrology
        Language: hi
        ## Expertise
        Kundli, जन्म कुंडली,विवाह
        - not a question
        ## Questions that move the conversation forward
        - आपका जन्म कहाँ हुआ?
        -   किस समय?
        ## When something is outside the field
        यह मेरा विषय नहीं है।
        """

    @Test func `a persona is read back from its instructions`() {
        var sketch = PersonaSketch()
        sketch.name = "टीना"
        sketch.field = "Vedic astrology"
        sketch.language = "hi"
        sketch.questions = ["आपका जन्म कहाँ हुआ?", "किस समय?"]
        sketch.keywords = ["kundli", "जन्म कुंडली", "विवाह"]
        sketch.outsideLine = "यह मेरा विषय नहीं है।"
        #expect(PersonaSketch(instructions: self.instructions) == sketch)
    }

    @Test(arguments: [
        "", "## ", "##", "## Identity", "Name: X", "## Identity\nName:\nLanguage:   \n- ", "\r\n\u{2028}",
    ])
    func `instructions without sections are no trouble`(instructions: String) {
        #expect(PersonaSketch(instructions: instructions) == PersonaSketch())
    }

    @Test func `questions take turns`() {
        let writer = ReplyWriter(sketch: PersonaSketch(instructions: self.instructions))
        let replies = (0..<3).map { writer.reply(to: .speech(milliseconds: 2_340), turn: $0) }
        #expect(replies[0].hasSuffix("आपका जन्म कहाँ हुआ?"))
        #expect(replies[1] == "मैंने आपकी आवाज़ 2.3 सेकंड तक सुनी। किस समय?")
        #expect(replies[2].hasSuffix("आपका जन्म कहाँ हुआ?"))
    }

    @Test func `the first words are a greeting by name`() {
        let writer = ReplyWriter(sketch: PersonaSketch(instructions: self.instructions))
        #expect(writer.reply(to: .nothing, turn: 0) == "नमस्ते, मैं टीना हूँ। आपका जन्म कहाँ हुआ?")
        #expect(
            ReplyWriter(sketch: PersonaSketch()).reply(to: .nothing, turn: 0)
                == "Hello. What would you like to talk about?")
    }

    @Test(arguments: [
        ("What is the score of the match?", true), ("What does my kundli say of a film?", false),
        ("आज मौसम कैसा है?", true), ("मेरा विवाह किस मौसम में होगा?", false), ("When shall I find a husband?", false),
        ("", false),
    ])
    func `what is plainly strange is led back to the field`(text: String, isOutside: Bool) {
        let writer = ReplyWriter(sketch: PersonaSketch(instructions: self.instructions))
        #expect(writer.reply(to: .text(text), turn: 1).hasSuffix("यह मेरा विषय नहीं है।") == isOutside)
    }

    @Test func `a long text is quoted briefly`() {
        #expect(ReplyWriter.quote("  one\n two ") == "one two")
        #expect(ReplyWriter.quote(String(repeating: "word ", count: 1_000)).count <= 82)
        #expect(ReplyWriter.quote(String(repeating: "x", count: 1_000)) == "…")
    }

    @Test(arguments: [
        ("Say exactly the line below, once.\n\"Hello, I am Tina.\"", "Hello, I am Tina."),
        ("Please say exactly: “Good day.” and stop", "Good day."),
        ("Repeat WORD FOR WORD: «नमस्ते»", "नमस्ते"),
        ("say exactly \"He said \"hi\" to me\"", "He said \"hi\" to me"),
    ])
    func `an exact line is found`(instructions: String, line: String) {
        #expect(VerbatimRequest.line(in: instructions) == line)
    }

    @Test(arguments: [
        "", "Greet the caller as \"Max\".", "Say exactly", "say exactly \"", "say exactly \"\"", "say exactly \" \"",
    ])
    func `nothing exact is found where nothing exact is asked for`(instructions: String) {
        #expect(VerbatimRequest.line(in: instructions) == nil)
    }

    @Test func `Devanagari is read by a voice that can`() {
        #expect(Script.language(of: "नमस्ते", preferred: "en-IN") == "hi")
        #expect(Script.language(of: "नमस्कार", preferred: "mr") == "mr")
        #expect(Script.language(of: "hello", preferred: "en-IN") == "en-IN")
    }

    @Test func `the words of a transcript lead their audio and lose nothing`() {
        let text = " One  two three\nfour five six seven eight nine ten eleven twelve thirteen fourteen. "
        var transcript = Transcript(text)
        let first = transcript.words(untilMs: 100)
        #expect(first == " One  two three\n")
        var words = first ?? ""
        for milliseconds in stride(from: 200, to: 1_000, by: 100) {
            words += transcript.words(untilMs: milliseconds) ?? ""
        }
        words += transcript.words(untilMs: .max) ?? ""
        #expect(words == text)
        #expect(transcript.said == text)
        #expect(transcript.words(untilMs: .max) == nil)
    }

    @Test func `tones last as long as the words`() async throws {
        let request = SpeechRequest(text: "one astrologer", language: "en", voice: "ash")
        var samples = 0
        var peak: Int16 = 0
        for try await piece in ToneSynthesizer().synthesize(request) {
            samples += piece.count
            peak = max(peak, piece.max() ?? 0)
        }
        #expect(samples == 5 * 3_600 + 2 * 1_440)
        #expect(peak > 4_000)
    }
}
