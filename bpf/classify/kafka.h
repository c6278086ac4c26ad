/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0 */
/*
 * Does a run begin with a request to a Kafka broker? Reads 15 bytes; compiles on the host too.
 * Prefers a miss: a client without a name goes to user space.
 *
 *     size 4 | key 2 | version 2 | correlation id 4 | length 2 | client id
 *
 * All are big-endian. Source: https://kafka.apache.org/protocol.html#protocol_messages
 */
#ifndef WEIR_CLASSIFY_KAFKA_H
#define WEIR_CLASSIFY_KAFKA_H

#include <linux/types.h>

#define KAFKA_HEAD_BYTES 15
#define KAFKA_SIZE_BYTES 4
#define KAFKA_LAST_KEY 92
#define KAFKA_LAST_VERSION 21
#define KAFKA_MAX_SIZE (1U << 30)

/* What stands behind the size, of which `bytes` are at hand; `data` has room for 11. Alone it tells
 * where a broker has read the size before. */
static inline __attribute__((always_inline)) int is_kafka_body(const __u8 *data, __u64 bytes)
{
	__u32 key, id_bytes;

	if (bytes < KAFKA_HEAD_BYTES - KAFKA_SIZE_BYTES)
		return 0;
	__builtin_memcpy(&key, data, 4);
	key = __builtin_bswap32(key);
	if (key >> 16 > KAFKA_LAST_KEY || (key & 0xffff) > KAFKA_LAST_VERSION)
		return 0;
	id_bytes = (__u32)data[8] << 8 | data[9];
	if (!id_bytes || id_bytes > 255 || data[4] & 0x80)
		return 0;
	return (__u8)(data[10] - ' ') <= '~' - ' ';
}

/* `data` has room for 15 bytes, of which `bytes` are the run's. */
static inline __attribute__((always_inline)) int is_kafka(const __u8 *data, __u64 bytes)
{
	__u32 size, id_bytes;

	if (bytes < KAFKA_HEAD_BYTES)
		return 0;
	__builtin_memcpy(&size, data, 4);
	size = __builtin_bswap32(size);
	id_bytes = (__u32)data[12] << 8 | data[13];
	if (size > KAFKA_MAX_SIZE || size < 10 + id_bytes)
		return 0;
	return is_kafka_body(data + KAFKA_SIZE_BYTES, bytes - KAFKA_SIZE_BYTES);
}

#endif
