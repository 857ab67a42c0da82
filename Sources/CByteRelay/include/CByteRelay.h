#pragma once

// The floor that a gateway is measured against: one thread that copies bytes between clients and one server with epoll,
// and understands none of them. For benchmarks alone.

/// A listening socket on 127.0.0.1 and a port that the kernel chooses, which goes to `port`. -1 on failure, errno says why.
int vaani_relay_listen(int *port);

/// Relays every connection to `target`, a port on 127.0.0.1. Returns only on failure: -1, errno says why.
int vaani_relay_run(int listener, int target);
