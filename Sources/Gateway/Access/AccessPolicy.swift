import Foundation
import Transport

/// Who has to prove who they are.
public enum AccessPolicy: Sendable {
    /// Nobody: for loopback addresses alone.
    case open
    /// Everybody but balancers and scrapers, with a token.
    case tokens(TokenAuthority)

    /// The claims of a request's token, or nil where nobody is asked.
    ///
    /// - Throws: 401 where there is no token, or one that is not taken.
    func claims(of head: HTTPRequestHead, at now: Date = .now) throws(ErrorResponse) -> TokenClaims? {
        guard case .tokens(let authority) = self else { return nil }
        do throws(TokenFault) {
            guard let token = Self.token(in: head) else { throw .missing }
            return try authority.verify(token, at: now)
        } catch {
            throw ErrorResponse(401, error)
        }
    }

    /// A header where one can be set, else the query, else a subprotocol: a browser's WebSocket has no headers.
    private static func token(in head: HTTPRequestHead) -> String? {
        if let header = head.headers["authorization"] {
            let words = header.split(separator: " ")
            return words.count == 2 && words[0].lowercased() == "bearer" ? String(words[1]) : nil
        }
        if let token = head.queryValue("token"), !token.isEmpty { return token }
        return head.subprotocols.lazy.compactMap(SubprotocolChoice.token).first
    }
}
