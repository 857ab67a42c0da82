#pragma once
#include <errno.h>
#include <libavcodec/avcodec.h>
#include <libavformat/avformat.h>
#include <libavutil/log.h>
#include <libavutil/mem.h>

// Macros that Swift cannot import.

static inline int vaani_averror_eof(void) { return AVERROR_EOF; }
static inline int vaani_averror_again(void) { return AVERROR(EAGAIN); }
static inline int vaani_averror_invalid(void) { return AVERROR(EINVAL); }
static inline int vaani_averror_permission(void) { return AVERROR(EPERM); }
