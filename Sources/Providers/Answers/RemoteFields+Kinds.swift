import Studio

// What each kind of answer becomes; nil for an object without an id. Names of both profiles are read.
extension RemotePersona {
    // Longer than any that is sent.
    private static let maxPrompt = 100_000

    init?(_ fields: RemoteFields) {
        guard let id = fields.id(["persona_id", "pal_id"]) else { return nil }
        self.init(
            id: id, name: fields.text(["persona_name", "pal_name"]) ?? "",
            systemPrompt: fields.text(["system_prompt"], limit: Self.maxPrompt), createdAt: fields.date("created_at"),
            replicaID: fields.id(["default_replica_id", "default_face_id"]), documentIDs: fields.texts("document_ids"),
            status: fields.word("status").flatMap { SyncStatus(rawValue: $0) })
    }
}

extension RemoteDocument {
    init?(_ fields: RemoteFields) {
        guard let id = fields.id(["document_id", "uuid", "id"]) else { return nil }
        let status = fields.word("status")
        self.init(
            id: id, name: fields.text(["document_name", "name"]) ?? "", tags: fields.texts("tags"),
            createdAt: fields.date("created_at"), progress: Self.progress(status), status: status,
            errorCode: status == "error" ? fields.word("error_message") ?? "document_error" : nil)
    }

    /// A provider that says nothing has nothing to wait for; a word that is new is waited out.
    private static func progress(_ status: String?) -> RemoteProgress {
        switch status {
        case nil, "ready": .ready
        case "error": .failed
        default: .building
        }
    }
}

extension RemoteReplica {
    init?(_ fields: RemoteFields) {
        guard let id = fields.id(["replica_id", "face_id", "id"]) else { return nil }
        let status = fields.word("status")
        self.init(
            id: id, name: fields.text(["replica_name", "face_name", "name"]) ?? "",
            thumbnailURL: fields.url(["thumbnail_video_url", "thumbnail_url"]), progress: Self.progress(status),
            status: status, trainingProgress: fields.text(["training_progress"], limit: 20))
    }

    private static func progress(_ status: String?) -> RemoteProgress {
        switch status {
        case nil, "completed", "ready": .ready
        case "error": .failed
        default: .building
        }
    }
}

extension RemoteVoice {
    init?(_ fields: RemoteFields) {
        guard let id = fields.id(["voice_id", "external_voice_id", "id"]) else { return nil }
        self.init(id: id, name: fields.text(["voice_name", "name"]) ?? "")
    }
}
