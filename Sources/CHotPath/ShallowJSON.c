#include "CHotPath.h"
#include <string.h>

enum { max_depth = 32 };

typedef struct {
    const char *at, *end;
} cursor;

static void skip_space(cursor *c) {
    while (c->at < c->end && (*c->at == ' ' || *c->at == '\n' || *c->at == '\r' || *c->at == '\t')) c->at++;
}

/// Stands on an opening quote; leaves the cursor behind the closing one. Returns 0 if there is none.
/// memchr keeps long base64 payloads at memory speed.
static int skip_string(cursor *c, const char **start, size_t *length, int *escaped) {
    const char *begin = ++c->at;
    *escaped = 0;
    for (;;) {
        const char *quote = memchr(c->at, '"', (size_t)(c->end - c->at));
        if (!quote) return 0;
        const char *slash = memchr(c->at, '\\', (size_t)(quote - c->at));
        if (!slash) {
            *start = begin;
            *length = (size_t)(quote - begin);
            c->at = quote + 1;
            return 1;
        }
        *escaped = 1;
        c->at = slash + 2;  // whatever is escaped, a quote or another slash included
        if (c->at > c->end) return 0;
    }
}

/// Stands on the first character of a value that is no string; leaves the cursor behind it.
static int skip_value(cursor *c) {
    char closing[max_depth];
    int depth = 0;
    const char *begin = c->at;
    while (c->at < c->end) {
        char ch = *c->at;
        if (ch == '"') {
            const char *start;
            size_t length;
            int escaped;
            if (depth == 0 || !skip_string(c, &start, &length, &escaped)) return 0;
            continue;
        }
        if (ch == '{' || ch == '[') {
            if (depth == max_depth - 1) return 0;  // the object itself is the first level
            closing[depth++] = ch == '{' ? '}' : ']';
        } else if (ch == '}' || ch == ']') {
            if (depth == 0) return c->at > begin;
            if (closing[--depth] != ch) return 0;
            if (depth == 0) {
                c->at++;
                return 1;
            }
        } else if (depth == 0 && (ch == ',' || ch == ' ' || ch == '\n' || ch == '\r' || ch == '\t')) {
            return c->at > begin;
        }
        c->at++;
    }
    return 0;
}

int vaani_json_members(const char *text, size_t length, vaani_json_member *members, int capacity) {
    if (length > UINT32_MAX) return -1;
    cursor c = {text, text + length};
    int count = 0;
    skip_space(&c);
    if (c.at == c.end || *c.at++ != '{') return -1;
    skip_space(&c);
    if (c.at < c.end && *c.at == '}') {
        c.at++;
        skip_space(&c);
        return c.at == c.end ? 0 : -1;
    }
    for (;;) {
        const char *start;
        size_t size;
        int escaped;
        skip_space(&c);
        if (count == capacity || c.at == c.end || *c.at != '"') return -1;
        if (!skip_string(&c, &start, &size, &escaped) || escaped) return -1;
        vaani_json_member *member = &members[count++];
        member->key_start = (uint32_t)(start - text);
        member->key_length = (uint32_t)size;
        skip_space(&c);
        if (c.at == c.end || *c.at++ != ':') return -1;
        skip_space(&c);
        if (c.at == c.end) return -1;
        if (*c.at == '"') {
            if (!skip_string(&c, &start, &size, &escaped)) return -1;
            member->kind = escaped ? vaani_json_escaped_string : vaani_json_plain_string;
        } else {
            start = c.at;
            if (!skip_value(&c)) return -1;
            size = (size_t)(c.at - start);
            member->kind = vaani_json_other;
        }
        member->value_start = (uint32_t)(start - text);
        member->value_length = (uint32_t)size;
        skip_space(&c);
        if (c.at == c.end) return -1;
        char next = *c.at++;
        if (next == '}') break;
        if (next != ',') return -1;
    }
    skip_space(&c);
    return c.at == c.end ? count : -1;
}
