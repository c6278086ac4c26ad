/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0 */
/*
 * Does a run begin with a command of memcached: a line whose first word is one, with as many words
 * as that takes, or the head of the binary protocol? Reads 64 bytes; compiles on the host too.
 * Prefers a miss: longer lines, rarer commands, and `delete`, which beanstalkd has as well, go to
 * user space.
 *
 *     magic 1 | code 1 | key 2 | extras 1 | type 1 | status 2 | body 4 | opaque 4 | version 8
 *
 * All are big-endian. Source: https://github.com/memcached/memcached/blob/1.6.18/doc/protocol.txt
 * and https://github.com/memcached/memcached/wiki/BinaryProtocolRevamped
 */
#ifndef WEIR_CLASSIFY_MEMCACHED_H
#define WEIR_CLASSIFY_MEMCACHED_H

#include <linux/types.h>
#include "http1.h"

#define MEMCACHED_MAGIC 0x80
#define MEMCACHED_LAST_CODE 0x24
#define MEMCACHED_HEAD_BYTES 24
#define MEMCACHED_MAX_KEY 250
#define MEMCACHED_MAX_BODY (1U << 30)

static inline __attribute__((always_inline)) int is_memcached_head(const __u8 *data, __u64 bytes)
{
	__u32 key, body;

	if (bytes < MEMCACHED_HEAD_BYTES || data[1] > MEMCACHED_LAST_CODE)
		return 0;
	if (data[4] > 20 || data[4] & 3 || data[5] || data[6] || data[7])
		return 0;
	key = (__u32)data[2] << 8 | data[3];
	__builtin_memcpy(&body, data + 8, 4);
	body = __builtin_bswap32(body);
	if (key > MEMCACHED_MAX_KEY || body > MEMCACHED_MAX_BODY || body < key + data[4])
		return 0;
	return key || !body;
}

/* How many words a line may have behind its first; `most` is 0 of what is no command. */
struct memcached_words {
	__u32 least;
	__u32 most;
};

#define MEMCACHED_IS(length, ...) BEGINS(word, ~0ULL, length, __VA_ARGS__)

static inline __attribute__((always_inline)) struct memcached_words memcached_words(__u64 word)
{
	if (MEMCACHED_IS(4, 'g', 'e', 't', ' ', 0, 0, 0, 0) ||
	    MEMCACHED_IS(5, 'g', 'e', 't', 's', ' ', 0, 0, 0))
		return (struct memcached_words){ 1, 63 };
	if (MEMCACHED_IS(4, 's', 'e', 't', ' ', 0, 0, 0, 0) ||
	    MEMCACHED_IS(4, 'a', 'd', 'd', ' ', 0, 0, 0, 0) ||
	    MEMCACHED_IS(7, 'a', 'p', 'p', 'e', 'n', 'd', ' ', 0) ||
	    MEMCACHED_IS(8, 'p', 'r', 'e', 'p', 'e', 'n', 'd', ' ') ||
	    MEMCACHED_IS(8, 'r', 'e', 'p', 'l', 'a', 'c', 'e', ' '))
		return (struct memcached_words){ 4, 5 };
	if (MEMCACHED_IS(4, 'c', 'a', 's', ' ', 0, 0, 0, 0))
		return (struct memcached_words){ 5, 6 };
	if (MEMCACHED_IS(5, 'i', 'n', 'c', 'r', ' ', 0, 0, 0) ||
	    MEMCACHED_IS(5, 'd', 'e', 'c', 'r', ' ', 0, 0, 0))
		return (struct memcached_words){ 2, 3 };
	return (struct memcached_words){ 0, 0 };
}

#define ONES 0x0101010101010101ULL
#define LOWS 0x7f7f7f7f7f7f7f7fULL

/* The top bit of each byte of the word that is `byte`. */
static inline __attribute__((always_inline)) __u64 bytes_that_are(__u64 word, __u8 byte)
{
	__u64 other = word ^ ONES * byte;

	return ~(((other & LOWS) + LOWS) | other | LOWS);
}

/*
 * Has the first line, which ends within 64 bytes, as many words, and does it end with a number, or
 * with noreply? Counts in words of 8 bytes: the verifier follows each way through a loop over
 * bytes.
 */
static inline __attribute__((always_inline)) int is_memcached_line(const __u8 *data, __u64 bytes,
								   struct memcached_words words)
{
	__u64 spaces = 0, length = 0, ends = 0;
	__u8 last;

#pragma clang loop unroll(full) /* a loop of this form is none that 5.10 takes */
	for (int i = 0; i < 64; i += 8) {
		__u64 word, before = ~0ULL;

		__builtin_memcpy(&word, data + i, 8);
		ends = bytes_that_are(word, '\n');
		if (ends)
			before = (ends & -ends) - 1; /* all bits below that of the first LF */
		spaces += ((bytes_that_are(word, ' ') & before) >> 7) * ONES >> 56;
		length += (before & ONES) * ONES >> 56;
		if (ends)
			break;
	}
	if (!ends || length > bytes || length < 4 || data[(length - 2) & 63] != '\r')
		return 0;
	last = data[(length - 3) & 63];
	if (spaces < words.least || spaces > words.most)
		return 0;
	return words.least == 1 ? last > ' ' : last == 'y' || (__u8)(last - '0') <= 9;
}

/* `data` has room for 64 bytes, of which `bytes` are the run's. */
static inline __attribute__((always_inline)) int is_memcached(const __u8 *data, __u64 bytes)
{
	struct memcached_words words;
	__u64 word;

	if (data[0] == MEMCACHED_MAGIC)
		return is_memcached_head(data, bytes);
	__builtin_memcpy(&word, data, 8);
	words = memcached_words(word);
	return words.most && is_memcached_line(data, bytes, words);
}

#endif
