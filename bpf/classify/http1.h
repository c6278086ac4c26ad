/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0 */
/*
 * Does a run begin like HTTP/1? Reads at most 8 bytes; compiles on the host too. Prefers a miss: an unusual
 * method, or an empty line before the request, goes to user space as chunks, where the parser decides.
 * Source: https://www.rfc-editor.org/rfc/rfc9112#section-3 and section 4
 */
#ifndef WEIR_CLASSIFY_HTTP1_H
#define WEIR_CLASSIFY_HTTP1_H

#include <linux/types.h>

enum match {
	MATCH_NO = 0,
	MATCH_MORE = 1, /* as far as it goes, but too short to tell */
	MATCH_YES = 2,
};

/* The first 8 bytes, first byte lowest, zeros behind the end. */
static inline __attribute__((always_inline)) __u64 first_bytes(const __u8 *data, __u64 bytes)
{
	__u64 word;

	__builtin_memcpy(&word, data, 8); /* callers have room for 8 */
	return bytes >= 8 ? word : word & ((1ULL << (bytes * 8)) - 1);
}

/* `text` without its NUL, as first_bytes gives it. */
#define WORD(a, b, c, d, e, f, g, h)                                                             \
	((__u64)(a) | (__u64)(b) << 8 | (__u64)(c) << 16 | (__u64)(d) << 24 | (__u64)(e) << 32 | \
	 (__u64)(f) << 40 | (__u64)(g) << 48 | (__u64)(h) << 56)

/* True if the word begins with the `length` bytes of `text`, or is cut off before it can differ. */
static inline __attribute__((always_inline)) int begins(__u64 word, __u64 bytes, __u64 text, __u64 length)
{
	__u64 compared = bytes < length ? bytes : length;
	__u64 mask = compared >= 8 ? ~0ULL : (1ULL << (compared * 8)) - 1;

	return !((word ^ text) & mask);
}

/* A known method and a space. */
static inline __attribute__((always_inline)) enum match http1_request(__u64 word, __u64 bytes)
{
#define METHOD(length, ...) (begins(word, bytes, WORD(__VA_ARGS__), length) ? (length) : 0)
	__u64 length = METHOD(4, 'G', 'E', 'T', ' ', 0, 0, 0, 0);

	length = length ?: METHOD(5, 'P', 'O', 'S', 'T', ' ', 0, 0, 0);
	length = length ?: METHOD(5, 'H', 'E', 'A', 'D', ' ', 0, 0, 0);
	length = length ?: METHOD(4, 'P', 'U', 'T', ' ', 0, 0, 0, 0);
	length = length ?: METHOD(7, 'D', 'E', 'L', 'E', 'T', 'E', ' ', 0);
	length = length ?: METHOD(6, 'P', 'A', 'T', 'C', 'H', ' ', 0, 0);
	length = length ?: METHOD(8, 'O', 'P', 'T', 'I', 'O', 'N', 'S', ' ');
	length = length ?: METHOD(8, 'C', 'O', 'N', 'N', 'E', 'C', 'T', ' ');
	length = length ?: METHOD(6, 'T', 'R', 'A', 'C', 'E', ' ', 0, 0);
#undef METHOD
	if (!length || !bytes)
		return MATCH_NO;
	return bytes >= length ? MATCH_YES : MATCH_MORE;
}

/* A status line's "HTTP/1.". */
static inline __attribute__((always_inline)) enum match http1_response(__u64 word, __u64 bytes)
{
	if (!bytes || !begins(word, bytes, WORD('H', 'T', 'T', 'P', '/', '1', '.', 0), 7))
		return MATCH_NO;
	return bytes >= 7 ? MATCH_YES : MATCH_MORE;
}

#endif
