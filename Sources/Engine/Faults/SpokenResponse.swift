import JSON

/// The step `say`: one spoken response from `response.created` to `response.done`, or to where it breaks off.
struct SpokenResponse {
    private let texts: [String]
    private let milliseconds: Int
    private let hertz: Int
    private let pieceMs: Int
    private let pauseMs: Int
    /// Pieces of audio after which nothing more comes.
    private let stopAfter: Int
    private let status: Status
    private let error: String?
    private let id: String
    private let dialect: FaultScript.Dialect

    enum Status: String, CaseIterable {
        case completed, cancelled, incomplete, failed
    }

    init(_ fields: ScriptFields, _ dialect: FaultScript.Dialect) throws(FaultScriptError) {
        self.texts = try fields.strings("say") ?? []
        self.milliseconds = try fields.integer("ms", in: 0...120_000) ?? 400
        self.hertz = try fields.integer("hz", in: 20...10_000) ?? 440
        self.pieceMs = try fields.integer("piece_ms", in: 1...10_000) ?? 100
        self.pauseMs = try fields.integer("pause_ms", in: 0...60_000) ?? 0
        self.stopAfter = try fields.integer("stop_after", in: 0...10_000) ?? .max
        self.error = try fields.string("error")
        self.status = try fields.choice("status", Status.self) ?? (self.error == nil ? .completed : .failed)
        self.id = try fields.string("id") ?? "resp_\(fields.line)"
        self.dialect = dialect
        guard !self.texts.isEmpty else { throw FaultScriptError(line: fields.line, "say has no text") }
    }

    var actions: [ScriptStep.Action] {
        var actions = [self.response("response.created", "in_progress")]
        var piecesLeft = self.stopAfter
        for (index, text) in self.texts.enumerated() {
            actions += self.beginning(index, text)
            let pieces = stride(from: 0, to: self.milliseconds, by: self.pieceMs)
            for start in pieces {
                guard piecesLeft > 0 else { return self.inDialect(actions) }
                piecesLeft -= 1
                actions += self.piece(index, fromMs: start)
            }
            guard piecesLeft > 0 else { return self.inDialect(actions) }
            actions += self.ending(index, text)
        }
        return self.inDialect(actions + [self.response("response.done", self.status.rawValue)])
    }

    private func beginning(_ index: Int, _ text: String) -> [ScriptStep.Action] {
        [
            self.item("response.output_item.added", index, text, "in_progress"),
            self.item("conversation.item.added", index, text, "in_progress"),
            self.part("response.content_part.added", index, ["part": ["type": "audio", "transcript": ""]]),
            self.part("response.output_audio_transcript.delta", index, ["delta": .string(text)]),
        ]
    }

    private func piece(_ index: Int, fromMs start: Int) -> [ScriptStep.Action] {
        let count = 24 * min(self.pieceMs, self.milliseconds - start)
        let audio = ToneValue.base64(hertz: self.hertz, from: 24 * start, count: count)
        let delta = self.part("response.output_audio.delta", index, ["delta": audio])
        return self.pauseMs > 0 ? [delta, .delay(milliseconds: self.pauseMs)] : [delta]
    }

    private func ending(_ index: Int, _ text: String) -> [ScriptStep.Action] {
        let status = self.status == .completed ? "completed" : "incomplete"
        let part: JSONValue = ["type": "audio", "transcript": .string(text)]
        return [
            self.part("response.output_audio.done", index, [:]),
            self.part("response.output_audio_transcript.done", index, ["transcript": .string(text)]),
            self.part("response.content_part.done", index, ["part": part]),
            self.item("conversation.item.done", index, text, status),
            self.item("response.output_item.done", index, text, status),
        ]
    }

    private func itemID(_ index: Int) -> String { "item_\(self.id)_\(index)" }

    private func part(_ type: String, _ index: Int, _ fields: [String: JSONValue]) -> ScriptStep.Action {
        let place: [String: JSONValue] = [
            "type": .string(type), "response_id": .string(self.id), "item_id": .string(self.itemID(index)),
            "output_index": .integer(index), "content_index": 0,
        ]
        return .send(place.merging(fields) { $1 })
    }

    private func item(_ type: String, _ index: Int, _ text: String, _ status: String) -> ScriptStep.Action {
        let content: JSONValue =
            status == "in_progress" ? [] : [["type": "output_audio", "transcript": .string(text)]]
        let item: JSONValue = [
            "id": .string(self.itemID(index)), "object": "realtime.item", "type": "message", "role": "assistant",
            "status": .string(status), "content": content,
        ]
        guard type.hasPrefix("response.") else {
            return .send(["type": .string(type), "item": item, "previous_item_id": .null])
        }
        return .send([
            "type": .string(type), "response_id": .string(self.id), "output_index": .integer(index), "item": item,
        ])
    }

    private func response(_ type: String, _ status: String) -> ScriptStep.Action {
        var details = JSONValue.null
        if status == "failed" {
            details = [
                "type": "failed",
                "error": ["type": "server_error", "code": .string(self.error ?? "server_error"), "message": ""],
            ]
        } else if status == "cancelled" || status == "incomplete" {
            details = ["type": .string(status)]
        }
        let response: JSONValue = [
            "object": "realtime.response", "id": .string(self.id), "status": .string(status),
            "status_details": details, "output": [], "metadata": .null, "usage": .null,
        ]
        return .send(["type": .string(type), "response": response])
    }

    private func inDialect(_ actions: [ScriptStep.Action]) -> [ScriptStep.Action] {
        guard self.dialect == .beta else { return actions }
        return actions.compactMap { action in
            guard case .send(var event) = action, let type = event["type"]?.string else { return action }
            guard !BetaNames.unknown.contains(type) else { return nil }
            event["type"] = .string(BetaNames.name(of: type))
            return .send(event)
        }
    }
}
