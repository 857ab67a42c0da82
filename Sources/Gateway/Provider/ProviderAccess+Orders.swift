import Foundation
import Providers
import Studio
import Transport

// Personas are kept here first, and with them what the provider has to do.
extension ProviderAccess {
    /// - Throws: `notConfigured` where there is no provider.
    func requiredOrders() throws(ProviderError) -> PersonaOrders {
        guard let orders = self.orders else { throw .notConfigured }
        return orders
    }

    /// Gives a persona that somebody writes a place in the provider's line.
    ///
    /// - Parameter isForNew: whether one that exists here alone is made there too; else only one that is there is changed.
    /// - Returns: nil where there is no provider, or it would not take the persona as it is, which `warnings` says.
    func order(for persona: PersonaRecord, at now: Date, isForNew: Bool = true) -> ProviderOrder? {
        // A prompt that is too long for the provider came with the wish to have it shortened.
        try? self.orders?.order(for: persona, at: now, isForNew: isForNew, truncates: true).order
    }

    /// Tells that an order was kept, unless the request was answered as it was before.
    func placed(_ order: ProviderOrder?, by request: RouteRequest, _ response: HTTPResponse) async {
        guard let order, let orders = self.orders,
            !response.headers.contains(where: { $0.0 == RouteRequest.replayed })
        else { return }
        await orders.placed(order.job.personaID, inRequest: request.id.description)
    }
}
