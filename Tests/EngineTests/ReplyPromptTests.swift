import LanguageModels
import Testing

@testable import Engine

@Suite struct ReplyPromptTests {
    private typealias Body = ConversationItem.Body

    private func prompt(_ context: [Body], isSpoken: Bool = false) -> [ChatMessage]? {
        ReplyPrompt(instructions: "You are Tina.", context: context, isSpoken: isSpoken)?.messages
    }

    private func speech(_ words: String?, isSilence: Bool = false) -> Body {
        var recording = ConversationItem.Recording(milliseconds: 2_000, audio: nil, transcript: "(speech, 2.0 s)")
        recording.words = words
        recording.isSilence = isSilence
        return .message(.user, [.inputAudio(recording)])
    }

    @Test func `the conversation is told in order, behind the persona`() {
        let context: [Body] = [
            .message(.assistant, [.outputAudio(transcript: "Namaste.", milliseconds: 900)]), self.speech("When?"),
            .message(.assistant, [.outputText("Soon.")]), .functionCall(callID: "c", name: "f", arguments: "{}"),
            .functionOutput(callID: "c", output: "42"), .message(.system, [.inputText("Be brief.")]),
            .message(.user, [.inputText("Why?")]),
        ]
        #expect(
            self.prompt(context) == [
                ChatMessage(.system, "You are Tina."), ChatMessage(.assistant, "Namaste."), ChatMessage(.user, "When?"),
                ChatMessage(.assistant, "Soon."), ChatMessage(.user, "(A function returned: 42)"),
                ChatMessage(.system, "Be brief."), ChatMessage(.user, "Why?"),
            ])
    }

    @Test func `what is heard is written for the ear`() {
        #expect(self.prompt([], isSpoken: true)?.first?.text.contains("spoken aloud") == true)
    }

    @Test func `speech that nobody has written down is not answered by guessing`() {
        #expect(self.prompt([self.speech(nil)]) == nil)
        #expect(self.prompt([self.speech("")]) == nil)
        #expect(self.prompt([self.speech(nil), .message(.system, [.inputText("x")])]) == nil)
        let later = self.prompt([self.speech(nil), .message(.user, [.inputText("Hello?")])])
        #expect(later?.map(\.text) == ["You are Tina.", "(The user spoke; the words are not known.)", "Hello?"])
    }

    @Test func `a silence, or nothing at all, lets the model begin`() {
        for context in [[], [self.speech(nil, isSilence: true)], [.message(.assistant, [.outputText("Hi.")])]] {
            #expect(self.prompt(context)?.last?.author == .user)
        }
    }

    @Test func `the oldest turns go first, the persona stays`() {
        let context: [Body] = (0..<100).map { .message(.user, [.inputText("\($0)")]) }
        let messages = self.prompt(context)
        #expect(messages?.count == ReplyPrompt.maxMessages + 1)
        #expect(messages?.first?.text == "You are Tina." && messages?.last?.text == "99")
        let long: [Body] = (0..<10).map {
            .message(.user, [.inputText("\($0)" + String(repeating: "x", count: 9_000))])
        }
        #expect(self.prompt(long)?.count == 3)
    }
}
