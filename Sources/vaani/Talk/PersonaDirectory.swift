import Foundation
import FoundationNetworking
import JSON

/// The personas of a gateway, to find one by the beginning of its id or name.
struct PersonaDirectory: Sendable {
    struct Entry: Sendable, Equatable {
        let id: String
        let name: String
    }

    let entries: [Entry]

    /// Asks a gateway for its list.
    ///
    /// - Parameter url: the gateway's address, `ws://…` or `wss://…`.
    /// - Throws: 69 where nobody answers.
    static func load(from url: String) async throws(CommandError) -> PersonaDirectory {
        let address = "http" + url.dropFirst(2) + "/api/personas"
        guard let location = URL(string: address) else { throw CommandError(.usage, "\(url) is no address") }
        var request = URLRequest(url: location)
        request.timeoutInterval = 10
        do {
            let (data, response) = try await URLSession.shared.data(for: request)
            guard (response as? HTTPURLResponse)?.statusCode == 200 else {
                throw CommandError(.unavailable, "\(address) does not list personas")
            }
            return PersonaDirectory(try JSONValue(parsing: [UInt8](data)))
        } catch let error as CommandError {
            throw error
        } catch {
            throw CommandError(.unavailable, "nobody answers at \(url); is vaani serve running there?")
        }
    }

    init(entries: [Entry]) {
        self.entries = entries
    }

    init(_ list: JSONValue) {
        self.entries = (list["items"]?.array ?? []).compactMap { item in
            item["id"]?.string.map { Entry(id: $0, name: item["name"]?.string ?? $0) }
        }
    }

    /// Finds a persona by its id, or by the beginning of its id or name where only one begins so.
    ///
    /// - Throws: 65, with the candidates or the nearest name.
    func resolve(_ text: String) throws(CommandError) -> String {
        let wanted = text.lowercased()
        if let exact = self.entries.first(where: { $0.id == text }) { return exact.id }
        // Numbers are aliases that the gateway itself knows.
        if Int(text) != nil { return text }
        // Personas that users made are in no list: the gateway knows whose they are.
        if UUID(uuidString: text) != nil || ["per_", "scn_", "exp_"].contains(where: text.hasPrefix) { return text }
        let matches = self.entries.filter {
            $0.id.lowercased().hasPrefix(wanted) || $0.name.lowercased().hasPrefix(wanted)
        }
        if matches.count == 1 { return matches[0].id }
        guard !matches.isEmpty else {
            let known = self.entries.map(\.id).sorted().prefix(12).joined(separator: ", ")
            let hint = Suggestion.hint(for: text, among: self.entries.map(\.id))
            throw CommandError(.badData, "there is no persona \(text)\(hint.isEmpty ? "; there are \(known)" : hint)")
        }
        let names = matches.map(\.id).sorted().joined(separator: ", ")
        throw CommandError(.badData, "\(text) may be any of \(names); write more of it")
    }
}
