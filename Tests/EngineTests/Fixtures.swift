import Foundation
import JSON
import RealtimeProtocol

@testable import Engine

extension EngineMachine {
    /// A session whose ids are `item_1`, `resp_2` … and that has no turn detection unless asked for.
    static func fixture(_ settings: String = "", limits: Limits = Limits()) -> EngineMachine {
        let identity = SessionIdentity(id: "sess", conversationID: "conv", model: "m", expiresAt: 1_790_000_000)
        var machine = EngineMachine(identity: identity, ids: IdentifierSource(salt: ""), limits: limits)
        _ = machine.say(
            #"{"type":"session.update","session":{"type":"realtime","audio":{"input":{"turn_detection":null}}}}"#)
        if !settings.isEmpty {
            let actions = machine.say(#"{"type":"session.update","session":{"type":"realtime",\#(settings)}}"#)
            precondition(actions.types == ["session.updated"], "\(actions)")
        }
        return machine
    }

    /// An event of the client, as text.
    mutating func say(_ event: String) -> [EngineAction] {
        let (event, id) = Array(event.utf8).withUnsafeBytes { ClientEvent.decode($0) }
        return self.received(event, id: id)
    }

    /// The code of the error that an event earns; nil if it earns none.
    mutating func code(_ event: String) -> String? {
        self.say(event).events.first { $0.type == "error" }?.fields["error"]?["code"]?.string
    }

    /// Sound, and at once what is to be thought of it: whatever is louder than -40 dB is speech.
    mutating func hear(_ samples: [Int16]) -> [EngineAction] {
        self.audioAppended(samples.withUnsafeBytes { Array($0) }).flatMap { action in
            if case .judge(let frames, let threshold) = action {
                self.judged(LoudIsSpeech().judge(frames, threshold: threshold))
            } else {
                [action]
            }
        }
    }

    /// Lets a spoken response go on to its end, in pieces of 100 ms.
    mutating func finishSpeaking(_ id: String, pieces: Int) -> [EngineAction] {
        var actions: [EngineAction] = []
        for _ in 0..<pieces { actions += self.audioMade(id, samples: 2_400) }
        return actions + self.speechEnded(id)
    }
}

extension [EngineAction] {
    var events: [ServerEvent] {
        self.compactMap { if case .send(let event) = $0 { event } else { nil } }
    }

    /// The types of events, and `audio`, `speak`, `ended`, `close` for the rest.
    var types: [String] {
        self.map { action in
            switch action {
            case .send(let event): event.type
            case .speak: "speak"
            case .compose: "compose"
            case .expectWords: "expectWords"
            case .speechIsWritten: "speechIsWritten"
            case .judge: "judge"
            case .transcribe: "transcribe"
            case .sendAudio: "audio"
            case .responseEnded: "ended"
            case .close: "close"
            }
        }
    }

    func event(_ type: String) -> JSONValue? {
        self.events.first { $0.type == type }.map { .object($0.fields) }
    }

    var spoken: SpeechRequest? {
        for case .speak(_, let request) in self { return request }
        return nil
    }
}

/// Has no state, so that a machine's tests need none.
final class LoudIsSpeech: SpeechDetector {
    func judge(_ frame: UnsafeBufferPointer<Int16>, threshold: Double) -> SpeechVerdict {
        frame.contains { abs(Int($0)) > 400 } ? .speech : .silence
    }
}

/// What turns a detector finds in a sound.
struct Ear {
    var kind = SpeechDetectorKind.combined
    var sensitivity = TurnListener.Sensitivity(threshold: 0.5, prefixPaddingMs: 300, silenceDurationMs: 500)

    func hear(_ samples: [Int16]) -> [TurnListener.Event] {
        var listener = TurnListener(self.sensitivity)
        return self.kind.makeDetector().judge(samples, threshold: self.sensitivity.threshold).compactMap {
            listener.hear($0)
        }
    }
}

/// Sounds to listen to, at 24 kHz.
enum Sound {
    static func silence(_ milliseconds: Int) -> [Int16] {
        Array(repeating: 0, count: milliseconds * 24)
    }

    /// - Parameter level: dB of full scale.
    static func tone(_ milliseconds: Int, level: Double = -20, hertz: Double = 440) -> [Int16] {
        let peak = 32_767 * pow(10, level / 20) * 2.0.squareRoot()
        return (0..<milliseconds * 24).map { Int16(peak * sin(2 * .pi * hertz * Double($0) / 24_000)) }
    }

    /// White noise, the same for the same seed.
    static func noise(_ milliseconds: Int, level: Double, seed: UInt64 = 1) -> [Int16] {
        let peak = 32_767 * pow(10, level / 20) * 3.0.squareRoot()
        var state = seed
        return (0..<milliseconds * 24).map { _ in
            state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
            return Int16(peak * (Double(Int32(truncatingIfNeeded: state >> 32)) / 2_147_483_648))
        }
    }

    static func mix(_ left: [Int16], _ right: [Int16]) -> [Int16] {
        zip(left, right).map { Int16(clamping: Int($0) + Int($1)) }
    }
}
