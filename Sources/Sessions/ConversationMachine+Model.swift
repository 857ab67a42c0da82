import ClientProtocol
import Personas
import RealtimeProtocol

// What the model says.
extension ConversationMachine {
    mutating func upstream(_ id: LineID, _ event: RealtimeServerEvent, now: Int) -> [SessionAction] {
        if self.candidate?.id == id { return self.candidateSaid(event, now: now) }
        guard let line = self.line, line.id == id else { return [] }
        switch event {
        case .speechStarted(let itemID, _):
            let actions = self.stopRotating() + self.userWasActive()
            self.isUserSpeaking = true
            self.lastSoundMs = now
            return actions + self.speechStarted(itemID, now: now)
        case .inputAudioCommitted(let itemID, let previous):
            let actions = self.stopRotating()
            self.isUserSpeaking = false
            self.remember(previous, before: itemID)
            return actions + self.inputCommitted(itemID, on: line, now: now)
        case .speechStopped: return [.downstream(.state(.thinking))]
        case .inputTranscriptDone(let itemID, let text):
            return self.userTranscript(itemID, text, on: line)
        case .responseCreated(let responseID, _): return self.responseCreated(responseID, on: line)
        case .audioDelta(let part, let audio): return self.audioDelta(part, audio, on: line, now: now)
        case .audioDone(let part): return self.partsCompleted(of: part.responseID) { $0.completed(part) }
        case .outputItemDone(let responseID, let item):
            return self.partsCompleted(of: responseID) { $0.completed(itemID: item.id) }
        case .transcriptDelta(let part, let text), .textDelta(let part, let text):
            return self.words(part, text, now: now)
        case .transcriptDone(let part, let text), .textDone(let part, let text): return self.wordsDone(part, text)
        case .outputItemAdded(let responseID, let item): return self.itemBegun(responseID, item)
        case .responseDone(let summary):
            let rest = self.partsCompleted(of: summary.id) { $0.completedAll() }
            return rest + self.responseDone(summary, on: line, now: now)
        case .error(let error): return self.errorReceived(error, on: line, now: now)
        default: return []
        }
    }

    /// It may come long after the answer to it: clients put it in order by the item before it.
    private mutating func userTranscript(_ itemID: String, _ text: String, on line: Line) -> [SessionAction] {
        let script = Script(of: text)
        var transcript = Transcript(role: .user, itemID: itemID, text: text, isFinal: true)
        transcript.previousItemID = self.previousItems.removeValue(forKey: itemID)
        transcript.language = script?.language(in: line.persona.language)
        guard script?.isMismatch(in: line.persona.language) == true else {
            self.recap.caller(text, itemID: itemID)
            return [.downstream(.transcript(transcript))]
        }
        return [.count(.scriptMismatch), .downstream(.transcript(transcript))]
    }

    mutating func candidateSaid(_ event: RealtimeServerEvent, now: Int) -> [SessionAction] {
        guard var candidate = self.candidate else { return [] }
        switch (event, candidate.phase) {
        case (.sessionCreated, .dialling):
            candidate.phase = .configuring
            candidate.isListening = self.isStreaming
            self.candidate = candidate
            return [.upstream(candidate.id, candidate.configuration)]
        case (.sessionUpdated, .configuring):
            candidate.phase = .ready
            return self.takeOver(candidate)
        case (.error(let error), _):
            let failure =
                if case .endsSession(let failure) = error.disposition { failure } else {
                    UpstreamFailure(.rejected, "the model refused the persona's configuration")
                }
            return [.disconnect(candidate.id)] + self.lineFailed(candidate.id, failure, now: now)
        default: return []
        }
    }

    mutating func responseCreated(_ responseID: String, on line: Line) -> [SessionAction] {
        switch self.reply {
        case .requested(let turn, true):
            self.reply = .ending(responseID: responseID)
            return [.upstream(line.id, .cancelResponse(responseID: responseID))] + self.finished(turn)
        case .requested(let turn, false):
            self.reply = .running(Reply(responseID: responseID, turn: turn, generation: self.generation))
            return []
        case .none, .ending:
            // The model answers live speech by itself.
            self.reply = .running(Reply(responseID: responseID, turn: nil, generation: self.generation))
            return [.downstream(.state(.thinking)), .start(.firstOutput, self.limits.firstOutput)]
        case .running: return []
        }
    }

    private mutating func itemBegun(_ responseID: String, _ item: ItemSummary) -> [SessionAction] {
        guard case .running(var reply) = self.reply, reply.responseID == responseID else { return [] }
        if item.type == "function_call" { reply.callsFunction = true }
        self.reply = .running(reply)
        return []
    }

    mutating func audioDelta(
        _ part: OutputPart, _ audio: [UInt8], on line: Line, now: Int
    ) -> [SessionAction] {
        guard case .running(var reply) = self.reply, reply.responseID == part.responseID,
            reply.generation == self.generation
        else { return [] }
        reply.heardAtMs = now
        let audible = reply.parts.take(audio, of: part)
        return self.speak(audible, reply)
    }

    /// A part of the response has all its audio: what waited for that is heard.
    private mutating func partsCompleted(
        of responseID: String, _ complete: (inout SpokenParts) -> [UInt8]
    ) -> [SessionAction] {
        guard case .running(var reply) = self.reply, reply.responseID == responseID else { return [] }
        let audible = complete(&reply.parts)
        return self.speak(audible, reply)
    }

    /// Plays audio of the running reply; the first of it begins the reply.
    private mutating func speak(_ audio: [UInt8], _ changed: Reply) -> [SessionAction] {
        var reply = changed
        defer { self.reply = .running(reply) }
        guard !audio.isEmpty, let itemID = reply.parts.firstItemID else { return [] }
        guard !reply.hasBegun else { return [.play(audio)] }
        reply.hasBegun = true
        self.reply = .running(reply)
        self.lastResponse = reply.responseID
        let header = ReplyHeader(
            responseID: reply.responseID, itemID: itemID, generation: self.generation, kind: reply.kind)
        let isTyped = if case .typed? = reply.turn?.turn { true } else { false }
        let closes = self.protects(reply.kind) ? self.microphone() : []
        return [
            .beginReply(header, isTyped: isTyped), .downstream(.state(.speaking)),
        ] + closes + [.play(audio)]
    }

    mutating func words(_ part: OutputPart, _ text: String, now: Int) -> [SessionAction] {
        guard case .running(var reply) = self.reply, reply.responseID == part.responseID else { return [] }
        reply.unfinished += text
        reply.heardAtMs = now
        self.reply = .running(reply)
        let delta = Transcript(role: .assistant, itemID: part.itemID, text: text, isFinal: false)
        return [.downstream(.transcript(delta))]
    }

    mutating func wordsDone(_ part: OutputPart, _ text: String) -> [SessionAction] {
        guard case .running(var reply) = self.reply, reply.responseID == part.responseID else { return [] }
        // A response may hold several items; together they are one spoken turn.
        reply.transcript += reply.transcript.isEmpty ? text : " " + text
        reply.unfinished = ""
        self.reply = .running(reply)
        var whole = Transcript(role: .assistant, itemID: part.itemID, text: text, isFinal: true)
        whole.language = Script(of: text)?.language(in: self.persona?.language ?? "")
        return [.downstream(.transcript(whole))]
    }

    mutating func responseDone(_ summary: ResponseSummary, on line: Line, now: Int) -> [SessionAction] {
        switch self.reply {
        case .ending(let responseID) where responseID == summary.id || responseID.isEmpty:
            self.reply = .none
            return [.stop(.cancellation)] + self.advance()
        case .requested(let turn, isCancelled: true):
            self.reply = .none
            return [.stop(.cancellation)] + self.finished(turn) + self.advance()
        case .running(let reply) where reply.responseID == summary.id:
            self.reply = .none
            return [.stop(.firstOutput)] + self.outcome(of: reply, summary, on: line, now: now)
        case .requested(let turn, isCancelled: false):
            // Failed before it was announced, or the announcement was lost: either way nothing more will come of it.
            self.reply = .none
            let reply = Reply(responseID: summary.id, turn: turn, generation: self.generation)
            return [.stop(.firstOutput)] + self.outcome(of: reply, summary, on: line, now: now)
        default: return []
        }
    }

    mutating func outcome(
        of reply: Reply, _ summary: ResponseSummary, on line: Line, now: Int
    ) -> [SessionAction] {
        let error = summary.error ?? RealtimeError(type: "server_error", message: "")
        if summary.status == .failed, case .endsSession(let failure) = error.disposition {
            self.reply = .running(reply)
            return [.disconnect(line.id)] + self.lineFailed(line.id, failure, now: now)
        }
        var actions = reply.turn.map { self.finished($0) } ?? []
        switch summary.status {
        case .failed:
            actions.append(.endReply(.failed))
            let isBusy = error.code?.contains("rate_limit") == true
            actions += self.complain(
                isBusy ? .rateLimited : .upstreamUnavailable,
                isBusy ? "the model is busy, try again in a moment" : "the model could not answer, try again")
        case .cancelled: actions.append(.endReply(.interrupted))
        case .completed, .incomplete:
            self.spoken = reply.parts
            if reply.isEmpty {
                actions += self.complain(.upstreamUnavailable, "the model had no answer, try again")
            }
            actions.append(.endReply(.done))
            self.recap.add(.assistant, reply.transcript, id: reply.responseID, spokenMs: reply.receivedMs)
            if !reply.transcript.isEmpty {
                actions.append(.downstream(.textResponse(reply.transcript, responseID: reply.responseID)))
            }
            if case .greeting(let text)? = reply.turn?.turn, !self.isTextOnly {
                let isExact = SpokenText.agree(text, reply.transcript)
                actions.append(isExact ? .keepGreeting(line.persona.greetingHash) : .count(.greetingDrift))
            }
            actions += self.protect(reply, now: now)
        }
        return actions + [.downstream(.state(.idle))] + self.advance()
    }

    /// The model is done long before the user has heard it.
    private mutating func protect(_ reply: Reply, now: Int) -> [SessionAction] {
        self.isReplyProtected = self.protects(reply.kind)
        return self.replyPlays(for: reply.receivedMs - self.playback.heardMs(now: now))
    }

    mutating func errorReceived(_ error: RealtimeError, on line: Line, now: Int) -> [SessionAction] {
        switch error.disposition {
        case .ignore: return []
        case .endsSession(let failure): return [.disconnect(line.id)] + self.lineFailed(line.id, failure, now: now)
        case .askAgainAfterResponse:
            guard case .requested(let turn, let isCancelled) = self.reply else { return [] }
            if !isCancelled { self.queue.insert(turn, at: 0) }
            // Somebody else's response runs; its id is not known, and its end is what counts.
            self.reply = .ending(responseID: "")
            return [.stop(.firstOutput), .start(.cancellation, self.limits.cancellation)]
                + (isCancelled ? self.finished(turn) : [])
        case .report:
            guard case .requested(let turn, _) = self.reply, error.refuses(request: self.requestID) else {
                return [.count(.error(.upstreamUnavailable))]
            }
            self.reply = .none
            return [.stop(.firstOutput)] + self.finished(turn)
                + self.complain(.upstreamUnavailable, "the model refused the request") + self.advance()
        }
    }
}
