#pragma once
#include <curl/curl.h>

// The variadic calls, one shim per type of argument, and the union of a message.

static inline CURLcode vaani_curl_set_long(CURL *handle, CURLoption option, long value) {
    return curl_easy_setopt(handle, option, value);
}

static inline CURLcode vaani_curl_set_offset(CURL *handle, CURLoption option, curl_off_t value) {
    return curl_easy_setopt(handle, option, value);
}

/// The library copies the text, except for `CURLOPT_POSTFIELDS`, which nobody here sets. NULL takes an option back.
static inline CURLcode vaani_curl_set_text(CURL *handle, CURLoption option, const char *value) {
    return curl_easy_setopt(handle, option, value);
}

/// Bytes that the library copies; their number has to be set before.
static inline CURLcode vaani_curl_set_body(CURL *handle, const void *bytes) {
    return curl_easy_setopt(handle, CURLOPT_COPYPOSTFIELDS, bytes);
}

/// A list that has to live as long as the handle.
static inline CURLcode vaani_curl_set_list(CURL *handle, CURLoption option, struct curl_slist *value) {
    return curl_easy_setopt(handle, option, value);
}

/// `CURL_ERROR_SIZE` bytes that live as long as the handle.
static inline CURLcode vaani_curl_set_error_buffer(CURL *handle, char *buffer) {
    return curl_easy_setopt(handle, CURLOPT_ERRORBUFFER, buffer);
}

typedef size_t (*vaani_curl_sink)(char *bytes, size_t size, size_t count, void *owner);

static inline CURLcode vaani_curl_set_sinks(CURL *handle, vaani_curl_sink head, vaani_curl_sink body, void *owner) {
    CURLcode codes[] = {
        curl_easy_setopt(handle, CURLOPT_HEADERFUNCTION, head), curl_easy_setopt(handle, CURLOPT_HEADERDATA, owner),
        curl_easy_setopt(handle, CURLOPT_WRITEFUNCTION, body), curl_easy_setopt(handle, CURLOPT_WRITEDATA, owner),
    };
    for (size_t index = 0; index < sizeof codes / sizeof *codes; index++) {
        if (codes[index] != CURLE_OK) return codes[index];
    }
    return CURLE_OK;
}

static inline CURLMcode vaani_curl_multi_set_long(CURLM *multi, CURLMoption option, long value) {
    return curl_multi_setopt(multi, option, value);
}

/// The next transfer that has ended, and how; NULL when there is none.
static inline CURL *vaani_curl_next_done(CURLM *multi, CURLcode *result) {
    int left;
    const CURLMsg *message;
    while ((message = curl_multi_info_read(multi, &left)) != NULL) {
        if (message->msg != CURLMSG_DONE) continue;
        *result = message->data.result;
        return message->easy_handle;
    }
    return NULL;
}

/// What a body sink answers to get the same bytes again when the transfer goes on.
static inline size_t vaani_curl_pause(void) { return CURL_WRITEFUNC_PAUSE; }
