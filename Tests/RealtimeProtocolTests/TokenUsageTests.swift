import Testing

@testable import RealtimeProtocol

@Suite struct TokenUsageTests {
    private func usage(_ json: String) throws -> TokenUsage? {
        let text = Array(#"{"type":"response.done","response":{"id":"r","status":"completed","usage":\#(json)}}"#.utf8)
        let event = try text.withUnsafeBytes { try RealtimeServerEvent(decoding: $0) }
        guard case .responseDone(let summary) = event else { return nil }
        return summary.usage
    }

    @Test func `cached tokens are taken out of the input that they are a part of`() throws {
        let usage = try self.usage(
            """
            {"total_tokens":253,"input_tokens":132,"output_tokens":121,
             "input_token_details":{"text_tokens":119,"audio_tokens":13,"image_tokens":0,"cached_tokens":70,
              "cached_tokens_details":{"text_tokens":64,"audio_tokens":6,"image_tokens":0}},
             "output_token_details":{"text_tokens":30,"audio_tokens":91}}
            """)
        #expect(
            usage
                == TokenUsage([
                    .textIn: 55, .cachedTextIn: 64, .audioIn: 7, .cachedAudioIn: 6, .textOut: 30, .audioOut: 91,
                ]))
    }

    @Test func `tokens that a server does not sort count as text`() throws {
        #expect(
            try self.usage(#"{"input_tokens":10,"output_tokens":20}"#) == TokenUsage([.textIn: 10, .textOut: 20]))
        #expect(
            try self.usage(#"{"input_tokens":10,"input_token_details":{"cached_tokens":4}}"#)
                == TokenUsage([.textIn: 6, .cachedTextIn: 4]))
    }

    @Test(arguments: ["null", "{}", "[]", "7", #""all of it""#])
    func `a server that says nothing has no usage`(json: String) throws {
        #expect(try self.usage(json) == nil)
    }

    @Test(arguments: [
        #"{"input_tokens":-5,"output_tokens":-9223372036854775808}"#,
        #"{"input_tokens":1,"input_token_details":{"audio_tokens":9}}"#,
        #"{"input_tokens":5,"input_token_details":{"text_tokens":5,"cached_tokens":99,"cached_tokens_details":{"audio_tokens":50}}}"#,
    ]) func `no count is below nothing, and no more is cached than came`(json: String) throws {
        let usage = try #require(try self.usage(json))
        for kind in TokenUsage.Kind.allCases { #expect(usage[kind] >= 0 && usage[kind] <= 9) }
    }

    @Test func `sums do not overflow, whatever a server says`() throws {
        var total = TokenUsage()
        let huge = try #require(try self.usage(#"{"input_tokens":9223372036854775807}"#))
        for _ in 0..<1_000 { total += huge }
        #expect(total[.textIn] == 1_000 << 30)
    }
}
