import Audio
import ClientProtocol
import Testing

@testable import Sessions

@Suite struct ReplyDeliveryTests {
    private let header = ReplyHeader(responseID: "r", itemID: "i", generation: 0, kind: .answer)

    private func delivery(_ style: ReplyDelivery.Style, maxSeconds: Int = 120) -> ReplyDelivery {
        var delivery = ReplyDelivery(maxSeconds: maxSeconds)
        _ = delivery.begin(self.header, style)
        return delivery
    }

    private func pcm(_ milliseconds: Int) -> [UInt8] {
        (0..<milliseconds * 48).map { UInt8(truncatingIfNeeded: $0) }
    }

    @Test func `a phone gets one complete WAV, and nothing before the end`() {
        var delivery = self.delivery(.wholeWAV)
        delivery.add(self.pcm(100))
        #expect(delivery.take(windowMs: 0) == [])
        delivery.add(self.pcm(100))
        delivery.finish(.done)
        let wav = WAV.encode(pcm: self.pcm(100) + self.pcm(100))
        #expect(
            delivery.take(windowMs: 0)
                == [ReplyDelivery.Outgoing(message: .wavResponse(wav, responseID: "r"), audioMs: 200)])
        #expect(delivery.take(windowMs: 0) == [])
    }

    @Test func `a reply that is interrupted sends a phone nothing`() {
        var delivery = self.delivery(.wholeWAV)
        delivery.add(self.pcm(100))
        delivery.finish(.interrupted)
        #expect(delivery.take(windowMs: 0) == [])
    }

    @Test func `a web page gets even pieces of 300 ms that together are the reply`() {
        var delivery = self.delivery(.chunks)
        // Cut at odd places, in the middle of samples.
        for start in stride(from: 0, to: 1_000 * 48, by: 4_801) {
            delivery.add(Array(self.pcm(1_000)[start..<min(start + 4_801, 48_000)]))
        }
        delivery.finish(.done)
        let pieces = delivery.take(windowMs: 0).compactMap { outgoing -> [UInt8]? in
            if case .pcmResponse(let bytes, "r") = outgoing.message { bytes } else { nil }
        }
        #expect(pieces.map(\.count) == [14_400, 14_400, 14_400, 4_800])
        #expect(pieces.flatMap { $0 } == self.pcm(1_000))
    }

    @Test func `a stream gets no more than its window, and its end when all is sent`() {
        var delivery = self.delivery(.stream)
        delivery.add(self.pcm(500))
        delivery.finish(.done)
        #expect(delivery.take(windowMs: 400).map(\.audioMs) == [400])
        #expect(delivery.isWaiting)
        #expect(delivery.take(windowMs: 0) == [])
        let rest = delivery.take(windowMs: 400)
        #expect(rest.map(\.audioMs) == [100, 0])
        #expect(rest.last?.message == .audioEnd(responseID: "r", totalMs: 500, reason: .done))
        #expect(!delivery.isWaiting)
    }

    @Test func `a stream that is interrupted ends where it was`() {
        var delivery = self.delivery(.stream)
        delivery.add(self.pcm(500))
        _ = delivery.take(windowMs: 400)
        delivery.finish(.interrupted)
        #expect(
            delivery.take(windowMs: 400).map(\.message)
                == [.audioEnd(responseID: "r", totalMs: 400, reason: .interrupted)])
    }

    @Test func `a reply beyond its limit is cut`() {
        var delivery = self.delivery(.wholeWAV, maxSeconds: 1)
        delivery.add(self.pcm(900))
        delivery.add(self.pcm(900))
        delivery.finish(.done)
        #expect(delivery.take(windowMs: 0).map(\.audioMs) == [1_000])
    }

    @Test func `a stream goes back to what was heard, and ends again`() {
        var delivery = self.delivery(.stream)
        delivery.keepsMs = 400
        delivery.add(self.pcm(500))
        _ = delivery.take(windowMs: 300)
        delivery.heard(250)
        delivery.finish(.done)
        _ = delivery.take(windowMs: 200)
        #expect(delivery.isKept)
        #expect(delivery.take(windowMs: 400) == [])
        #expect(delivery.rewind(toMs: 260)?.fromMs == 260)
        let again = delivery.take(windowMs: 400)
        #expect(
            again.first?.message
                == .audioDelta(
                    Array(self.pcm(500)[(260 * 48)...]), responseID: "r", itemID: "i", generation: 0, offsetMs: 260))
        #expect(again.last?.message == .audioEnd(responseID: "r", totalMs: 500, reason: .done))
    }

    @Test func `a stream that lost more than was kept goes back as far as it can`() {
        var delivery = self.delivery(.stream)
        delivery.keepsMs = 100
        delivery.add(self.pcm(500))
        _ = delivery.take(windowMs: 300)
        #expect(delivery.rewind(toMs: 0)?.fromMs == 200)
    }

    @Test func `nothing is kept of what was heard to its end, or was interrupted`() {
        var delivery = self.delivery(.stream)
        delivery.keepsMs = 400
        delivery.add(self.pcm(300))
        delivery.finish(.done)
        _ = delivery.take(windowMs: 400)
        var interrupted = delivery
        delivery.heard(300)
        #expect(!delivery.isKept)
        interrupted.finish(.interrupted)
        #expect(interrupted.rewind(toMs: 0) == nil)
        #expect(interrupted.take(windowMs: 400) == [])
    }

    @Test func `a reply without audio is no message`() {
        var delivery = self.delivery(.wholeWAV)
        delivery.finish(.done)
        #expect(delivery.take(windowMs: 0) == [])
    }
}

@Suite struct PlaybackClockTests {
    @Test func `without reports the client is taken to play from the first audio on`() {
        var clock = PlaybackClock()
        clock.sent(1_000, of: "i", now: 100)
        #expect(clock.heardMs(now: 400) == 300)
        #expect(clock.heardMs(now: 5_000) == 1_000)
        #expect(clock.isPlaying(now: 1_099))
        #expect(!clock.isPlaying(now: 1_100))
    }

    @Test func `audio that comes after a gap starts when it comes`() {
        var clock = PlaybackClock()
        clock.sent(100, of: "i", now: 0)
        clock.sent(100, of: "i", now: 1_000)
        #expect(clock.heardMs(now: 1_050) == 150)
    }

    @Test func `a report is believed, but not beyond what was sent`() {
        var clock = PlaybackClock()
        clock.sent(1_000, of: "i", now: 0)
        clock.reported(250)
        #expect(clock.heardMs(now: 900) == 250)
        clock.reported(9_999)
        #expect(clock.heardMs(now: 900) == 1_000)
    }

    @Test func `another item begins anew`() {
        var clock = PlaybackClock()
        clock.sent(1_000, of: "i", now: 0)
        clock.sent(500, of: "j", now: 400)
        #expect(clock.itemID == "j")
        #expect(clock.heardMs(now: 600) == 200)
    }
}

@Suite struct SmallSessionPartsTests {
    @Test(arguments: [
        ("Hello, I am Mohit.", "hello i am mohit", true), ("नमस्ते जी!", "नमस्ते जी", true), ("की", "का", false),
        ("Cafe\u{301}", "café", true), ("seven", "7", false), ("", "", true),
    ]) func `words agree where only their writing differs`(left: String, right: String, agree: Bool) {
        #expect(SpokenText.agree(left, right) == agree)
    }

    @Test func `silence and a click are no speech, a word is`() {
        #expect(!Loudness.holdsSpeech([Int16](repeating: 0, count: 24_000)))
        #expect(!Loudness.holdsSpeech((0..<24_000).map { $0 < 240 ? 20_000 : 0 }))
        #expect(Loudness.holdsSpeech((0..<24_000).map { $0 % 48 < 24 ? 2_000 : -2_000 }))
        #expect(!Loudness.holdsSpeech([]))
    }

    @Test func `a greeting is remembered for its time, by user and persona`() {
        let memory = GreetingMemory(windowMs: 60_000)
        memory.remember(user: "u", persona: "tina", nowMs: 1_000)
        #expect(memory.isRecent(user: "u", persona: "tina", nowMs: 60_999))
        #expect(!memory.isRecent(user: "u", persona: "tina", nowMs: 61_000))
        #expect(!memory.isRecent(user: "u", persona: "mohit", nowMs: 1_000))
        #expect(!memory.isRecent(user: "v", persona: "tina", nowMs: 1_000))
    }

    @Test func `the memory of greetings does not grow without end`() {
        let memory = GreetingMemory(windowMs: 60_000, capacity: 100)
        for number in 0..<10_000 { memory.remember(user: "u\(number)", persona: "tina", nowMs: number) }
        #expect((0..<10_000).filter { memory.isKnown("u\($0)", "tina") }.count <= 101)
    }

    @Test func `an id is new once`() {
        var ids = RecentIDs(capacity: 2)
        #expect(["a", "a", "b", "c", "a"].map { ids.isNew($0) } == [true, false, true, true, true])
    }

    @Test func `a recap is short and says who spoke`() {
        var recap = Recap()
        #expect(recap.afterReconnect == nil)
        for number in 0..<200 {
            recap.add(
                number.isMultiple(of: 2) ? .user : .assistant, "turn \(number) " + String(repeating: "x", count: 500))
        }
        let text = recap.afterReconnect ?? ""
        #expect(text.count < 6_200)
        #expect(text.contains("You: turn 199"))
        #expect(recap.forAnotherPersona?.contains("You:") == false)
    }
}
