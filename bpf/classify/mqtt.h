/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0 */
/*
 * Does a run begin as a client of MQTT 3.1.1 or 5 connects? Reads 10 bytes; compiles on the host
 * too. Prefers a miss: MQTT 3.1 and connections older than the agent go to user space.
 *
 *     0x10 | length 1 or 2, seven bits each | 0 4 M Q T T | 4 or 5
 *
 * Source: https://docs.oasis-open.org/mqtt/mqtt/v5.0/os/mqtt-v5.0-os.html, 3.1
 */
#ifndef WEIR_CLASSIFY_MQTT_H
#define WEIR_CLASSIFY_MQTT_H

#include <linux/types.h>
#include "http1.h"

#define MQTT_CONNECT 0x10
#define MQTT_NAME_BITS ((1ULL << 48) - 1)

/* `data` has room for 10 bytes, of which `bytes` are the run's. */
static inline __attribute__((always_inline)) int is_mqtt(const __u8 *data, __u64 bytes)
{
	__u64 word;

	if (bytes < 10 || data[0] != MQTT_CONNECT)
		return 0;
	__builtin_memcpy(&word, data + 2, 8);
	if (data[1] & 0x80 && word & 0x80)
		return 0;
	word >>= (data[1] >> 7) * 8; /* behind the second byte of the length */
	if ((word & MQTT_NAME_BITS) != WORD(0, 4, 'M', 'Q', 'T', 'T', 0, 0))
		return 0;
	return (word >> 48 & 0xfe) == 4;
}

#endif
