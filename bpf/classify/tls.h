/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0 */
/*
 * Does a run begin with a TLS record? Reads 5 bytes; compiles on the host too.
 *
 *     +------+-------+-------+--------+--------+
 *     | type | major | minor |      length     |   type 20 to 23; version 3.0 to 3.4;
 *     +------+-------+-------+--------+--------+   length 1 to 2^14 + 2048
 *
 * Source: https://www.rfc-editor.org/rfc/rfc5246#section-6.2.3,
 * https://www.rfc-editor.org/rfc/rfc8446#section-5.2
 */
#ifndef WEIR_CLASSIFY_TLS_H
#define WEIR_CLASSIFY_TLS_H

#include <linux/types.h>

#define TLS_HEADER_BYTES 5
#define TLS_RECORD_MAX ((1 << 14) + 2048)

/* `word`: the first bytes as first_bytes gives them. */
static inline __attribute__((always_inline)) int is_tls(__u64 word, __u64 bytes)
{
	__u64 type = word & 0xff, major = word >> 8 & 0xff, minor = word >> 16 & 0xff;
	__u64 length = (word >> 24 & 0xff) << 8 | (word >> 32 & 0xff);

	return bytes >= TLS_HEADER_BYTES && type >= 20 && type <= 23 && major == 3 && minor <= 4 &&
	       length && length <= TLS_RECORD_MAX;
}

#endif
