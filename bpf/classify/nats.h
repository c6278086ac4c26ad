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

#define NATS_WORD(a, b, c, d) ((a) | (b) << 8 | (c) << 16 | (__u32)(d) << 24)
/* By which lines begin, of either case: C, H, I, M, P, S and U. */
#define NATS_LETTERS (1 << 2 | 1 << 7 | 1 << 8 | 1 << 12 | 1 << 15 | 1 << 18 | 1 << 20)

/* May a line begin with this? With + and - too, as +OK and -ERR do. */
static inline __attribute__((always_inline)) int nats_letter(__u8 letter)
{
	__u32 place = (letter & 0x5f) - 'A';

	if (letter == '+' || letter == '-')
		return 1;
	return letter >= 'A' && place < 26 && NATS_LETTERS >> place & 1;
}

/* Does a line begin with these 4 bytes, wherever in a connection they are? */
static inline __attribute__((always_inline)) int nats_line(const __u8 *data)
{
	__u32 word;

	__builtin_memcpy(&word, data, 4);
	switch (word) {
	case NATS_WORD('P', 'U', 'B', ' '):
	case NATS_WORD('H', 'P', 'U', 'B'):
	case NATS_WORD('M', 'S', 'G', ' '):
	case NATS_WORD('H', 'M', 'S', 'G'):
	case NATS_WORD('S', 'U', 'B', ' '):
	case NATS_WORD('U', 'N', 'S', 'U'):
	case NATS_WORD('P', 'I', 'N', 'G'):
	case NATS_WORD('P', 'O', 'N', 'G'):
	case NATS_WORD('C', 'O', 'N', 'N'):
	case NATS_WORD('I', 'N', 'F', 'O'):
	case NATS_WORD('+', 'O', 'K', '\r'):
	case NATS_WORD('-', 'E', 'R', 'R'):
		return 1;
	default:
		return 0;
	}
}

#endif
