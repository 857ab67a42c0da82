import Observability
import RealtimeProtocol
import Testing
import Transport

@testable import Upstream

@Suite struct ResponseWatchTests {
    private let item = ItemSummary(id: "i")
    private let part = OutputPart(responseID: "r", itemID: "i")

    @Test func `a response whose end is not told is over some time after its last item`() {
        var watch = ResponseWatch()
        #expect(watch.heard(.responseCreated(id: "r", metadata: [:])) == .nothing)
        #expect(watch.heard(.audioDelta(self.part, audio: [])) == .nothing)
        #expect(watch.heard(.outputItemDone(responseID: "r", self.item)) == .wait)
        #expect(watch.expired() == .responseDone(ResponseSummary(id: "r", status: .completed)))
        #expect(watch.expired() == nil)
    }

    @Test func `one whose end is told, or that goes on, is not ended`() {
        for event in [
            RealtimeServerEvent.responseDone(ResponseSummary(id: "r", status: .completed)),
            .outputItemAdded(responseID: "r", self.item), .audioDelta(self.part, audio: []),
        ] {
            var watch = ResponseWatch()
            _ = watch.heard(.outputItemDone(responseID: "r", self.item))
            #expect(watch.heard(event) == .stopWaiting)
            #expect(watch.expired() == nil)
        }
    }
}

@Suite struct InputRateTests {
    @Test func `a turn keeps its length at another rate, in pieces of any size`() throws {
        var rate = InputRate(16_000)
        var samples = 0
        for count in [2, 960, 1_922, 45_116] {
            let piece = [UInt8](repeating: 1, count: count)
            samples += try piece.withUnsafeBytes { try rate.convert($0).count }
        }
        samples += try rate.finish().count
        #expect(samples == 16_000)
        #expect(try rate.finish().isEmpty)
    }
}

@Suite struct EndpointTests {
    @Test func `the model joins the query that a URL has`() {
        let plain = RealtimeEndpoint(url: "wss://example.com/v1/realtime", model: "m 1")
        #expect(plain.dialURL == "wss://example.com/v1/realtime?model=m%201")
        let azure = RealtimeEndpoint(url: "wss://example.com/openai/realtime?api-version=1", model: "m")
        #expect(azure.dialURL == "wss://example.com/openai/realtime?api-version=1&model=m")
    }

    @Test func `capabilities are the dialect's unless they are known better`() {
        #expect(RealtimeEndpoint(url: "", model: "", dialect: .xAI).capabilities.speaksVerbatim)
        let own = RealtimeCapabilities(speaksVerbatim: true)
        #expect(RealtimeEndpoint(url: "", model: "", capabilities: own).capabilities == own)
    }
}

@Suite(.timeLimit(.minutes(1))) struct KeyHeaderTests {
    @Test func `a key can go into the header that Azure wants`() async throws {
        let laboratory = try Laboratory()
        var (model, endpoint) = try await laboratory.model()
        endpoint.key = Secret("sk-test")
        endpoint.keyHeader = .apiKey
        let connector = try RealtimeClientConnector(endpoint: endpoint, log: .disabled, metrics: laboratory.metrics)
        _ = await laboratory.firstWord(of: connector)
        let head = try #require(model.requestHead)
        #expect(head.headers["api-key"] == "sk-test")
        #expect(head.headers["authorization"] == nil)
        await laboratory.close()
    }
}
