/// The audio track of an MP4 file, found without reading its samples.
struct MP4File {
    let track: MP4Track
    /// The whole file.
    let bytes: [UInt8]
    /// The size of a fragment's samples, where the fragment itself states none (`trex`).
    let defaultSampleSize: Int

    init(_ bytes: [UInt8]) throws(AudioError) {
        guard let moov = try MP4Boxes(bytes[...], in: "the file", mayEndEarly: true).first("moov") else {
            throw .bad("mp4 of \(bytes.count) bytes has no moov box; the recording was not finished")
        }
        self.bytes = bytes
        self.track = try Self.audioTrack(MP4Boxes(moov.body, in: "moov"))
        self.defaultSampleSize = try Self.defaultSampleSize(MP4Boxes(moov.body, in: "moov"), track: self.track.id)
    }

    private static func audioTrack(_ moov: MP4Boxes) throws(AudioError) -> MP4Track {
        let timescale = try moov.body("mvhd").map { (body) throws(AudioError) in try MP4Track.timescale(body) } ?? 0
        var track: MP4Track?
        try moov.forEach { (box) throws(AudioError) in
            if box.type == "trak" { track = try MP4Track(MP4Boxes(box.body, in: "trak"), movieTimescale: timescale) }
            return track == nil
        }
        guard let track else { throw .bad("mp4 has no audio track") }
        return track
    }

    private static func defaultSampleSize(_ moov: MP4Boxes, track id: UInt32) throws(AudioError) -> Int {
        guard let mvex = try moov.body("mvex") else { return 0 }
        var size = 0
        try MP4Boxes(mvex, in: "mvex").forEach { (box) throws(AudioError) in
            guard box.type == "trex" else { return true }
            var reader = ByteReader(box.body, of: "mp4 box trex")
            try reader.skip(4)
            guard try reader.bigEndian(UInt32.self) == id else { return true }
            try reader.skip(8)
            size = Int(try reader.bigEndian(UInt32.self))
            return false
        }
        return size
    }
}
