/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0 */
/* System calls that move bytes, by where those lie. */
#ifndef WEIR_TCP_SHAPES_H
#define WEIR_TCP_SHAPES_H

#include "source.h"

/* Messages of one recvmmsg or sendmmsg that are calls of their own. What lies beyond is counted,
 * not captured (STAT_MESSAGES). */
#define MESSAGES_MAX 64

/* What a system call did, by the kind of its arguments. */
enum shape {
	SHAPE_NONE = 0,
	SHAPE_BUFFER,	/* arguments 1, 2: buffer, length */
	SHAPE_VECTOR,	/* iovecs, their number */
	SHAPE_MESSAGE,	/* struct msghdr */
	SHAPE_MESSAGES, /* array of struct mmsghdr */
	SHAPE_OPAQUE,	/* nothing to capture */
};

struct syscall {
	__u32 fd;
	__u32 shape;
	__u32 direction;
	__u32 flags;
};

/* Three numbers in one: a global function has five arguments at most. */
static __always_inline __u64 packed(__u32 direction, enum source_kind kind, __u64 segments)
{
	return segments << 4 | kind << 1 | direction;
}

static __always_inline __u32 packed_direction(__u64 source)
{
	return source & 1;
}

static __always_inline __u32 packed_kind(__u64 source)
{
	return source >> 1 & 7;
}

#endif
