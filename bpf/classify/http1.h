/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0 */
/*
 * Does a run begin like HTTP/1? Reads at most 8 bytes; compiles on the host too. Prefers a miss: an
 * unusual method, or an empty line before the request, goes to user space as chunks, where the
 * parser decides. Source: https://www.rfc-editor.org/rfc/rfc9112#section-3 and section 4
 */
#ifndef WEIR_CLASSIFY_HTTP1_H
#define WEIR_CLASSIFY_HTTP1_H

#include <linux/types.h>

enum match {
	MATCH_NO = 0,
	MATCH_MORE = 1, /* as far as it goes, which is less than 8 bytes */
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

/* Does the word begin with the `length` bytes of `text`, as far as `known` bits tell? */
#define BEGINS(word, known, length, ...) \
	(!(((word) ^ WORD(__VA_ARGS__)) & (known) & (~0ULL >> (64 - 8 * (length)))))

/* The bits of the word that are data. */
static inline __attribute__((always_inline)) __u64 known_bits(__u64 bytes)
{
	return bytes >= 8 ? ~0ULL : (1ULL << (bytes * 8)) - 1;
}

/* A known method and a space. */
static inline __attribute__((always_inline)) enum match http1_request(__u64 word, __u64 bytes)
{
	__u64 known = known_bits(bytes);

	if (!bytes)
		return MATCH_NO;
	if (BEGINS(word, known, 4, 'G', 'E', 'T', ' ', 0, 0, 0, 0) ||
	    BEGINS(word, known, 5, 'P', 'O', 'S', 'T', ' ', 0, 0, 0) ||
	    BEGINS(word, known, 5, 'H', 'E', 'A', 'D', ' ', 0, 0, 0) ||
	    BEGINS(word, known, 4, 'P', 'U', 'T', ' ', 0, 0, 0, 0) ||
	    BEGINS(word, known, 7, 'D', 'E', 'L', 'E', 'T', 'E', ' ', 0) ||
	    BEGINS(word, known, 6, 'P', 'A', 'T', 'C', 'H', ' ', 0, 0) ||
	    BEGINS(word, known, 8, 'O', 'P', 'T', 'I', 'O', 'N', 'S', ' ') ||
	    BEGINS(word, known, 8, 'C', 'O', 'N', 'N', 'E', 'C', 'T', ' ') ||
	    BEGINS(word, known, 6, 'T', 'R', 'A', 'C', 'E', ' ', 0, 0))
		return bytes < 8 ? MATCH_MORE : MATCH_YES;
	return MATCH_NO;
}

/* "HTTP/1.1 200", of which the last three are the status. */
#define HTTP1_STATUS_BYTES 12

/* Asks for a tunnel. */
static inline __attribute__((always_inline)) int http1_connect(__u64 word)
{
	return word == WORD('C', 'O', 'N', 'N', 'E', 'C', 'T', ' ');
}

/* Has content: a call of gRPC-Web is one. */
static inline __attribute__((always_inline)) int http1_post(__u64 word)
{
	return BEGINS(word, ~0ULL, 5, 'P', 'O', 'S', 'T', ' ', 0, 0, 0);
}

/* Of a head that is looked through for a content type. */
#define HTTP1_SEARCH_BYTES 1024

/* Does "grpc-web" stand in it? Of "application/grpc-web" and its kinds; elsewhere it says no less.
 */
static inline __attribute__((always_inline)) int http1_grpc_web(const __u8 *data, __u64 bytes)
{
	__u64 word = 0;

	for (__u32 i = 0; i < HTTP1_SEARCH_BYTES && i < bytes; i++) {
		word = word >> 8 | (__u64)data[i] << 56;
		if (word == WORD('g', 'r', 'p', 'c', '-', 'w', 'e', 'b'))
			return 1;
	}
	return 0;
}

/* A status line's "HTTP/1.". */
static inline __attribute__((always_inline)) enum match http1_response(__u64 word, __u64 bytes)
{
	if (!bytes || !BEGINS(word, known_bits(bytes), 7, 'H', 'T', 'T', 'P', '/', '1', '.', 0))
		return MATCH_NO;
	return bytes < 8 ? MATCH_MORE : MATCH_YES;
}

#endif
