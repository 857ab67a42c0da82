import Foundation
import Observability

extension Configuration {
    /// Where log lines go: standard error, as JSON for machines and in columns for a person.
    func makeLogSink(_ terminal: Terminal) -> DescriptorSink {
        let isPretty = self.logFormat == .pretty || (self.logFormat == .auto && terminal.isErrorInteractive)
        return DescriptorSink(
            descriptor: STDERR_FILENO, level: self.logLevel, line: isPretty ? .pretty : .json)
    }
}
