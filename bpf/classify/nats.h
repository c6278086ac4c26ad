/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0 */
/*
 * Does a run begin as what a client of NATS says first: CONNECT, which is HTTP's word for a tunnel,
 * and an object of JSON? Reads 10 bytes; compiles on the host too. Prefers a miss: what the server
 * says before, behind which TLS may come, and connections older than the agent go to user space.
 *
 *     CONNECT {"
 *
 * Source: https://docs.nats.io/reference/reference-protocols/nats-protocol
 */
#ifndef WEIR_CLASSIFY_NATS_H
#define WEIR_CLASSIFY_NATS_H

#include <linux/types.h>
#include "http1.h"

/* `data` has room for 10 bytes, of which `bytes` are the run's. */
static inline __attribute__((always_inline)) int is_nats(const __u8 *data, __u64 bytes)
{
	__u64 word;

	__builtin_memcpy(&word, data, 8);
	return bytes >= 10 && http1_connect(word) && data[8] == '{' && data[9] == '"';
}

#endif
