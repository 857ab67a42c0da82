#pragma once
// What the Swift module of the C library leaves out.
#include <spawn.h>
#include <sys/eventfd.h>

// glibc 2.34; declared in <spawn.h> for _GNU_SOURCE only.
extern int posix_spawn_file_actions_addclosefrom_np(posix_spawn_file_actions_t *actions, int from);

static const int vaani_eventfd_flags = EFD_CLOEXEC | EFD_NONBLOCK;

#include <signal.h>
#include <sys/prctl.h>

// prctl is variadic.
static inline int vaani_die_with_parent(void) { return prctl(PR_SET_PDEATHSIG, (unsigned long)SIGKILL); }
static inline int vaani_renounce_privileges(void) { return prctl(PR_SET_NO_NEW_PRIVS, 1UL, 0UL, 0UL, 0UL); }
