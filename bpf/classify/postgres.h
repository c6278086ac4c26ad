/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0 */
/*
 * Does a run begin with the start-up packet of PostgreSQL, protocol 3.0? Reads 9 bytes; compiles on
 * the host too. Prefers a miss: a request for TLS must be one, for what the kernel has to see next
 * is TLS; and connections older than the agent go to user space.
 *
 *     +----------------+----------------+--------+
 *     | length, 4, BE  | 0x00030000     | letter |   length 10 to 10,000, as the server has it
 *     +----------------+----------------+--------+
 *
 * Source: https://www.postgresql.org/docs/17/protocol-message-formats.html
 */
#ifndef WEIR_CLASSIFY_POSTGRES_H
#define WEIR_CLASSIFY_POSTGRES_H

#include <linux/types.h>

#define POSTGRES_3_0 0x00000300U /* as it is read, lowest byte first */

/* `data` has room for 9 bytes, of which `bytes` are the run's. */
static inline __attribute__((always_inline)) int is_postgres(const __u8 *data, __u64 bytes)
{
	__u32 length, version;

	__builtin_memcpy(&length, data, 4);
	__builtin_memcpy(&version, data + 4, 4);
	length = __builtin_bswap32(length);
	if (bytes < 9 || version != POSTGRES_3_0 || length < 10 || length > 10000)
		return 0;
	return (__u8)(data[8] - 'a') <= 'z' - 'a';
}

#endif
