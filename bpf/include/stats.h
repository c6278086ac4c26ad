/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0 */
/*
 * What the kernel side drops, skips or cannot do, each by a number. User space describes each in
 * receivers/ebpf; a new one here does not compile there until it is described.
 */
#ifndef WEIR_STATS_H
#define WEIR_STATS_H

#include "maps.h"

static __always_inline void count_n(enum stat stat, __u64 n)
{
	__u32 key = stat;
	__u64 *total = bpf_map_lookup_elem(&stats, &key);

	/* Atomic: a network interrupt on this CPU may count in between. */
	if (total)
		__sync_fetch_and_add(total, n);
}

static __always_inline void count(enum stat stat)
{
	count_n(stat, 1);
}

#endif
