import JSON
import RealtimeProtocol

/// The errors that a wrong event earns, in the vendor's codes and wording. `param` is the path of the field.
extension RealtimeError {
    static func refusal(_ code: String, _ message: String, param: String? = nil) -> RealtimeError {
        RealtimeError(type: "invalid_request_error", code: code, message: message, param: param)
    }

    static func missing(_ param: String) -> RealtimeError {
        .refusal("missing_required_parameter", "Missing required parameter: '\(param)'.", param: param)
    }

    static func unknown(_ param: String) -> RealtimeError {
        .refusal("unknown_parameter", "Unknown parameter: '\(param)'.", param: param)
    }

    static func invalidType(_ param: String, _ expected: String, _ value: JSONValue) -> RealtimeError {
        .refusal(
            "invalid_type", "Invalid type for '\(param)': expected \(expected), but got \(value.kind) instead.",
            param: param)
    }

    static func invalidValue(_ param: String, _ value: String, of choices: [String]) -> RealtimeError {
        let listed = choices.map { "'\($0)'" }.joined(separator: ", ")
        return .refusal(
            "invalid_value", "Invalid value: '\(value.prefix(64))'. Supported values are: \(listed).", param: param)
    }

    static func tooLong(_ param: String, limit: Int, actual: Int) -> RealtimeError {
        .refusal(
            "string_above_max_length",
            "Invalid '\(param)': string too long. Expected a string with maximum length \(limit), "
                + "but got a string with length \(actual) instead.", param: param)
    }

    static func tooMany(_ param: String, limit: Int, actual: Int) -> RealtimeError {
        .refusal(
            "array_above_max_length",
            "Invalid '\(param)': array too long. Expected an array with maximum length \(limit), "
                + "but got an array with length \(actual) instead.", param: param)
    }

    /// - Parameter kind: `integer` or `decimal`.
    static func outOfRange(_ param: String, _ kind: String, isAbove: Bool, bound: String, actual: String)
        -> RealtimeError
    {
        .refusal(
            isAbove ? "\(kind)_above_max_value" : "\(kind)_below_min_value",
            "Invalid '\(param)': \(kind) \(isAbove ? "above maximum" : "below minimum") value. "
                + "Expected a value \(isAbove ? "<=" : ">=") \(bound), but got \(actual) instead.", param: param)
    }

    /// The body of an `error` event.
    var json: JSONValue {
        [
            "type": .string(self.type), "code": self.code.map(JSONValue.string) ?? .null,
            "message": .string(self.message), "param": self.param.map(JSONValue.string) ?? .null,
            "event_id": self.eventID.map(JSONValue.string) ?? .null,
        ]
    }
}

extension JSONValue {
    /// The word for the value's type in an error.
    fileprivate var kind: String {
        switch self {
        case .null: "null"
        case .bool: "a boolean"
        case .integer: "an integer"
        case .number: "a decimal"
        case .string: "a string"
        case .array: "an array"
        case .object: "an object"
        }
    }
}
