/// What the events of GA were called before.
enum BetaNames {
    static func name(of type: String) -> String {
        switch type {
        case "response.output_audio.delta": "response.audio.delta"
        case "response.output_audio.done": "response.audio.done"
        case "response.output_audio_transcript.delta": "response.audio_transcript.delta"
        case "response.output_audio_transcript.done": "response.audio_transcript.done"
        case "response.output_text.delta": "response.text.delta"
        case "response.output_text.done": "response.text.done"
        case "conversation.item.added": "conversation.item.created"
        default: type
        }
    }

    /// GA tells of an item twice; before, it was told once.
    static let unknown: Set<String> = ["conversation.item.done"]
}
