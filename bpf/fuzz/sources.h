/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0 */
/* The ways in which a call's bytes may lie in memory. */
#ifndef WEIR_FUZZ_SOURCES_H
#define WEIR_FUZZ_SOURCES_H

#include <stddef.h>
#include <stdint.h>

#include "pairing.h"

#define SEGMENTS 32

/* Of a payload of `bytes`, and its iovecs. */
static size_t memory_of(__u64 bytes)
{
	return ((bytes + 7) & ~7ULL) + SEGMENTS * sizeof(struct iovec);
}

/* Cuts the payload into segments whose iovecs lie behind it in the same memory. */
static struct source source_of(uint8_t how, uint8_t *memory, __u64 bytes)
{
	struct iovec *iovecs = (struct iovec *)(memory + ((bytes + 7) & ~7ULL));
	__u32 segments = 1 + how % SEGMENTS;
	__u64 each = bytes / segments, at = 0;

	for (__u32 i = 0; i < segments; i++) {
		__u64 len = i + 1 == segments ? bytes - at : each;

		iovecs[i] = (struct iovec){ .iov_base = memory + at, .iov_len = len };
		at += len;
	}
	switch (how >> 5) {
	case 0:
		return no_source();
	case 1:
	case 2:
	case 3:
		return iovec_source((__u64)iovecs, segments);
	case 4:
		return (struct source){ .address = (__u64)iovecs,
					.segments = segments,
					.kind = SOURCE_KERNEL };
	case 5:
		return (struct source){ .address = (__u64)&iovecs[segments - 1],
					.offset = iovecs[segments - 1].iov_len,
					.segments = 1,
					.kind = SOURCE_ENDED };
	default:
		return buffer_source((__u64)memory);
	}
}

#endif
