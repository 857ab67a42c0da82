#pragma once
#include <libavcodec/avcodec.h>
#include <libavformat/avformat.h>
#include <libavutil/mem.h>
#include <libswresample/swresample.h>

// Macros that Swift cannot import.

static inline int vaani_averror_eof(void) { return AVERROR_EOF; }
static inline int vaani_averror_again(void) { return AVERROR(EAGAIN); }
