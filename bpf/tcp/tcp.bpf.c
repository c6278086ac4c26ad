// SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0
/*
 * Bytes of TCP sockets: one set of handlers (include/runs.h) behind three families of hooks. User
 * space loads one family, and inet_sock_set_state with each. Datagrams (../udp/) are here, too:
 * they share system calls with TCP, and one program for both costs half of two.
 */
#include "vmlinux.h"
#include <bpf/bpf_core_read.h>
#include <bpf/bpf_helpers.h>
#include <bpf/bpf_tracing.h>

#include "state.h"
#include "fexit.h"
#include "syscalls.h"
#include "kprobes.h"
#include "../udp/fexit.h"
#include "../udp/kprobes.h"

const struct event_types event_types = {};

char LICENSE[] SEC("license") = "Dual BSD/GPL";
