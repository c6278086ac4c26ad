/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0 */
/* Where a call's bytes lie in the process's memory, and how some of them are fetched. */
#ifndef WEIR_SOURCE_H
#define WEIR_SOURCE_H

#include "core_compat.h"
#include "stats.h"
#include "verifier.h"

/* Segments of one call that are walked, by steps that are verified once: as many as a system call
 * takes (UIO_MAXIOV). What lies beyond is counted, not captured (STAT_SEGMENTS). */
#define STEP_SEGMENTS 8
#define WALK_STEPS 128

enum source_kind {
	SOURCE_NONE = 0,   /* nothing can be captured */
	SOURCE_BUFFER = 1, /* at `address` */
	SOURCE_USER = 2,   /* in segments, by iovecs in the process's memory */
	SOURCE_KERNEL = 3, /* by iovecs in the kernel's memory */
	SOURCE_ENDED = 4,  /* the same, but `address` and `offset` are those of the call's end */
};

struct source {
	__u64 address;
	__u64 offset; /* in the first segment */
	__u32 segments;
	__u32 kind; /* enum source_kind */
};

static __always_inline struct source no_source(void)
{
	return (struct source){};
}

static __always_inline struct source buffer_source(__u64 address)
{
	return (struct source){ .address = address, .kind = SOURCE_BUFFER };
}

static __always_inline int read_segment(__u32 kind, __u64 address, struct iovec *to)
{
	return kind == SOURCE_USER ? bpf_probe_read_user(to, sizeof(*to), (const void *)address)
				   : bpf_probe_read_kernel(to, sizeof(*to), (const void *)address);
}

/* From iovecs in the process's memory. A single one is just a buffer. */
static __always_inline struct source iovec_source(__u64 address, __u64 segments)
{
	struct iovec only;

	if (segments > 1)
		return (struct source){ .address = address,
					.segments = segments,
					.kind = SOURCE_USER };
	if (!segments || read_segment(SOURCE_USER, address, &only))
		return no_source();
	return buffer_source((__u64)only.iov_base);
}

/*
 * From the iterator that a finished call left behind, which has advanced by `bytes`. An iovec is
 * left as soon as it is used up, so a call within one segment ends in that, or right behind.
 * `typed`: see LOAD.
 */
static __always_inline struct source rewound_source(const struct msghdr *msg, bool typed,
						    __u64 bytes)
{
	const struct iov_iter *it = &msg->msg_iter;
	__u32 kind = iter_kind(it, typed);
	__u64 offset, address;
	struct iovec last;

	if (kind == ITER_KIND_OTHER)
		return no_source();
	offset = LOAD(typed, it, iov_offset);
	if (kind == ITER_KIND_BUFFER)
		return buffer_source(iter_address(it, kind) + offset - bytes);
	if (offset >= bytes && load_segment(it, typed, &last))
		return buffer_source((__u64)last.iov_base + offset - bytes);
	address = iter_address(it, kind);
	if (!offset)
		address -= sizeof(last);
	if (read_segment(SOURCE_KERNEL, address, &last))
		return no_source();
	if (!offset)
		offset = last.iov_len;
	if (offset >= bytes)
		return buffer_source((__u64)last.iov_base + offset - bytes);
	return (struct source){
		.address = address, .offset = offset, .segments = 1, .kind = SOURCE_ENDED
	};
}

/* From the iterator of a call that begins. */
static __always_inline struct source fresh_source(const struct msghdr *msg, __u64 bytes)
{
	const struct iov_iter *it = &msg->msg_iter;
	__u32 kind = iter_kind(it, false);
	__u64 offset, address;
	struct iovec first;

	if (kind == ITER_KIND_OTHER)
		return no_source();
	offset = BPF_CORE_READ(it, iov_offset);
	address = iter_address(it, kind);
	if (kind == ITER_KIND_BUFFER)
		return buffer_source(address + offset);
	if (read_segment(SOURCE_KERNEL, address, &first))
		return no_source();
	if (first.iov_len - offset >= bytes)
		return buffer_source((__u64)first.iov_base + offset);
	return (struct source){
		.address = address,
		.offset = offset,
		.segments = BPF_CORE_READ(it, nr_segs),
		.kind = SOURCE_KERNEL,
	};
}

/* Puts the last of `bytes` at `address` behind what the tail holds. Unreadable: nothing is known of
 * it any more. */
static __always_inline void join_tail(struct tail *tail, __u64 address, __u64 bytes)
{
	__u64 last = min_u64(bytes, 8), word = 0;

	opaque(last);
	if (last > 8 || !last)
		return;
	if (bpf_probe_read_user(&word, last, (const void *)(address + bytes - last))) {
		tail->bytes = 0;
		return;
	}
	word <<= (8 - last) * 8;
	if (last < 8)
		word |= tail->word >> last * 8;
	tail->word = word;
	tail->bytes = min_u64(8, tail->bytes + last);
}

/* Copies at most `room` bytes to `slot->data + at`. The verifier cannot relate these two, so
 * settings, which it knows, bound each again: see SLOT_DATA. Returns the bytes copied. */
static __always_inline __u64 fetch(struct slot *slot, __u64 at, __u64 room, __u64 from, __u64 bytes)
{
	__u64 len = min_u64(bytes, room);

	opaque(at);
	opaque(len);
	if (at > request_head + response_head || !len)
		return 0;
	if (len > request_head)
		len = request_head;
	if (!bpf_probe_read_user(slot->data + at, len, (const void *)from))
		return len;
	count(STAT_UNREADABLE);
	return 0;
}

/* Where a walk stands after a step. */
enum walk_state {
	WALK_ON = 0,
	WALK_DONE = 1,
	WALK_FAILED = 2, /* unreadable, or there are fewer segments than bytes */
};

/* From a call's end back to its beginning, where walk_on then starts. */
static __always_inline enum walk_state walk_back(struct walk *walk)
{
	struct iovec seg;

	for (__u32 i = 0; i < STEP_SEGMENTS; i++) {
		if (walk->offset >= walk->bytes) {
			walk->offset -= walk->bytes;
			walk->kind = SOURCE_KERNEL;
			return WALK_ON;
		}
		walk->address -= sizeof(seg);
		if (read_segment(SOURCE_KERNEL, walk->address, &seg))
			return WALK_FAILED;
		/* Counted from the beginning of this segment: it lies before all that was passed.
		 */
		walk->offset += seg.iov_len;
		walk->segments++;
	}
	return WALK_ON;
}

/* Through the segments: captures from the first ones, and finds the tail in the last. */
static __always_inline enum walk_state walk_on(struct slot *slot, struct walk *walk)
{
	__u64 len, from, got;
	struct iovec seg;

	for (__u32 i = 0; i < STEP_SEGMENTS; i++) {
		if (!walk->segments || read_segment(walk->kind, walk->address, &seg))
			return WALK_FAILED;
		from = (__u64)seg.iov_base + walk->offset;
		len = min_u64(seg.iov_len - walk->offset, walk->bytes);
		got = fetch(slot, walk->at, walk->room, from, len);
		walk->at += got;
		walk->room -= got;
		walk->bytes -= len;
		if (walk->bytes < 8)
			join_tail(&walk->tail, from, len);
		/* Where another walk would go on: there may be more in this segment. */
		walk->offset += len;
		if (!walk->bytes)
			return WALK_DONE;
		walk->offset = 0;
		walk->address += sizeof(seg);
		walk->segments--;
	}
	return WALK_ON;
}

/*
 * A step of what the slot's `walk` says; returns an enum walk_state. A global function is verified
 * once, by itself: inlined, its loops would be verified again for whatever may have come before,
 * which is more than any kernel accepts. Hence the index for an argument: 5.10 takes no pointers
 * here.
 */
__attribute__((noinline)) int walk_step(__u32 index)
{
	struct slot *slot = bpf_map_lookup_elem(&heads, &index);

	if (!slot)
		return WALK_FAILED;
	if (slot->walk.kind == SOURCE_ENDED)
		return walk_back(&slot->walk);
	return walk_on(slot, &slot->walk);
}

/* All of it: there and, from a call's end, back before. */
__attribute__((noinline)) int walk_segments(__u32 index)
{
	struct slot *slot;

	for (__u32 i = 0; i < 2 * WALK_STEPS; i++) {
		int state = walk_step(index);

		if (state == WALK_DONE)
			return 0;
		if (state == WALK_FAILED)
			break;
	}
	count(STAT_SEGMENTS);
	slot = bpf_map_lookup_elem(&heads, &index);
	if (slot) {
		slot->walk.tail = (struct tail){};
		slot->walk.kind = SOURCE_NONE;
	}
	return 0;
}

/* Captures at most `room` bytes of the call to the data of the slot at `index`, from `at` on.
 * Returns the call's last bytes; `captured` tells how many bytes were taken. */
static __always_inline struct tail capture(__u32 index, struct slot *slot, const struct source *src,
					   __u64 bytes, __u64 at, __u64 room, __u64 *captured)
{
	struct tail tail = {};

	*captured = 0;
	if (src->kind == SOURCE_NONE)
		return tail;
	if (src->kind == SOURCE_BUFFER) {
		*captured = fetch(slot, at, room, src->address, bytes);
		join_tail(&tail, src->address, bytes);
		return tail;
	}
	slot->walk = (struct walk){
		.address = src->address,
		.offset = src->offset,
		.bytes = bytes,
		.at = at,
		.room = room,
		.segments = src->segments,
		.kind = src->kind,
	};
	walk_segments(index);
	*captured = slot->walk.at - at;
	return slot->walk.tail;
}

#endif
