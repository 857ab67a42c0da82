/// What this build calls itself.
enum Version {
    static let number = "0.9.0"
    static let service = "vaani"
}
