/// Columns of text, aligned for reading.
struct TextTable {
    private var rows: [[String]]

    init(_ rows: [[String]] = []) {
        self.rows = rows
    }

    mutating func add(_ cells: String...) {
        self.rows.append(cells)
    }

    /// Two blanks between columns; the last column is not padded.
    func lines(indent: Int = 0) -> [String] {
        let columns = self.rows.map(\.count).max() ?? 0
        let widths = (0..<columns).map { column in
            self.rows.filter { $0.count > column + 1 }.map { $0[column].count }.max() ?? 0
        }
        return self.rows.map { row in
            let cells = row.enumerated().map { index, cell in
                index == row.count - 1 ? cell : cell + String(repeating: " ", count: widths[index] - cell.count + 2)
            }
            return String(repeating: " ", count: indent) + cells.joined()
        }
    }
}
