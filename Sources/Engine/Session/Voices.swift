/// The voices of the Realtime API. Voices that only the vendor's speech API has (`nova`, `onyx`, `fable`) are refused.
enum Voices {
    static let all = ["alloy", "ash", "ballad", "coral", "echo", "sage", "shimmer", "verse", "marin", "cedar"]
}
