import JSON
import RealtimeProtocol

/// The body of `POST /v1/realtime/client_secrets`.
struct ClientSecretRequest: Sendable, Equatable {
    private static let lifetimes = 10...7_200

    var settings = SessionSettings()
    var model: String?
    var seconds = 600

    init(_ body: [UInt8]) throws(RealtimeError) {
        guard !body.isEmpty else { return }
        let json: JSONValue
        do throws(JSONError) {
            json = try JSONValue(parsing: body)
        } catch {
            throw .refusal("invalid_json", "The body is \(error.description).")
        }
        let fields = try Fields(json, "")
        try fields.allow("expires_after", "session")
        if let lifetime = try fields.object("expires_after") {
            try lifetime.allow("anchor", "seconds")
            _ = try lifetime.choice("anchor", of: ["created_at"])
            self.seconds = try lifetime.integer("seconds", in: Self.lifetimes) ?? self.seconds
        }
        guard let session = fields["session"] else { return }
        self.settings = try self.settings.updated(by: session, isVoiceLocked: false)
        self.model = session["model"]?.string
    }
}
