import Foundation
import Gateway

/// Keys for tokens: one a line, `ID SECRET`, the secret in base64. The first signs; all are taken.
///
/// To exchange a key without a gap: put the new one first, reload, and take the old one out when its tokens have expired.
enum TokenKeyFile {
    /// - Throws: what is wrong, by line, never a secret.
    static func parse(_ text: String) throws(InvalidSetting) -> [TokenKey] {
        var keys: [TokenKey] = []
        for (index, line) in text.split(separator: "\n", omittingEmptySubsequences: false).enumerated() {
            let line = line.trimming(while: \.isWhitespace)
            if line.isEmpty || line.hasPrefix("#") { continue }
            let words = line.split(whereSeparator: \.isWhitespace)
            guard words.count == 2, let secret = Data(base64Encoded: String(words[1])),
                let key = TokenKey(id: String(words[0]), secret: [UInt8](secret))
            else {
                throw InvalidSetting(
                    "line \(index + 1) is not an id and \(TokenKey.minSecretBytes) bytes or more in base64")
            }
            guard !keys.contains(where: { $0.id == key.id }) else {
                throw InvalidSetting("line \(index + 1) repeats the id \(key.id)")
            }
            keys.append(key)
        }
        guard !keys.isEmpty else { throw InvalidSetting("there is no key in it") }
        return keys
    }

    /// A line with a new key.
    static func newLine(id: String) -> String {
        var generator = SystemRandomNumberGenerator()
        let secret = (0..<TokenKey.minSecretBytes).map { _ in UInt8.random(in: .min ... .max, using: &generator) }
        return "\(id) \(Data(secret).base64EncodedString())"
    }
}
