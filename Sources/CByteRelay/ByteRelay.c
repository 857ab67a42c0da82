#define _GNU_SOURCE
#include "CByteRelay.h"
#include <arpa/inet.h>
#include <netinet/tcp.h>
#include <stdlib.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

enum { max_descriptors = 65536, buffer_bytes = 65536, batch = 256 };

static struct sockaddr_in loopback(int port) {
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_port = htons((unsigned short)port)};
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    return address;
}

int vaani_relay_listen(int *port) {
    struct sockaddr_in address = loopback(0);
    socklen_t length = sizeof address;
    int listener = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (listener < 0 || bind(listener, (struct sockaddr *)&address, length) < 0 || listen(listener, 1024) < 0) return -1;
    if (getsockname(listener, (struct sockaddr *)&address, &length) < 0) return -1;
    *port = ntohs(address.sin_port);
    return listener;
}

static void watch(int epoll, int descriptor) {
    struct epoll_event event = {.events = EPOLLIN, .data.fd = descriptor};
    int on = 1;
    setsockopt(descriptor, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    epoll_ctl(epoll, EPOLL_CTL_ADD, descriptor, &event);
}

static void pair_up(int epoll, int listener, int target, int *peers) {
    struct sockaddr_in address = loopback(target);
    int client = accept(listener, NULL, NULL);
    if (client < 0) return;
    int server = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (server < 0 || client >= max_descriptors || server >= max_descriptors ||
        connect(server, (struct sockaddr *)&address, sizeof address) < 0) {
        if (server >= 0) close(server);
        close(client);
        return;
    }
    peers[client] = server;
    peers[server] = client;
    watch(epoll, client);
    watch(epoll, server);
}

/// One read and the writes for all of it; 0 when either end is gone.
static int copy(int from, int to, char *buffer) {
    ssize_t count = read(from, buffer, buffer_bytes);
    if (count <= 0) return 0;
    for (ssize_t written = 0; written < count;) {
        ssize_t step = write(to, buffer + written, (size_t)(count - written));
        if (step <= 0) return 0;
        written += step;
    }
    return 1;
}

int vaani_relay_run(int listener, int target) {
    static char buffer[buffer_bytes];
    struct epoll_event events[batch];
    int *peers = calloc(max_descriptors, sizeof *peers);
    int epoll = epoll_create1(EPOLL_CLOEXEC);
    if (!peers || epoll < 0) return -1;
    watch(epoll, listener);
    for (;;) {
        int ready = epoll_wait(epoll, events, batch, -1);
        for (int index = 0; index < ready; index++) {
            int descriptor = events[index].data.fd;
            if (descriptor == listener) {
                pair_up(epoll, listener, target, peers);
            } else if (peers[descriptor] && !copy(descriptor, peers[descriptor], buffer)) {
                int peer = peers[descriptor];
                peers[descriptor] = peers[peer] = 0;
                close(descriptor);
                close(peer);
            }
        }
    }
}
