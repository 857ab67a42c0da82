import Testing

@testable import Audio

@Suite struct ContainerFormatTests {
    @Test func `the first bytes tell the container`() {
        #expect(ContainerFormat.sniff([0x1A, 0x45, 0xDF, 0xA3]) == .webm)
        #expect(ContainerFormat.sniff(ascii("OggS\0")) == .ogg)
        #expect(ContainerFormat.sniff(ascii("RIFF\0\0\0\0WAVE")) == .wav)
        #expect(ContainerFormat.sniff([0, 0, 0, 32] + ascii("ftypM4A ")) == .m4a)
        #expect(ContainerFormat.sniff(ascii("ID3\u{4}")) == .mp3)
        #expect(ContainerFormat.sniff([0xFF, 0xFB, 0x90, 0x00]) == .mp3)
        #expect(ContainerFormat.sniff([0xFF, 0xF1, 0x50, 0x80]) == .adts)
        #expect(ContainerFormat.sniff([0xFF, 0xF9, 0x50, 0x80][...]) == .adts)
    }

    @Test func `what begins like nothing known has no format`() {
        for bytes in [[], [0x1A], ascii("Ogg"), ascii("RIFF\0\0\0\0AVI "), [0xFF, 0xFF, 0xFF, 0xFF], [0, 0, 0, 0]]
            as [[UInt8]]
        {
            #expect(ContainerFormat.sniff(bytes) == nil)
        }
    }

    @Test(
        arguments: [
            ("m4a", .m4a), ("audio/mp4", .m4a), ("webm", .webm), ("audio/webm;codecs=opus", .webm),
            ("AUDIO/WEBM ; codecs=opus", .webm),
            ("opus", .ogg), ("audio/ogg; codecs=opus", .ogg), ("wav", .wav), ("audio/x-wav", .wav), ("mp3", .mp3),
            ("audio/mpeg", .mp3),
            ("aac", .adts), ("audio/aac", .adts), ("pcm", .pcm16), ("audio/pcm;rate=16000", .pcm16), ("pcm16", .pcm16),
            ("pcmu", .mulaw), ("g711_ulaw", .mulaw), ("audio/basic", .mulaw), ("pcma", .alaw), ("g711_alaw", .alaw),
        ] as [(String, ContainerFormat)])
    func `names and MIME types are understood`(hint: String, format: ContainerFormat) {
        #expect(ContainerFormat(hint: hint) == format)
    }

    @Test(arguments: ["", "flac", "audio/", ";", "/", "audio/L16", "3gp", "\u{0}"])
    func `other names are not`(hint: String) { #expect(ContainerFormat(hint: hint) == nil) }

    @Test func `every format understands its own name`() {
        for format in ContainerFormat.allCases { #expect(ContainerFormat(hint: format.rawValue) == format) }
    }

    @Test func `magic outranks a hint, and a hint for samples outranks frame sync`() throws {
        let wave = ascii("RIFF\0\0\0\0WAVE")
        #expect(try UtteranceDecoder.format(of: wave, hint: AudioHint(format: "pcm16")) == .wav)
        #expect(try UtteranceDecoder.format(of: wave, hint: AudioHint(format: "nonsense")) == .wav)
        let loud: [UInt8] = [0xFF, 0xFB, 0x90, 0x00]
        #expect(try UtteranceDecoder.format(of: loud, hint: AudioHint(format: "pcm16")) == .pcm16)
        #expect(try UtteranceDecoder.format(of: loud, hint: AudioHint(format: "webm")) == .mp3)
    }
}
