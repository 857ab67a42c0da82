import Gateway
import Transport

/// A file of the talk page, as it lies in the program.
struct WebFile: Sendable {
    /// Of the path: `main.js`.
    let name: String
    let type: String
    let bytes: [UInt8]
    /// A strong validator: changes with any byte.
    let entityTag: String

    init(_ name: String, _ type: String, _ bytes: [UInt8]) {
        self.name = name
        self.type = type
        self.bytes = bytes
        self.entityTag = "\"\(EntityTag.digest(of: bytes))\""
    }

    /// The file, or 304 where the browser has it already.
    ///
    /// Names carry no version, so a browser keeps a file and asks each time whether it is still the same.
    func response(to request: RouteRequest, headers: [(String, String)] = []) -> HTTPResponse {
        let isKnown = EntityTag.matches(self.entityTag, request.head.headers.list("if-none-match"))
        let policy = ContentPolicy(host: request.head.headers["host"])
        return HTTPResponse(
            status: isKnown ? 304 : 200,
            headers: [("content-type", self.type), ("cache-control", "no-cache"), ("etag", self.entityTag)]
                + policy.headers + headers,
            body: .bytes(self.bytes))
    }
}

extension WebFile {
    private static let script = "text/javascript; charset=utf-8"

    /// The page itself, served at `/`.
    static let page = WebFile("index.html", "text/html; charset=utf-8", PackageResources.index_html)

    /// The operators' view, served at `/console`.
    static let console = WebFile("console.html", "text/html; charset=utf-8", PackageResources.console_html)

    /// What the pages ask for, served under `/assets/`.
    static let assets = [
        WebFile("style.css", "text/css; charset=utf-8", PackageResources.style_css),
        WebFile("console.css", "text/css; charset=utf-8", PackageResources.console_css),
        WebFile("icon.svg", "image/svg+xml", PackageResources.icon_svg),
        WebFile("main.js", Self.script, PackageResources.main_js),
        WebFile("talk.js", Self.script, PackageResources.talk_js),
        WebFile("replies.js", Self.script, PackageResources.replies_js),
        WebFile("reply.js", Self.script, PackageResources.reply_js),
        WebFile("connection.js", Self.script, PackageResources.connection_js),
        WebFile("frames.js", Self.script, PackageResources.frames_js),
        WebFile("credentials.js", Self.script, PackageResources.credentials_js),
        WebFile("storage.js", Self.script, PackageResources.storage_js),
        WebFile("door.js", Self.script, PackageResources.door_js),
        WebFile("session.js", Self.script, PackageResources.session_js),
        WebFile("controls.js", Self.script, PackageResources.controls_js),
        WebFile("notices.js", Self.script, PackageResources.notices_js),
        WebFile("sound.js", Self.script, PackageResources.sound_js),
        WebFile("capture-worklet.js", Self.script, PackageResources.capture_worklet_js),
        WebFile("playback-worklet.js", Self.script, PackageResources.playback_worklet_js),
        WebFile("pcm.js", Self.script, PackageResources.pcm_js),
        WebFile("resampler.js", Self.script, PackageResources.resampler_js),
        WebFile("turns.js", Self.script, PackageResources.turns_js),
        WebFile("captions.js", Self.script, PackageResources.captions_js),
        WebFile("latency.js", Self.script, PackageResources.latency_js),
        WebFile("personas.js", Self.script, PackageResources.personas_js),
        WebFile("wave.js", Self.script, PackageResources.wave_js),
        WebFile("words.js", Self.script, PackageResources.words_js),
        WebFile("console.js", Self.script, PackageResources.console_js),
        WebFile("metrics.js", Self.script, PackageResources.metrics_js),
        WebFile("english.js", Self.script, PackageResources.english_js),
        WebFile("hindi.js", Self.script, PackageResources.hindi_js),
    ]
}
