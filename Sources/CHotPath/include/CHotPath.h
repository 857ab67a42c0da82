#pragma once
#include <stddef.h>
#include <stdint.h>

// The few functions that run for every audio chunk of every session. Callers own all buffers.

/// Characters that `length` bytes take as padded base64.
static inline size_t vaani_base64_encoded_length(size_t length) { return (length + 2) / 3 * 4; }

/// Writes standard, padded base64 of `input` to `output`, which has room for `vaani_base64_encoded_length(length)`.
/// Returns the characters written.
size_t vaani_base64_encode(const uint8_t *input, size_t length, char *output);

/// Decodes standard base64 (padding required, no white space) into `output`, which has room for length / 4 * 3 bytes.
/// Returns the bytes written, or -1 if any character, the length or the padding is wrong.
ptrdiff_t vaani_base64_decode(const char *input, size_t length, uint8_t *output);

typedef enum {
    vaani_json_plain_string = 0,   // a string without escapes: its range excludes the quotes
    vaani_json_escaped_string = 1, // a string with at least one escape: its range excludes the quotes
    vaani_json_other = 2,          // a number, literal, array or object: its range is the whole value
} vaani_json_kind;

typedef struct {
    uint32_t key_start, key_length;
    uint32_t value_start, value_length;
    uint8_t kind;
} vaani_json_member;

/// Finds the members of the object that `text` is, without looking inside nested values.
/// Returns their number, or -1 if the text is no single object, nests deeper than 32 levels or has more than
/// `capacity` members. It does not validate numbers, literals or UTF-8.
int vaani_json_members(const char *text, size_t length, vaani_json_member *members, int capacity);
