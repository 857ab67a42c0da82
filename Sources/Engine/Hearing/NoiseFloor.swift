/// The level of the room, in dB of full scale.
///
/// It follows what is heard while nobody speaks, down at once and up within half a second. While somebody speaks it only
/// falls, except that it never stays below the quietest frame of the last six seconds: any speaker takes a breath in that
/// time, and what goes on for longer is noise.
struct NoiseFloor: Sendable, Equatable {
    /// Digital silence counts as no quieter than this: a microphone's own hiss is above it.
    private static let quietest: Float = -60
    /// A room that nobody has heard yet: loud enough for most, and speech is still louder.
    private static let unheard: Float = -45
    private static let sliceFrames = 25
    private static let sliceCount = 12

    private(set) var level = Self.unheard
    /// The quietest frames of twelve slices of half a second, in a ring.
    private var slices = [Float](repeating: Self.quietest, count: Self.sliceCount)
    private var oldest = 0
    private var quietestInSlice: Float = 0
    private var framesInSlice = 0
    private var quietestInAll = Self.quietest

    /// - Parameter isQuiet: nobody speaks, and this frame is no beginning either.
    mutating func hear(_ frame: Float, isQuiet: Bool) {
        if frame < self.level {
            self.level += 0.3 * (frame - self.level)
        } else if isQuiet {
            self.level += 0.05 * (frame - self.level)
        }
        self.remember(frame)
        self.level = max(self.level, self.quietestInAll)
    }

    private mutating func remember(_ frame: Float) {
        self.quietestInSlice = min(self.quietestInSlice, frame)
        self.framesInSlice += 1
        guard self.framesInSlice == Self.sliceFrames else { return }
        self.slices[self.oldest] = self.quietestInSlice
        self.oldest = (self.oldest + 1) % Self.sliceCount
        self.quietestInSlice = 0
        self.framesInSlice = 0
        self.quietestInAll = max(Self.quietest, self.slices.min() ?? Self.quietest)
    }
}
