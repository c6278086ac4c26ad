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

static __always_inline tgid_t current_tgid(void)
{
	return bpf_get_current_pid_tgid() >> 32;
}

/* User space's answer for a connection. */
static __always_inline __u32 verdict_of(conn_id_t conn_id)
{
	__u32 key = conn_id & verdict_mask;
	__u64 *word = bpf_map_lookup_elem(&verdicts, &key);

	if (!word || *word >> 2 != conn_id)
		return VERDICT_NONE;
	return *word & 3;
}

#endif
