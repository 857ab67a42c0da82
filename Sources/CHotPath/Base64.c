#include "CHotPath.h"
#include <string.h>

#if defined(__x86_64__)
#include <immintrin.h>
#endif

static const char alphabet[65] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

/// One more than a character's value; 0 for what is not in the alphabet.
static const uint8_t values_plus_one[256] = {
    ['A'] = 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18, 19, 20, 21, 22, 23, 24, 25, 26,
    ['a'] = 27, 28, 29, 30, 31, 32, 33, 34, 35, 36, 37, 38, 39, 40, 41, 42, 43, 44, 45, 46, 47, 48, 49, 50, 51, 52,
    ['0'] = 53, 54, 55, 56, 57, 58, 59, 60, 61, 62,
    ['+'] = 63,
    ['/'] = 64,
};

/// 0...63 for a character of the alphabet, 255 for any other.
static inline uint8_t value_of(uint8_t character) { return (uint8_t)(values_plus_one[character] - 1); }

static size_t encode_scalar(const uint8_t *input, size_t length, char *output) {
    char *out = output;
    while (length >= 3) {
        uint32_t bits = (uint32_t)input[0] << 16 | (uint32_t)input[1] << 8 | input[2];
        out[0] = alphabet[bits >> 18];
        out[1] = alphabet[bits >> 12 & 63];
        out[2] = alphabet[bits >> 6 & 63];
        out[3] = alphabet[bits & 63];
        input += 3, length -= 3, out += 4;
    }
    if (length > 0) {
        uint32_t bits = (uint32_t)input[0] << 16 | (length == 2 ? (uint32_t)input[1] << 8 : 0);
        out[0] = alphabet[bits >> 18];
        out[1] = alphabet[bits >> 12 & 63];
        out[2] = length == 2 ? alphabet[bits >> 6 & 63] : '=';
        out[3] = '=';
        out += 4;
    }
    return (size_t)(out - output);
}

static ptrdiff_t decode_scalar(const char *text, size_t length, uint8_t *output) {
    const uint8_t *input = (const uint8_t *)text;
    uint8_t *out = output;
    if (length % 4 != 0) return -1;
    if (length == 0) return 0;
    size_t padding = (input[length - 1] == '=') + (input[length - 2] == '=');
    // "x=y=" would otherwise hide a character of the alphabet between two pads.
    if (padding == 1 && input[length - 1] != '=') return -1;
    const uint8_t *last = input + length - 4;
    for (; input < last; input += 4, out += 3) {
        uint8_t a = value_of(input[0]), b = value_of(input[1]), c = value_of(input[2]), d = value_of(input[3]);
        if ((a | b | c | d) & 0xC0) return -1;
        uint32_t bits = (uint32_t)a << 18 | (uint32_t)b << 12 | (uint32_t)c << 6 | d;
        out[0] = (uint8_t)(bits >> 16), out[1] = (uint8_t)(bits >> 8), out[2] = (uint8_t)bits;
    }
    uint8_t a = value_of(input[0]), b = value_of(input[1]);
    uint8_t c = padding >= 2 ? 0 : value_of(input[2]), d = padding >= 1 ? 0 : value_of(input[3]);
    if ((a | b | c | d) & 0xC0) return -1;
    uint32_t bits = (uint32_t)a << 18 | (uint32_t)b << 12 | (uint32_t)c << 6 | d;
    *out++ = (uint8_t)(bits >> 16);
    if (padding < 2) *out++ = (uint8_t)(bits >> 8);
    if (padding < 1) *out++ = (uint8_t)bits;
    return out - output;
}

#if defined(__x86_64__)

// The vector forms follow Muła and Lemire, "Faster Base64 Encoding and Decoding using AVX2 Instructions" (2018).
// Both end with vzeroupper: dirty upper halves make the SSE code of libopus and soxr 1.4 to 2.1 times slower.

__attribute__((target("avx2"))) static size_t encode_avx2(const uint8_t *input, size_t length, char *output) {
    const __m256i spread = _mm256_setr_epi8(1, 0, 2, 1, 4, 3, 5, 4, 7, 6, 8, 7, 10, 9, 11, 10,
                                            1, 0, 2, 1, 4, 3, 5, 4, 7, 6, 8, 7, 10, 9, 11, 10);
    // What to add to a 6-bit value to get its character, by class: 13 A-Z, 0 a-z, 1...10 digits, 11 +, 12 /.
    const __m256i shift = _mm256_setr_epi8('a' - 26, '0' - 52, '0' - 52, '0' - 52, '0' - 52, '0' - 52, '0' - 52, '0' - 52,
                                           '0' - 52, '0' - 52, '0' - 52, '+' - 62, '/' - 63, 'A', 0, 0,
                                           'a' - 26, '0' - 52, '0' - 52, '0' - 52, '0' - 52, '0' - 52, '0' - 52, '0' - 52,
                                           '0' - 52, '0' - 52, '0' - 52, '+' - 62, '/' - 63, 'A', 0, 0);
    char *out = output;
    while (length >= 28) {  // two 16-byte loads of which 12 are used: the second one reads up to byte 27
        __m256i in = _mm256_inserti128_si256(
            _mm256_castsi128_si256(_mm_loadu_si128((const __m128i *)input)),
            _mm_loadu_si128((const __m128i *)(input + 12)), 1);
        in = _mm256_shuffle_epi8(in, spread);
        __m256i high = _mm256_mulhi_epu16(_mm256_and_si256(in, _mm256_set1_epi32(0x0FC0FC00)),
                                          _mm256_set1_epi32(0x04000040));
        __m256i low = _mm256_mullo_epi16(_mm256_and_si256(in, _mm256_set1_epi32(0x003F03F0)),
                                         _mm256_set1_epi32(0x01000010));
        __m256i sixes = _mm256_or_si256(high, low);
        __m256i class = _mm256_subs_epu8(sixes, _mm256_set1_epi8(51));
        __m256i upper = _mm256_cmpgt_epi8(_mm256_set1_epi8(26), sixes);
        class = _mm256_or_si256(class, _mm256_and_si256(upper, _mm256_set1_epi8(13)));
        _mm256_storeu_si256((__m256i *)out, _mm256_add_epi8(sixes, _mm256_shuffle_epi8(shift, class)));
        input += 24, length -= 24, out += 32;
    }
    _mm256_zeroupper();
    return (size_t)(out - output) + encode_scalar(input, length, out);
}

__attribute__((target("avx2"))) static ptrdiff_t decode_avx2(const char *text, size_t length, uint8_t *output) {
    // A character is legal when the bit masks found by its two nibbles have no bit in common.
    const __m256i by_low = _mm256_setr_epi8(0x15, 0x11, 0x11, 0x11, 0x11, 0x11, 0x11, 0x11,
                                            0x11, 0x11, 0x13, 0x1A, 0x1B, 0x1B, 0x1B, 0x1A,
                                            0x15, 0x11, 0x11, 0x11, 0x11, 0x11, 0x11, 0x11,
                                            0x11, 0x11, 0x13, 0x1A, 0x1B, 0x1B, 0x1B, 0x1A);
    const __m256i by_high = _mm256_setr_epi8(0x10, 0x10, 0x01, 0x02, 0x04, 0x08, 0x04, 0x08,
                                             0x10, 0x10, 0x10, 0x10, 0x10, 0x10, 0x10, 0x10,
                                             0x10, 0x10, 0x01, 0x02, 0x04, 0x08, 0x04, 0x08,
                                             0x10, 0x10, 0x10, 0x10, 0x10, 0x10, 0x10, 0x10);
    const __m256i roll = _mm256_setr_epi8(0, 16, 19, 4, -65, -65, -71, -71, 0, 0, 0, 0, 0, 0, 0, 0,
                                          0, 16, 19, 4, -65, -65, -71, -71, 0, 0, 0, 0, 0, 0, 0, 0);
    const __m256i gather = _mm256_setr_epi8(2, 1, 0, 6, 5, 4, 10, 9, 8, 14, 13, 12, -1, -1, -1, -1,
                                            2, 1, 0, 6, 5, 4, 10, 9, 8, 14, 13, 12, -1, -1, -1, -1);
    uint8_t *out = output;
    while (length >= 48) {  // the store writes 32 bytes of which 24 count: the text left must still decode to 8 more
        __m256i in = _mm256_loadu_si256((const __m256i *)text);
        __m256i high = _mm256_and_si256(_mm256_srli_epi32(in, 4), _mm256_set1_epi8(0x0F));
        __m256i low = _mm256_and_si256(in, _mm256_set1_epi8(0x0F));
        __m256i wrong = _mm256_and_si256(_mm256_shuffle_epi8(by_low, low), _mm256_shuffle_epi8(by_high, high));
        if (!_mm256_testz_si256(wrong, wrong)) {
            _mm256_zeroupper();
            return -1;
        }
        __m256i slash = _mm256_cmpeq_epi8(in, _mm256_set1_epi8('/'));
        __m256i sixes = _mm256_add_epi8(in, _mm256_shuffle_epi8(roll, _mm256_add_epi8(slash, high)));
        __m256i twelves = _mm256_maddubs_epi16(sixes, _mm256_set1_epi32(0x01400140));
        __m256i packed = _mm256_madd_epi16(twelves, _mm256_set1_epi32(0x00011000));
        packed = _mm256_shuffle_epi8(packed, gather);
        packed = _mm256_permutevar8x32_epi32(packed, _mm256_setr_epi32(0, 1, 2, 4, 5, 6, -1, -1));
        _mm256_storeu_si256((__m256i *)out, packed);
        text += 32, length -= 32, out += 24;
    }
    _mm256_zeroupper();
    ptrdiff_t rest = decode_scalar(text, length, out);
    return rest < 0 ? -1 : (out - output) + rest;
}

static int has_avx2(void) { return __builtin_cpu_supports("avx2"); }

size_t vaani_base64_encode(const uint8_t *input, size_t length, char *output) {
    return has_avx2() ? encode_avx2(input, length, output) : encode_scalar(input, length, output);
}

ptrdiff_t vaani_base64_decode(const char *input, size_t length, uint8_t *output) {
    return has_avx2() ? decode_avx2(input, length, output) : decode_scalar(input, length, output);
}

#else

size_t vaani_base64_encode(const uint8_t *input, size_t length, char *output) {
    return encode_scalar(input, length, output);
}

ptrdiff_t vaani_base64_decode(const char *input, size_t length, uint8_t *output) {
    return decode_scalar(input, length, output);
}

#endif
