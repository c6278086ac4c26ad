/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0 */
/* Objects of libssl whose sockets are known. */
#ifndef WEIR_OPENSSL_PROVED_H
#define WEIR_OPENSSL_PROVED_H

#include "thread.h"

#define PROVED_OBJECTS 4096 /* a power of two */

/*
 * Objects whose sockets are known, which need no search: a look-up here costs a tenth of one in
 * `conns`. Key: hash of the object. Value: the object and its process, mixed. Writer, reader: here.
 */
struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, PROVED_OBJECTS);
	__type(key, __u32);
	__type(value, __u64);
} ssl_proved SEC(".maps");

/* Addresses have 47 bits, and malloc aligns them to 16. */
static __always_inline __u64 proved_value(__u64 object, tgid_t tgid)
{
	return object >> 4 | (__u64)tgid << 43;
}

static __always_inline __u64 *proved_slot(__u64 object, tgid_t tgid)
{
	/* An SSL is some kilobytes long. */
	__u32 key = (object >> 8 ^ object >> 14 ^ tgid) & (PROVED_OBJECTS - 1);

	return bpf_map_lookup_elem(&ssl_proved, &key);
}

static __always_inline bool is_proved(__u64 object, tgid_t tgid)
{
	const __u64 *slot = proved_slot(object, tgid);

	return slot && *slot == proved_value(object, tgid);
}

static __always_inline void set_proved(__u64 object, tgid_t tgid, bool proved)
{
	__u64 *slot = proved_slot(object, tgid), value = proved_value(object, tgid);

	if (slot && (proved || *slot == value))
		*slot = proved ? value : 0;
}

#endif
