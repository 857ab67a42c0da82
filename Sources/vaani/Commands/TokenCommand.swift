import Foundation
import Gateway

/// `vaani token`: makes a token, or a key to sign tokens with.
enum TokenCommand: Command {
    static let name = "token"
    static let summary = "Make a token for a user, or a key for tokens."
    static let usage = ["token --user ID [--ttl TIME] [--scope WORD]", "token --new-key ID"]
    static let flags =
        [
            Flag("user", "ID", "For whom the token is: the <user> of /ws-mobile/<user>."),
            Flag("ttl", "TIME", "How long it is good. [15m]"),
            Flag("scope", "WORD", "What it allows besides; admin opens /api/admin. May be given several times."),
            Flag("new-key", "ID", "Print a line for the file that token_keys_file names."),
        ] + Configuration.flags(for: ["token_keys_file", "token_issuer", "token_audience"])
    static let details = [
        "Examples:",
        "  vaani token --new-key 2026-11 >> keys; chmod 600 keys",
        "  vaani token --token-keys-file keys --user user-1",
    ]

    static func run(_ arguments: Arguments, _ terminal: Terminal) async throws(CommandError) -> ExitCode {
        try arguments.requireOperands(atMost: 0)
        if let id = arguments.value("new-key") {
            guard UserID(id) != nil else { throw CommandError(.usage, "--new-key: \"\(id)\" is no plain word") }
            terminal.print(TokenKeyFile.newLine(id: id))
            return .success
        }
        guard let name = arguments.value("user") else {
            throw CommandError(.usage, "--user says for whom the token is")
        }
        guard let user = UserID(name) else { throw CommandError(.usage, "--user: \"\(name)\" is no user id") }
        let authority = try self.authority(arguments, terminal)
        let claims = TokenClaims(
            subject: user.rawValue, expiresAt: .now + (try self.lifetime(arguments)) / .seconds(1),
            scopes: Set(arguments.values["scope"] ?? []))
        terminal.print(authority.issue(claims, at: .now))
        return .success
    }

    private static func lifetime(_ arguments: Arguments) throws(CommandError) -> Duration {
        do throws(InvalidSetting) {
            return try Duration.parse(arguments.value("ttl") ?? "15m")
        } catch {
            throw CommandError(.usage, "--ttl: \(error.message)")
        }
    }

    private static func authority(
        _ arguments: Arguments, _ terminal: Terminal
    ) throws(CommandError) -> TokenAuthority {
        let configuration = try Configuration.read(arguments, terminal)
        guard let authority = configuration.tokenAuthority, !configuration.tokenKeys.isEmpty else {
            throw CommandError(.configuration, "token_keys_file: names no file, so there is no key to sign with")
        }
        return authority
    }
}
