/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0 */
/*
 * Does a run begin as a client of AMQP 0-9-1 does? Reads 8 bytes; compiles on the host too. Prefers
 * a miss: connections older than the agent go to user space, and other versions to nobody.
 *
 *     A M Q P 0 0 9 1
 *
 * Source: https://www.rabbitmq.com/resources/specs/amqp0-9-1.pdf, 4.2.2
 */
#ifndef WEIR_CLASSIFY_AMQP_H
#define WEIR_CLASSIFY_AMQP_H

#include <linux/types.h>
#include "http1.h"

/* `data` has room for 8 bytes, of which `bytes` are the run's. */
static inline __attribute__((always_inline)) int is_amqp(const __u8 *data, __u64 bytes)
{
	__u64 word;

	__builtin_memcpy(&word, data, 8);
	return bytes >= 8 && word == WORD('A', 'M', 'Q', 'P', 0, 0, 9, 1);
}

#endif
