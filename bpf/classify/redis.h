/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0 */
/*
 * Does a run begin with a Redis command as clients send it: an array of bulk strings whose first is
 * a word? Reads 17 bytes; compiles on the host too. Prefers a miss: inline commands, and
 * answers, which look like much else, go to user space.
 *
 *     * 1-3 digits CR LF $ 1-2 digits CR LF letter
 *
 * Source: https://redis.io/docs/latest/develop/reference/protocol-spec/
 */
#ifndef WEIR_CLASSIFY_REDIS_H
#define WEIR_CLASSIFY_REDIS_H

#include <linux/types.h>

#define REDIS_HEAD_BYTES 13 /* of the longest */
#define REDIS_CRLF 0x0a0dU

static inline __attribute__((always_inline)) int is_digit(__u64 byte)
{
	return (byte & 0xff) - '0' <= 9;
}

/* How many bits a number of at most `most` digits takes at the front of the word, CR LF behind it;
 * 0 if it is none. Alternatives that come together again, not a condition of many terms: the
 * verifier would follow each way through that. */
static inline __attribute__((always_inline)) __u32 redis_number(__u64 word, int most)
{
	__u32 bits = 8;

	if (!is_digit(word) || (word & 0xff) == '0')
		return 0;
	if (most > 1 && is_digit(word >> 8))
		bits = 16;
	if (most > 2 && bits == 16 && is_digit(word >> 16))
		bits = 24;
	return (word >> bits & 0xffff) == REDIS_CRLF ? bits + 16 : 0;
}

/* `data` has room for 17 bytes, of which `bytes` are the run's. */
static inline __attribute__((always_inline)) int is_redis(const __u8 *data, __u64 bytes)
{
	__u64 word, next;
	__u32 bits;

	if (bytes < REDIS_HEAD_BYTES || data[0] != '*')
		return 0;
	__builtin_memcpy(&word, data + 1, 8);
	__builtin_memcpy(&next, data + 9, 8);
	bits = redis_number(word, 3);
	if (!bits)
		return 0;
	word = word >> bits | next << (64 - bits); /* 24 to 40 bits are gone */
	if ((word & 0xff) != '$')
		return 0;
	word >>= 8;
	bits = redis_number(word, 2);
	return bits && ((word >> bits & 0xff) | 0x20) - 'a' <= 'z' - 'a';
}

#endif
