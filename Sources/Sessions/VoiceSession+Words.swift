import ClientProtocol

// Words for those who write along.
extension VoiceSession {
    /// Passes final words on; a typed turn is as good as a spoken one.
    func pass(on transcript: Transcript) {
        guard transcript.isFinal, !transcript.text.isEmpty, let persona = self.machine.persona else { return }
        self.services.onWords?(self.identity, persona.id.rawValue, transcript)
    }
}
