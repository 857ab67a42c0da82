#pragma once
#include <sqlite3.h>

// SQLITE_TRANSIENT is a number cast to a function pointer, which Swift does not import.

/// Binds a copy of `count` bytes of UTF-8.
static inline int vaani_sqlite_bind_text(sqlite3_stmt *statement, int index, const char *text, sqlite3_uint64 count) {
    return sqlite3_bind_text64(statement, index, text, count, SQLITE_TRANSIENT, SQLITE_UTF8);
}
