import Foundation
import Testing

/// A key and a certificate that is its own authority, made anew for each use.
struct Certificate {
    let certificateFile: String
    let keyFile: String
    private let directory: URL

    /// - Parameter name: whom it is for, as OpenSSL writes alternative names.
    init(for name: String = "DNS:localhost") throws {
        self.directory = FileManager.default.temporaryDirectory.appending(path: "vaani-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: self.directory, withIntermediateDirectories: true)
        self.certificateFile = self.directory.appending(path: "certificate.pem").path
        self.keyFile = self.directory.appending(path: "key.pem").path
        let openssl = Process()
        openssl.executableURL = URL(filePath: "/usr/bin/openssl")
        openssl.arguments = [
            "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-days", "2",
            "-subj", "/CN=localhost", "-addext", "subjectAltName=\(name)", "-keyout", self.keyFile,
            "-out", self.certificateFile,
        ]
        openssl.standardError = FileHandle.nullDevice
        try openssl.run()
        openssl.waitUntilExit()
        try #require(openssl.terminationStatus == 0)
    }

    func remove() {
        try? FileManager.default.removeItem(at: self.directory)
    }
}
