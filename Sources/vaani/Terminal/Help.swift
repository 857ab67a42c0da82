/// The texts of `--help`, made from the same tables that the parser uses.
enum Help {
    static func overview(_ commands: [any Command.Type]) -> [String] {
        var lines = [
            "vaani - talk with a persona over a WebSocket", "", "Usage: vaani COMMAND [OPTIONS]", "", "Commands:",
        ]
        lines += TextTable(commands.map { [$0.name, $0.summary] }).lines(indent: 2)
        lines += ["", "vaani COMMAND --help says more about one. Begin with: vaani serve"]
        return lines
    }

    static func text(of command: any Command.Type) -> [String] {
        var lines = [command.summary, ""]
        for (index, usage) in command.usage.enumerated() {
            lines.append((index == 0 ? "Usage: " : "       ") + "vaani \(usage)")
        }
        lines += ["", "Options:"]
        lines += (command.flags + [.help]).flatMap(self.lines)
        if !command.details.isEmpty { lines += [""] + command.details }
        return lines
    }

    private static func lines(_ flag: Flag) -> [String] {
        let head = "  --\(flag.name)\(flag.value.map { " \($0)" } ?? "")"
        let column = 30
        guard head.count < column - 1 else { return [head, String(repeating: " ", count: column) + flag.sentence] }
        return [head + String(repeating: " ", count: column - head.count) + flag.sentence]
    }
}
