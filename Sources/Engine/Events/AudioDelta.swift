import JSON

/// The event that carries audio: written straight into one buffer, with no value tree and no `String` of the payload.
enum AudioDelta {
    /// - Parameter itemID: may be a client's own, with quotation marks in it.
    static func encoded(_ audio: [UInt8], responseID: String, itemID: String, eventID: String) -> [UInt8] {
        var text: [UInt8] = []
        text.reserveCapacity(Base64.encodedCount(audio.count) + 256)
        text.append(contentsOf: #"{"type":"response.output_audio.delta","event_id":"#.utf8)
        JSONValue.appendString(eventID, to: &text)
        text.append(contentsOf: #","response_id":"#.utf8)
        JSONValue.appendString(responseID, to: &text)
        text.append(contentsOf: #","item_id":"#.utf8)
        JSONValue.appendString(itemID, to: &text)
        text.append(contentsOf: #","output_index":0,"content_index":0,"delta":""#.utf8)
        audio.withUnsafeBytes { Base64.append($0, to: &text) }
        text.append(contentsOf: #""}"#.utf8)
        return text
    }
}
