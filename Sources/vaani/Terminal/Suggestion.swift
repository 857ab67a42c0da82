/// Guesses what was meant by a misspelt word.
enum Suggestion {
    /// - Returns: the nearest candidate that is near enough to be a slip: a third of its letters at most.
    static func nearest(to word: String, among candidates: some Sequence<String>) -> String? {
        let scored = candidates.map { (candidate: $0, distance: Self.distance(word, $0)) }
        guard let best = scored.min(by: { $0.distance < $1.distance }) else { return nil }
        return best.distance <= max(1, best.candidate.count / 3) ? best.candidate : nil
    }

    /// `; did you mean …?`, or nothing.
    static func hint(for word: String, among candidates: some Sequence<String>) -> String {
        self.nearest(to: word, among: candidates).map { "; did you mean \($0)?" } ?? ""
    }

    /// Letters to insert, delete, replace or swap with a neighbour (optimal string alignment).
    static func distance(_ left: String, _ right: String) -> Int {
        // A hostile length would cost its square; no name here is as long.
        let left = Array(left.lowercased().prefix(64)), right = Array(right.lowercased().prefix(64))
        var rows = [Array(0...right.count)]
        for i in left.indices {
            var row = [i + 1]
            for j in right.indices {
                let cost = left[i] == right[j] ? 0 : 1
                var best = min(row[j] + 1, rows[i][j + 1] + 1, rows[i][j] + cost)
                if i > 0, j > 0, left[i] == right[j - 1], left[i - 1] == right[j] {
                    best = min(best, rows[i - 1][j - 1] + 1)
                }
                row.append(best)
            }
            rows.append(row)
        }
        return rows[left.count][right.count]
    }
}
