#pragma once
#include <libwebsockets.h>

// Macros that Swift cannot import.

/// Bytes of headroom that lws_write wants in front of every buffer.
static inline size_t vaani_lws_pre(void) { return LWS_PRE; }
