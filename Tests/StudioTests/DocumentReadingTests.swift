import Testing

@testable import Studio

@Suite struct DocumentReadingTests {
    @Test(arguments: [
        "Role: Nurse", "  role : Nurse ", "**Role:** Nurse", "- Role: Nurse", "Role \tNurse \t", "Role:\tNurse",
        "| Role | Nurse |", "|Role|Nurse|", "# Role: Nurse",
    ]) func `a line, or a row of a table, gives a value to a name`(line: String) {
        #expect(DocumentReading("A visit\n\(line)\nCity: Pune").person["role"] == "Nurse", "\(line)")
    }

    @Test(arguments: [
        "Role", "Role:", ": Nurse", "Role \t Nurse \t Pune", "| Role |", "\t", "|", ":", "|:|", "\t:\t:",
        "She says that her role is this: Nurse",
    ]) func `other lines give none`(line: String) {
        #expect(DocumentReading("A visit\n\(line)").person["role"] == nil, "\(line)")
    }

    @Test func `a colon in a sentence beside a tab divides the sentence`() {
        let reading = DocumentReading("Situation: She waits.\tHe is late.")
        #expect(reading.situation == "She waits.\tHe is late.")
    }
}
