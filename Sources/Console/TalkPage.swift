import Gateway
import Transport

/// The page on which a person talks with a persona in a browser.
///
/// Everybody may load it, also where tokens are asked for: it holds nothing, and asks for the token itself.
public enum TalkPage {
    /// Answers `/` for a browser.
    @Sendable public static func page(_ request: RouteRequest) -> HTTPResponse {
        WebFile.page.response(to: request, headers: [("vary", "accept")])
    }

    /// Scripts and styles, the operators' view, and another name of the page that links in the field point to.
    public static let routes: [Route] =
        WebFile.assets.map { file in
            Route("GET", "/assets/\(file.name)", access: .everyone) { file.response(to: $0) }
        } + [
            // It shows what `/api/admin` tells whoever may ask, and holds nothing itself.
            Route("GET", "/console", access: .everyone) { WebFile.console.response(to: $0) },
            Route("GET", "/voice_realtime", access: .everyone) { _ in
                HTTPResponse(status: 307, headers: [("location", "/")], body: .bytes([]))
            },
        ]
}
