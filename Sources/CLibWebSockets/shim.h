#pragma once
#include <libwebsockets.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <sys/timerfd.h>
#include <unistd.h>

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

// epoll, whose event is a packed struct with a union.

enum {
    vaani_poll_in = EPOLLIN,
    vaani_poll_out = EPOLLOUT,
    vaani_poll_broken = EPOLLERR | EPOLLHUP,
    vaani_poll_batch = 128,
};

struct vaani_poll_event {
    uint64_t token;
    uint32_t ready;
};

static inline int vaani_poll_create(void) { return epoll_create1(EPOLL_CLOEXEC); }

static inline int vaani_poll_control(int poller, int operation, int descriptor, uint32_t interest, uint64_t token) {
    struct epoll_event event = {.events = interest, .data.u64 = token};
    return epoll_ctl(poller, operation, descriptor, &event);
}

static inline int vaani_poll_add(int poller, int descriptor, uint32_t interest, uint64_t token) {
    return vaani_poll_control(poller, EPOLL_CTL_ADD, descriptor, interest, token);
}

static inline int vaani_poll_change(int poller, int descriptor, uint32_t interest, uint64_t token) {
    return vaani_poll_control(poller, EPOLL_CTL_MOD, descriptor, interest, token);
}

static inline int vaani_poll_remove(int poller, int descriptor) {
    return vaani_poll_control(poller, EPOLL_CTL_DEL, descriptor, 0, 0);
}

/// What is ready now, without waiting: at most vaani_poll_batch events.
static inline int vaani_poll_take(int poller, struct vaani_poll_event *events) {
    struct epoll_event ready[vaani_poll_batch];
    int count = epoll_wait(poller, ready, vaani_poll_batch, 0);
    for (int i = 0; i < count; i++) {
        events[i].token = ready[i].data.u64;
        events[i].ready = ready[i].events;
    }
    return count;
}

/// A timer that can be waited for to the microsecond. Non-blocking and not inherited by helper processes.
static inline int vaani_timer_create(void) { return timerfd_create(CLOCK_MONOTONIC, TFD_NONBLOCK | TFD_CLOEXEC); }

/// Rings once; the time is more than 0.
static inline int vaani_timer_set(int timer, int64_t nanoseconds) {
    struct itimerspec time = {.it_value = {.tv_sec = nanoseconds / 1000000000, .tv_nsec = nanoseconds % 1000000000}};
    return timerfd_settime(timer, 0, &time, NULL);
}
