/// What a person sees when the gateway has started: where it is, who answers, and what to type next.
struct StartScreen {
    var version: String
    /// How the program was called, so that the next command can be copied.
    var program: String
    /// `127.0.0.1:8000`
    var address: String
    var isEncrypted: Bool
    var personas: Int
    var rejectedPersonas: Int
    var personaFolder: String
    /// The real model and its host, or nil for the engine that is built in.
    var model: (name: String, upstream: String)?
    /// Who writes the built-in engine's replies, such as `qwen`; nil for nobody.
    var writer: String?
    /// Who recognises speech for it; nil for nobody.
    var recognizer: String?
    /// Where personas are shown as well, such as `https://tavusapi.com`; nil for nowhere.
    var provider: String?
    /// A key is there, but nothing says to use it.
    var hasUnusedKey: Bool
    /// The beginning of a persona's id, for the example.
    var example: String?

    func lines(_ terminal: Terminal) -> [String] {
        let http = self.isEncrypted ? "https" : "http"
        let ws = self.isEncrypted ? "wss" : "ws"
        var table = TextTable()
        table.add("Listening", "\(http)://\(self.address)")
        table.add("Voice", "\(ws)://\(self.address)/ws-mobile/<user>")
        table.add("Personas", self.personaLine)
        table.add("Model", self.modelLine)
        if let provider = self.provider { table.add("Provider", "personas are shown by \(provider) as well") }
        if self.hasUnusedKey {
            table.add("", "A key is set but not used; add --upstream-url wss://api.openai.com/v1/realtime to use it.")
        }
        table.add("", "")
        table.add("Try", terminal.bold(self.nextCommand(ws)))
        table.add("Stop", "Ctrl-C")
        return [terminal.bold("Vaani \(self.version)"), ""] + table.lines(indent: 2) + [""]
    }

    private var personaLine: String {
        let rejected = self.rejectedPersonas == 0 ? "" : ", \(self.rejectedPersonas) rejected: vaani check says why"
        return "\(self.personas) from \(self.personaFolder)\(rejected)"
    }

    private var modelLine: String {
        guard let model = self.model else {
            let answers =
                self.writer.map { "answers by \($0)" } ?? "answers from the persona's own words, no language model"
            let words = self.recognizer.map { ", speech recognised by \($0)" } ?? ""
            return "built-in engine: espeak-ng voices, \(answers)\(words)"
        }
        return "\(model.name) at \(model.upstream)"
    }

    private func nextCommand(_ ws: String) -> String {
        let isUsual = self.address == "127.0.0.1:8000" && !self.isEncrypted
        let url = isUsual ? "" : " --url \(ws)://\(self.address)"
        let persona = self.example.map { " --persona \($0)" } ?? ""
        return "\(self.program) talk\(url)\(persona)"
    }
}
