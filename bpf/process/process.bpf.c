// SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0
/*
 * Processes that begin and end, and files that are mapped as code. User space learns from this what
 * there is to watch, instead of polling /proc.
 */
#include "vmlinux.h"
#include <bpf/bpf_core_read.h>
#include <bpf/bpf_helpers.h>
#include <bpf/bpf_tracing.h>

#include "processes.h"
#include "mappings.h"

char LICENSE[] SEC("license") = "Dual BSD/GPL";
