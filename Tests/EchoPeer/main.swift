// A WebSocket peer that sends back what it gets, for conformance suites that others wrote.
//   echo-peer server PORT            listens on 127.0.0.1
//   echo-peer client ws://HOST:PORT  runs every case of an Autobahn fuzzing server against our client

import Foundation
import Observability
import Transport

let arguments = CommandLine.arguments.dropFirst()
let group = try EventLoopGroup(count: 1, log: .disabled, metrics: MetricsRegistry())

switch (arguments.first, arguments.dropFirst().first) {
case ("server", let port?):
    var configuration = ServerConfiguration(listen: [("127.0.0.1", Int(port) ?? 0)])
    configuration.maxMessageBytes = 32 << 20  // the largest case sends 16 MiB
    configuration.maxQueuedBytes = 64 << 20
    let server = Server(
        group: group, configuration: configuration, application: EchoApplication(), log: .disabled,
        metrics: MetricsRegistry())
    let addresses = try await server.start()
    // print would wait in a buffer where the output is a file.
    FileHandle.standardOutput.write(Data("listening on port \(addresses[0].port)\n".utf8))
    await withUnsafeContinuation { (_: UnsafeContinuation<Void, Never>) in }  // until it is killed
case ("client", let url?):
    try await ConformanceClient(url: url, loop: group.next()).run()
    await group.shutdown()
default:
    FileHandle.standardError.write(Data("usage: echo-peer server PORT | client URL\n".utf8))
    exit(64)
}
