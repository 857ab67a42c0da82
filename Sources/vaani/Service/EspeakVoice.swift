/// How espeak-ng speaks for a voice of the Realtime API: a language, a timbre, and a manner.
struct EspeakVoice: Sendable, Equatable {
    /// A voice of espeak-ng with a variant, such as `hi+f2`.
    var name: String
    /// 0…100, 50 is the variant's own.
    var pitch: Int
    /// Words a minute.
    var rate: Int
    /// How lively the melody is: 0…100.
    var range: Int

    /// What sets the ten voices apart: espeak-ng's variants are few, so pitch and pace help.
    private static let manners: [String: (variant: String, pitch: Int, rate: Int, range: Int)] = [
        "alloy": ("f3", 45, 165, 50), "coral": ("f2", 60, 170, 65), "sage": ("f4", 48, 155, 45),
        "shimmer": ("f5", 62, 160, 60), "marin": ("f1", 52, 165, 55),
        "ash": ("m3", 40, 160, 50), "ballad": ("m7", 48, 150, 60), "echo": ("m2", 50, 165, 50),
        "verse": ("m4", 52, 170, 60), "cedar": ("m1", 36, 155, 45),
    ]

    /// Languages of India and its neighbours that espeak-ng reads; any other is read as English (`en` is the British one: voices go by file name).
    private static let languages: Set<String> = [
        "as", "bn", "gu", "hi", "kn", "ml", "mr", "ne", "or", "pa", "sd", "si", "ta", "te", "ur",
    ]

    /// - Parameters:
    ///   - voice: a voice of the Realtime API; an unknown one speaks like `alloy`.
    ///   - language: BCP 47, such as `hi` or `en-IN`.
    init(voice: String, language: String) {
        let primary = language.lowercased().prefix { $0 != "-" && $0 != "_" }
        let base = Self.languages.contains(String(primary)) ? String(primary) : "en"
        let manner = Self.manners[voice.lowercased()] ?? ("f3", 45, 165, 50)
        self.name = "\(base)+\(manner.variant)"
        self.pitch = manner.pitch
        self.rate = manner.rate
        self.range = manner.range
    }
}
