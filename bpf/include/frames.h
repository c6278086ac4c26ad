/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0 */
/*
 * Where HTTP/2's frames begin: their heads are followed through all calls of a connection, so that
 * they are captured wherever they lie, and the content of long DATA need not be. A piece of a call
 * (pieces.h) is looked at once its front has been captured.
 *
 *     +-----------+---------+----------+-------------------+
 *     | length, 3 | type, 1 | flags, 1 | stream, 4 (31 bit) |  payload
 *     +-----------+---------+----------+-------------------+
 *
 * Source: https://www.rfc-editor.org/rfc/rfc9113#section-4.1
 */
#ifndef WEIR_FRAMES_H
#define WEIR_FRAMES_H

#include "maps.h"
#include "stats.h"
#include "verifier.h"
#include "../classify/http2.h"

#define FRAME_HEAD_BYTES 9
/* A head and the longest payload. */
#define FRAME_MAX_BYTES ((1 << 24) + FRAME_HEAD_BYTES)
/* Of any frame but DATA: nobody allows more by default. */
#define FRAME_READ_BYTES 16384
/* Captured of a payload whose rest is not: its padding's length, and what gRPC has in front. */
#define FRAME_FRONT_BYTES 64
/* Of DATA in which messages of gRPC may lie, payloads that are captured whole at the front of a
 * run. Longer ones are parts of something long, which would only fill the rings. */
#define FRAME_WHOLE_BYTES 8192
/* Heads in one piece: what 1 KiB holds of the shortest. */
#define FRAMES_MAX 114

#define FRAME_DATA 0
#define FRAME_WINDOW_UPDATE 8
#define FRAME_CONTINUATION 9
/* PRIORITY, PING and WINDOW_UPDATE, of which user space reads nothing. */
#define FRAMES_PASSED (1ULL << 2 | 1ULL << 6 | 1ULL << 8)
/* SETTINGS, PING and GOAWAY; all others are of a stream, WINDOW_UPDATE of either. */
#define FRAMES_OF_CONNECTION (1 << 4 | 1 << 6 | 1 << 7)
#define FRAME_FLAGS 0x2d /* all that any frame has */

/* Not known any more: found again at the front of a later call. */
static __always_inline void lose_frames(struct frames *frames)
{
	frames->state = FRAMES_LOST;
	count(STAT_FRAMES_LOST);
}

/* Of types above 63 by their lower bits, for nothing is read of any that is no frame of HTTP/2.
 * Without a branch: the verifier comes here on many ways. */
static __always_inline __u32 is_passed(const struct frames *frames)
{
	return FRAMES_PASSED >> (frames->head & 63) & 1;
}

/* Is anything read of the frame that goes on at the front of the slot's piece? Of long DATA its
 * front is, and its end is told. A global function, as walk_step. */
__attribute__((noinline)) int is_read_on(__u32 index)
{
	const struct slot *slot = bpf_map_lookup_elem(&heads, &index);
	const struct frames *frames;
	const struct piece *piece;
	__u32 next, length;

	if (!slot)
		return true;
	piece = &slot->piece;
	frames = &piece->frames;
	next = frames->next - (__u32)piece->run.position;
	length = frames->head >> 8;
	if (frames->state == FRAMES_LOST || frames->seen)
		return true;
	if (!next || is_passed(frames))
		return false;
	return frames->state != FRAMES_DATA || length <= FRAME_WHOLE_BYTES || next <= piece->left ||
	       length - next < FRAME_FRONT_BYTES;
}

/* May a frame begin here, in bytes that could be anything? */
static __always_inline bool may_be_frame(const __u8 *data)
{
	__u8 type = data[3];
	bool of_connection = (FRAMES_OF_CONNECTION >> (type & 15)) & 1;
	__u32 length, stream;

	__builtin_memcpy(&length, data, sizeof(length));
	__builtin_memcpy(&stream, data + 5, sizeof(stream));
	if (type > FRAME_CONTINUATION || data[4] & ~FRAME_FLAGS || data[5] & 0x80)
		return false;
	if (type != FRAME_DATA && __builtin_bswap32(length) >> 8 > FRAME_READ_BYTES)
		return false;
	return type == FRAME_WINDOW_UPDATE || of_connection == !stream;
}

/* Begins to follow them at the front of a call, of which `bytes` lie at `data`. */
static __always_inline bool begin_frames(struct frames *frames, const __u8 *data, __u32 bytes,
					 __u32 position)
{
	__u64 first;

	__builtin_memcpy(&first, data, sizeof(first));
	if (bytes >= HTTP2_PREFACE_BYTES && first == HTTP2_PREFACE_1)
		position += HTTP2_PREFACE_BYTES;
	else if (bytes < FRAME_HEAD_BYTES || !may_be_frame(data))
		return false;
	frames->next = position;
	frames->seen = 0;
	frames->state = FRAMES_OTHER;
	return true;
}

/* Reads a head, or as much as there is of it, at `at`; returns where it ends. */
static __always_inline __u32 take_head(struct frames *frames, const __u8 *data, __u32 at,
				       __u32 bytes)
{
	__u32 front;

	opaque(at);
	if (at > request_head)
		return at;
	if (!frames->seen && at + FRAME_HEAD_BYTES <= bytes) {
		__builtin_memcpy(&front, data + at, sizeof(front));
		frames->head = __builtin_bswap32(front);
		frames->seen = FRAME_HEAD_BYTES;
		return at + FRAME_HEAD_BYTES;
	}
	for (int i = 0; i < FRAME_HEAD_BYTES; i++) {
		opaque(at);
		if (at >= bytes || at > request_head || frames->seen >= FRAME_HEAD_BYTES)
			break;
		if (frames->seen < sizeof(frames->head))
			frames->head = frames->head << 8 | data[at];
		frames->seen++;
		at++;
	}
	return at;
}

/* How many bytes behind the front of the piece the next head begins, or goes on. */
static __always_inline __u32 next_head(const struct piece *piece)
{
	return piece->frames.next + piece->frames.seen - (__u32)piece->run.position;
}

/* Reads the next head of the slot's piece; returns whether another may lie in it. A global
 * function, as walk_step. */
__attribute__((noinline)) int follow_frame(__u32 index)
{
	struct slot *slot = bpf_map_lookup_elem(&heads, &index);
	struct frames *frames;
	struct piece *piece;
	__u32 at, bytes, length;

	if (!slot)
		return 0;
	piece = &slot->piece;
	frames = &piece->frames;
	at = next_head(piece);
	bytes = piece->run.captured;
	if (at >= bytes)
		return 0;
	piece->front = 0;
	at = take_head(frames, slot->data, at, bytes);
	if (frames->seen < FRAME_HEAD_BYTES)
		return 0;
	length = frames->head >> 8;
	frames->state = frames->head & 0xff ? FRAMES_OTHER : FRAMES_DATA;
	if (frames->state == FRAMES_OTHER && length > FRAME_READ_BYTES) {
		lose_frames(frames);
		return 0;
	}
	piece->front = at;
	piece->is_read |= !is_passed(frames);
	frames->next = (__u32)piece->run.position + at + length;
	frames->seen = 0;
	return 1;
}

/* Follows the heads in what is captured of the piece. Its `front` is where the last payload begins;
 * 0 when that was before the piece. */
static __always_inline void follow_frames(__u32 index, struct piece *piece)
{
	__u32 at;

	piece->front = 0;
	for (int i = 0; i < FRAMES_MAX; i++)
		if (!follow_frame(index))
			break;
	at = next_head(piece);
	if (piece->frames.state != FRAMES_LOST && at - (__u32)piece->run.captured > FRAME_MAX_BYTES)
		lose_frames(&piece->frames);
}

#endif
