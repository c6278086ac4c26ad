/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0 */
/* Where a call's bytes lie in the process's memory, and how some of them are fetched. */
#ifndef WEIR_SOURCE_H
#define WEIR_SOURCE_H

#include "core_compat.h"
#include "stats.h"
#include "verifier.h"

/* Segments of one call that are walked. What lies beyond is counted, not captured (STAT_SEGMENTS). */
#define SEGMENTS_MAX 16

struct source {
	__u64 address;	/* of the bytes, or of the first iovec; 0: nothing can be captured */
	__u64 skip;	/* bytes of the first segment that are not this call's */
	__u32 segments; /* 0: `address` is that of the bytes */
	__u32 user;	/* the iovecs lie in the process's memory, else the kernel's */
};

static __always_inline struct source no_source(void)
{
	return (struct source){};
}

static __always_inline struct source buffer_source(const void *buffer)
{
	return (struct source){ .address = (__u64)buffer };
}

static __always_inline int read_segment(const struct source *src, __u32 index, struct iovec *to)
{
	const void *from = (const void *)(src->address + index * sizeof(*to));

	return src->user ? bpf_probe_read_user(to, sizeof(*to), from) :
			   bpf_probe_read_kernel(to, sizeof(*to), from);
}

/* An iovec with a single element is just a buffer: most calls take this way, which has no loop. */
static __always_inline struct source iovec_source(__u64 address, __u64 segments, __u64 skip, __u32 user)
{
	struct source src = { .address = address, .skip = skip, .segments = segments, .user = user };
	struct iovec only;

	if (segments != 1)
		return segments ? src : no_source();
	if (read_segment(&src, 0, &only))
		return no_source();
	return buffer_source(only.iov_base + skip);
}

/*
 * Source of the `bytes` that a finished call has moved, from the iterator that it left advanced: walks back
 * to where it began. An iovec is left when it is used up, so its length says how far back to go.
 */
static __always_inline struct source rewound_source(const struct msghdr *msg, __u64 bytes)
{
	struct iovec before;
	struct iter it = {};
	__u32 segments;

	read_iter(msg, &it);
	if (it.kind == ITER_KIND_OTHER)
		return no_source();
	if (it.kind == ITER_KIND_BUFFER)
		return buffer_source((const void *)(it.address + it.offset - bytes));
	segments = it.offset ? 1 : 0;
	for (__u32 i = 0; i < SEGMENTS_MAX && it.offset < bytes; i++) {
		bytes -= it.offset;
		it.address -= sizeof(before);
		segments++;
		if (bpf_probe_read_kernel(&before, sizeof(before), (const void *)it.address))
			return no_source();
		it.offset = before.iov_len;
	}
	if (it.offset < bytes) {
		count(STAT_SEGMENTS);
		return no_source();
	}
	return iovec_source(it.address, segments, it.offset - bytes, 0);
}

/*
 * Where captured bytes go: `data + at`, at most `room`. The verifier cannot relate these two, so `end` and
 * `span`, settings that it knows, bound them again; `data` has room for end + span.
 */
struct window {
	__u8 *data;
	__u64 at;
	__u64 room;
	__u64 end;
	__u64 span;
};

/* What a walk over a call's bytes has found. */
struct capture {
	__u64 captured;
	__u64 tail_at; /* address of the call's last bytes; 0: not reached */
	__u64 tail_bytes;
};

/* Copies from user memory to the window's front and moves the front; returns the bytes copied. */
static __always_inline __u64 fetch(struct window *to, const void *from, __u64 bytes)
{
	__u64 at = to->at, len = min_u64(bytes, to->room);

	opaque(at);
	opaque(len);
	if (at >= to->end || !len)
		return 0;
	if (len > to->span)
		len = to->span;
	if (bpf_probe_read_user(to->data + at, len, from)) {
		count(STAT_UNREADABLE);
		to->room = 0;
		return 0;
	}
	to->at += len;
	to->room -= len;
	return len;
}

static __always_inline void note_tail(struct capture *out, __u64 address, __u64 bytes)
{
	out->tail_bytes = min_u64(bytes, 8);
	out->tail_at = address + bytes - out->tail_bytes;
}

static __always_inline void capture_segments(const struct source *src, __u64 bytes, struct window *to,
					     struct capture *out)
{
	__u64 skip = src->skip, len;
	struct iovec seg;

	for (__u32 i = 0; i < SEGMENTS_MAX && i < src->segments && bytes; i++) {
		if (read_segment(src, i, &seg))
			return;
		len = min_u64(seg.iov_len - skip, bytes);
		bytes -= len;
		out->captured += fetch(to, seg.iov_base + skip, len);
		if (!bytes)
			note_tail(out, (__u64)seg.iov_base + skip, len);
		skip = 0;
	}
	if (bytes)
		count(STAT_SEGMENTS);
}

static __always_inline struct capture capture_call(const struct source *src, __u64 bytes, struct window *to)
{
	struct capture out = {};

	if (!src->address)
		return out;
	if (src->segments) {
		capture_segments(src, bytes, to, &out);
		return out;
	}
	out.captured = fetch(to, (const void *)src->address, bytes);
	note_tail(&out, src->address, bytes);
	return out;
}

#endif
