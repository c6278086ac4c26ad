/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0 */
/*
 * Does a run begin with a request to MongoDB: OP_MSG that answers nothing, with a section of kind
 * 0? Reads 26 bytes; compiles on the host too. Prefers a miss: others, and a server that reads the
 * header alone, go to user space.
 *
 *     length 4 | id 4 | response to 4 | 2013 | flags 4 | kind 1 | length 4 | type 1
 *
 * All are little-endian. Source:
 * https://www.mongodb.com/docs/manual/reference/mongodb-wire-protocol/
 */
#ifndef WEIR_CLASSIFY_MONGODB_H
#define WEIR_CLASSIFY_MONGODB_H

#include <linux/types.h>

#define MONGODB_HEAD_BYTES 26
#define MONGODB_MAX_LENGTH (64U << 20)
#define MONGODB_OP_MSG 2013
#define MONGODB_FLAGS 0x10003U

/* `data` has room for 26 bytes, of which `bytes` are the run's. */
static inline __attribute__((always_inline)) int is_mongodb(const __u8 *data, __u64 bytes)
{
	__u32 length, flags, document;
	__u64 answers;

	if (bytes < MONGODB_HEAD_BYTES)
		return 0;
	__builtin_memcpy(&answers, data + 8, 8);
	if (answers != (__u64)MONGODB_OP_MSG << 32)
		return 0;
	__builtin_memcpy(&length, data, 4);
	__builtin_memcpy(&flags, data + 16, 4);
	if (length <= MONGODB_HEAD_BYTES || length > MONGODB_MAX_LENGTH || flags & ~MONGODB_FLAGS)
		return 0;
	__builtin_memcpy(&document, data + 21, 4);
	return !data[20] && document > 5 && document < length && data[25] && data[25] <= 19;
}

#endif
