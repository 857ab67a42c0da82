import Gateway
import JSON
import Observability
import Synchronization
import Workers

/// Reads PDF and DOCX in helper processes: a hostile file costs one of them, and reaches neither files nor network.
/// They are started by the first document, because most gateways are never sent one.
final class DocumentWorkers: DocumentConverter {
    private let configuration: WorkerPool.Configuration
    private let log: Log
    private let metrics: MetricsRegistry
    private let pool = Mutex<WorkerPool?>(nil)

    /// - Parameter executable: of the helper.
    init(executable: String, log: Log, metrics: MetricsRegistry) {
        self.configuration = WorkerPool.Configuration(
            executable: executable, size: 2, queueLimit: 16, callTimeout: .seconds(5), maxResponseBytes: 4 << 20)
        self.log = log
        self.metrics = metrics
    }

    /// - Returns: nil where the helper is not there, which is logged: then only text is read.
    static func find(in directory: String, log: Log, metrics: MetricsRegistry) -> DocumentWorkers? {
        do throws(CommandError) {
            let path = try HelperProgram.document.path(in: directory)
            return DocumentWorkers(executable: path, log: log, metrics: metrics)
        } catch {
            log.warning("PDF and DOCX are not read", [.reason: .text(error.description)])
            return nil
        }
    }

    func shutdown() async { await self.pool.withLock { $0 }?.shutdown() }

    func text(of bytes: [UInt8], _ kind: DocumentKind, maxBytes: Int) async throws(DocumentFault) -> String {
        guard kind != .compound else { throw .unsupported }
        let head: JSONValue = ["kind": .string(kind.rawValue), "max_text_bytes": .integer(maxBytes)]
        var text: [UInt8] = []
        do {
            for try await chunk in self.running.call(head.encoded + [UInt8(ascii: "\n")] + bytes) { text += chunk }
        } catch let error as WorkerError {
            throw Self.fault(error)
        } catch {
            throw .busy
        }
        return String(decoding: text, as: UTF8.self)
    }

    private var running: WorkerPool {
        self.pool.withLock { pool in
            let running =
                pool ?? WorkerPool(self.configuration, name: "document", log: self.log, metrics: self.metrics)
            pool = running
            return running
        }
    }

    /// The helper says `code: sentence`.
    private static func fault(_ error: WorkerError) -> DocumentFault {
        switch error.code {
        case .failed: DocumentFault(rawValue: String(error.message.prefix { $0 != ":" })) ?? .damaged
        case .crashed: .damaged
        case .tooLarge: .tooLong
        case .timeout: .tooSlow
        case .busy, .unavailable, .shutDown: .busy
        }
    }
}
