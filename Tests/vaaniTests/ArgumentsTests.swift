import Testing

@testable import vaani

@Suite struct ArgumentsTests {
    private static let flags = [Flag("listen", "HOST:PORT", ""), Flag("play", nil, ""), Flag.help]

    private func parse(_ words: String...) throws(CommandError) -> Arguments {
        try Arguments(parsing: words, flags: Self.flags)
    }

    private func complaint(_ words: String...) -> String? {
        do throws(CommandError) {
            _ = try Arguments(parsing: words, flags: Self.flags)
            return nil
        } catch {
            return error.exit == .usage ? error.description : nil
        }
    }

    @Test func `a value may follow its flag or an equals sign`() throws {
        #expect(try self.parse("--listen", "a:1").value("listen") == "a:1")
        #expect(try self.parse("--listen=a=b").value("listen") == "a=b")
        #expect(try self.parse("--listen=").value("listen") == "")
    }

    @Test func `the last of several values counts, and all are kept`() throws {
        let arguments = try self.parse("--listen", "a:1", "--listen", "b:2")
        #expect(arguments.value("listen") == "b:2")
        #expect(arguments.values["listen"] == ["a:1", "b:2"])
    }

    @Test func `what is no flag is an operand, and everything is after two dashes`() throws {
        let arguments = try self.parse("4409", "--play", "-", "--", "--listen")
        #expect(arguments.operands == ["4409", "-", "--listen"])
        #expect(arguments.has("play") && !arguments.has("listen"))
    }

    @Test func `-h is --help`() throws {
        #expect(try self.parse("-h").has("help"))
    }

    @Test func `a wrong flag is named, with the likely one`() {
        #expect(self.complaint("--lisen", "x") == "there is no option --lisen; did you mean --listen?")
        #expect(self.complaint("-x") == "there is no option -x")
        #expect(self.complaint("--play=1") == "--play takes no value")
        #expect(self.complaint("--listen") == "--listen needs a value: --listen HOST:PORT")
    }
}

@Suite struct SuggestionTests {
    @Test(arguments: [("srve", "serve"), ("sevre", "serve"), ("SERVE", "serve"), ("talkk", "talk"), ("chekc", "check")])
    func `a slip finds the word`(word: String, meant: String) {
        #expect(Suggestion.nearest(to: word, among: ["serve", "talk", "check"]) == meant)
    }

    @Test(arguments: ["", "x", "completely-different", String(repeating: "s", count: 100_000)])
    func `something else finds nothing`(word: String) {
        #expect(Suggestion.nearest(to: word, among: ["serve", "talk", "check"]) == nil)
    }

    @Test func `two neighbours swapped are one slip`() {
        #expect(Suggestion.distance("ab", "ba") == 1)
        #expect(Suggestion.distance("", "abc") == 3)
    }
}

@Suite struct HelpTests {
    @Test func `help names every command and every option`() {
        let overview = Help.overview(Program.commands).joined(separator: "\n")
        for command in Program.commands {
            #expect(overview.contains(command.name) && overview.contains(command.summary))
            let text = Help.text(of: command).joined(separator: "\n")
            for flag in command.flags { #expect(text.contains("--\(flag.name)") && text.contains(flag.sentence)) }
        }
    }
}
