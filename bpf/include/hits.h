/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0 */
/* What probes cost the processes that they are in: every hit is counted, and of so many
 * the first is timed. */
#ifndef WEIR_HITS_H
#define WEIR_HITS_H

#include "maps.h"

#define TIMED_EVERY 64 /* a power of two */

/* A hit in a watched process begins. What is timed lies in the entry, not on the stack: so the
 * verifier walks what follows once. 0 never happens. */
static __always_inline struct probe_hits *begin_hit(__u64 pid_tgid)
{
	__u32 key = (pid_tgid >> 32) & (PROBE_HITS - 1);
	struct probe_hits *entry = bpf_map_lookup_elem(&probe_hits, &key);

	if (!entry)
		return 0;
	if (entry->tgid != pid_tgid >> 32)
		*entry = (struct probe_hits){ .tgid = pid_tgid >> 32 };
	__sync_fetch_and_add(&entry->hits, 1);
	if ((entry->hits & (TIMED_EVERY - 1)) == 1) {
		entry->since = bpf_ktime_get_ns();
		entry->timer = pid_tgid;
	}
	return entry;
}

/* It is over. */
static __always_inline void end_hit(struct probe_hits *entry, __u64 pid_tgid)
{
	if (entry->timer != pid_tgid)
		return;
	entry->timer = 0;
	entry->timed++;
	entry->timed_ns += bpf_ktime_get_ns() - entry->since;
}

#endif
