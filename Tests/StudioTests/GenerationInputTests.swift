import JSON
import Testing

@testable import Studio

@Suite struct GenerationInputTests {
    private func faults(_ members: [String: JSONValue]) -> [String] {
        do throws(InvalidInput) {
            _ = try GenerationInput(members)
            return []
        } catch {
            return error.violations.map(\.field).sorted()
        }
    }

    @Test func `S1-25 C-9: the mode is said by its name, or by the kind of persona that begins with it`() throws {
        let cases: [(mode: JSONValue?, type: JSONValue?, expected: GenerationMode)] = [
            (nil, nil, .assess), ("learn_mode", nil, .learn), (nil, "learn_mode_expert", .learn),
            (nil, "try_mode_character", .tryOut), (nil, "somebody", .assess),
            ("try_mode", "learn_mode_expert", .tryOut),
            (.null, "", .assess),
        ]
        for (mode, type, expected) in cases {
            var members: [String: JSONValue] = ["template_id": "t"]
            members["mode"] = mode
            members["persona_type"] = type
            #expect(try GenerationInput(members).request.mode == expected, "\(members)")
        }
    }

    @Test func `everything that is wrong is told at once`() {
        #expect(
            self.faults(["mode": "sing_mode", "count": 0, "gender": 7, "variation_id": "x", "prompt": []])
                == ["count", "gender", "mode", "prompt", "template_id", "variation_id"])
        #expect(self.faults(["template_id": "t", "count": 21]) == ["count"])
        #expect(self.faults(["template_id": 7]) == ["template_id"])
    }

    @Test func `S1-46: wishes come under two names, and blank ones are none`() throws {
        for (field, text, expected) in [
            ("prompt", "Be shy", "Be shy"), ("custom_prompt", "Be shy", "Be shy"), ("prompt", " ", nil),
        ] {
            let input = try GenerationInput(["template_id": "t", field: .string(text), "gender": ""])
            #expect(input.request.customPrompt == expected && input.request.gender == nil && input.count == 1)
        }
    }
}
