/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0 */
/*
 * Does a run begin with a DNS query over TCP: its length, a header, and one question? Reads 15
 * bytes; compiles on the host too. Prefers a miss: a length that comes alone goes to user space.
 *
 *     length 2 | id 2 | flags 2 | questions 2 | answers 2 | authority 2 | additional 2 | label 1
 *
 * All are big-endian. Source: https://www.rfc-editor.org/rfc/rfc1035#section-4.1
 */
#ifndef WEIR_CLASSIFY_DNS_H
#define WEIR_CLASSIFY_DNS_H

#include <linux/types.h>

#define DNS_HEAD_BYTES 15
#define DNS_LEAST_BYTES 17 /* of a message: a header, the root, type and class */

/* From the flags on: a query of the common kind, that may ask for recursion, and carry the two bits
 * of DNSSEC; one question, no answers, no authority. In the order in which they lie in memory. */
#define DNS_FLAGS_MASK 0xffffffffffffcffeULL
#define DNS_FLAGS 0x0000000001000000ULL

/* `data` has room for 15 bytes, of which `bytes` are the run's. */
static inline __attribute__((always_inline)) int is_dns(const __u8 *data, __u64 bytes)
{
	__u64 length = (__u64)data[0] << 8 | data[1], word;

	if (bytes < DNS_HEAD_BYTES || length < DNS_LEAST_BYTES || length + 2 > bytes)
		return 0;
	__builtin_memcpy(&word, data + 4, 8);
	return (word & DNS_FLAGS_MASK) == DNS_FLAGS && !data[12] && data[13] <= 2 && data[14] < 64;
}

#endif
