#pragma once
#include <libwebsockets.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/socket.h>

// Macros, unions and intrusive structs that Swift cannot import.

/// Bytes of headroom that lws_write wants in front of every buffer.
static inline size_t vaani_lws_pre(void) { return LWS_PRE; }

/// Gives the library a descriptor that is no socket: it only says when it can be read. Closed by the library.
static inline struct lws *vaani_lws_adopt_file(struct lws_vhost *vhost, int descriptor, void *owner) {
    lws_adopt_desc_t description;
    memset(&description, 0, sizeof description);
    description.vh = vhost;
    description.type = LWS_ADOPT_RAW_FILE_DESC;
    description.fd.filefd = descriptor;
    description.opaque = owner;
    return lws_adopt_descriptor_vhost_via_info(&description);
}

/// Gives the library an accepted stream whose bytes it hands on as they are, decrypted when the vhost speaks TLS.
static inline struct lws *vaani_lws_adopt_stream(struct lws_vhost *vhost, int descriptor, void *owner) {
    lws_adopt_desc_t description;
    memset(&description, 0, sizeof description);
    description.vh = vhost;
    description.type = (lws_adoption_type)(LWS_ADOPT_SOCKET | LWS_ADOPT_ALLOW_SSL);
    description.fd.sockfd = descriptor;
    description.opaque = owner;
    return lws_adopt_descriptor_vhost_via_info(&description);
}

/// A library timer and whom it wakes. The timer comes first, so that its address is the address of both.
struct vaani_lws_alarm {
    lws_sorted_usec_list_t timer;
    void *owner;
};

/// accept4, which Swift's Glibc leaves out. Non-blocking and not inherited by helper processes.
static inline int vaani_accept(int listener) {
    extern int accept4(int, struct sockaddr *, socklen_t *, int);
    return accept4(listener, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC);
}

/// An eventfd, whose header Swift's Glibc leaves out. Non-blocking and not inherited by helper processes.
static inline int vaani_eventfd(void) {
    return eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC);
}

/// A TCP socket whose flags Swift's Glibc does not always show. Non-blocking and not inherited by helper processes.
static inline int vaani_stream_socket(int family) {
    return socket(family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
}
