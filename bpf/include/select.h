/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0 */
/* Is this process watched: the first question of every program, and the only one for most calls. */
#ifndef WEIR_SELECT_H
#define WEIR_SELECT_H

#include "maps.h"

static __always_inline bool is_selected(tgid_t tgid)
{
	__u32 key = tgid >> 5;
	__u64 *word = bpf_map_lookup_elem(&decisions, &key);

	return !word || ((*word >> ((tgid & 31) * 2)) & 3) != DECISION_REJECTED;
}

/*
 * A process runs another program now, which user space has not seen yet: until then it is watched,
 * also if its fork is only now decided upon. By addition, the only atomic operation of 5.10: if
 * user space rejects or selects at this very moment, what comes of it is still none of another
 * process's bits (decisions.ts).
 */
static __always_inline void decide_anew(tgid_t tgid)
{
	__u32 key = tgid >> 5, shift = (tgid & 31) * 2;
	__u64 *word = bpf_map_lookup_elem(&decisions, &key), bits;

	if (!word)
		return;
	bits = (*word >> shift) & 3;
	if (bits < DECISION_SELECTED)
		__sync_fetch_and_add(word, (DECISION_SELECTED - bits) << shift);
}

static __always_inline tgid_t current_tgid(void)
{
	return bpf_get_current_pid_tgid() >> 32;
}

#define VERDICT_BITS 4
#define VERDICT_MASK ((1 << VERDICT_BITS) - 1)

/* User space's answer for a connection. */
static __always_inline __u32 verdict_of(conn_id_t conn_id)
{
	__u32 key = conn_id & verdict_mask;
	__u64 *word = bpf_map_lookup_elem(&verdicts, &key);

	if (!word || *word >> VERDICT_BITS != conn_id)
		return VERDICT_NONE;
	return *word & VERDICT_MASK;
}

#endif
