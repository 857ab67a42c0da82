import Foundation

/// Writes what the engine answers: it says honestly what it noticed, then asks the persona's next question.
struct ReplyWriter: Sendable, Equatable {
    /// What the reply answers.
    enum Heard: Sendable, Equatable {
        /// Nobody spoke: it is the engine that begins.
        case nothing
        case speech(milliseconds: Int)
        case text(String)
        case toolOutput
    }

    /// Unicode scalars of a text that is spoken: five minutes.
    static let maxLength = 4_000
    private static let maxQuote = 80

    let sketch: PersonaSketch

    /// - Parameter turn: how many replies came before.
    func reply(to heard: Heard, turn: Int) -> String {
        let opening = self.isHindi ? self.hindi(heard, isFirst: turn == 0) : self.english(heard, isFirst: turn == 0)
        if case .text(let text) = heard, let line = self.sketch.outsideLine,
            FieldJudgement.isOutside(text, keywords: self.sketch.keywords)
        {
            return "\(opening) \(line)"
        }
        return "\(opening) \(self.question(turn))"
    }

    /// The language that a reply is spoken in.
    var language: String { self.sketch.language ?? "en" }

    private var isHindi: Bool {
        self.language.lowercased().split { $0 == "-" || $0 == "_" }.first == "hi"
    }

    private func question(_ turn: Int) -> String {
        guard !self.sketch.questions.isEmpty else {
            return self.isHindi ? "आप किस बारे में बात करना चाहेंगे?" : "What would you like to talk about?"
        }
        return self.sketch.questions[turn % self.sketch.questions.count]
    }

    private func english(_ heard: Heard, isFirst: Bool) -> String {
        switch heard {
        case .nothing:
            guard isFirst else { return "Let us go on." }
            return self.sketch.name.map { "Hello, I am \($0)." } ?? "Hello."
        case .speech(let milliseconds):
            let heard = "I heard you speak for \(Self.seconds(milliseconds)) seconds."
            return isFirst ? heard + " This built-in engine does not recognise words, so let me ask you." : heard
        case .text(let text): return "You wrote: “\(Self.quote(text))”."
        case .toolOutput: return "Thank you, the result has arrived."
        }
    }

    private func hindi(_ heard: Heard, isFirst: Bool) -> String {
        switch heard {
        case .nothing:
            guard isFirst else { return "चलिए, आगे बढ़ते हैं।" }
            return self.sketch.name.map { "नमस्ते, मैं \($0) हूँ।" } ?? "नमस्ते।"
        case .speech(let milliseconds):
            let heard = "मैंने आपकी आवाज़ \(Self.seconds(milliseconds)) सेकंड तक सुनी।"
            return isFirst ? heard + " यह भीतरी इंजन शब्द नहीं पहचानता, इसलिए एक सवाल।" : heard
        case .text(let text): return "आपने लिखा: “\(Self.quote(text))”।"
        case .toolOutput: return "धन्यवाद, परिणाम मिल गया।"
        }
    }

    /// Seconds with one decimal, such as `2.3`.
    static func seconds(_ milliseconds: Int) -> String {
        let tenths = (milliseconds + 50) / 100
        return "\(tenths / 10).\(tenths % 10)"
    }

    /// The beginning of a text on one line, cut between words.
    static func quote(_ text: String) -> String {
        let words = text.prefix(4 * self.maxQuote).split { $0.isWhitespace || $0.isNewline }
        var quote = ""
        for word in words {
            guard quote.count + word.count < self.maxQuote else { return quote.isEmpty ? "…" : quote + " …" }
            quote += quote.isEmpty ? String(word) : " \(word)"
        }
        return quote
    }
}
