import Foundation

/// The clock of stamps: `CLOCK_MONOTONIC`, which all processes of one machine share, so that a stamp of one can be read by
/// another.
enum LoadClock {
    static var nanoseconds: UInt64 {
        var time = timespec()
        clock_gettime(CLOCK_MONOTONIC, &time)
        return UInt64(time.tv_sec) * 1_000_000_000 + UInt64(time.tv_nsec)
    }
}
