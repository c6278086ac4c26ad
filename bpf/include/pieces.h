/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0 */
/*
 * Protocols that are not paired in the kernel need all bytes of a call, which are more than a slot
 * holds: they leave as a row of chunks, each with as much as is captured of a request.
 */
#ifndef WEIR_PIECES_H
#define WEIR_PIECES_H

#include "conn.h"
#include "emit.h"
#include "lines.h"
#include "source.h"
#include "../classify/table.h"

/* The chunk protocol whose bytes lie at the front of the slot, behind `before` others of the run;
 * or HTTP/1, by a word that begins NATS, too. A global function, as walk_step. */
__attribute__((noinline)) int classify_chunks(__u32 index, __u64 bytes, __u64 before)
{
	struct slot *slot = bpf_map_lookup_elem(&heads, &index);
	__u32 protocol = slot ? chunk_protocol(slot->data, bytes) : PROTOCOL_UNKNOWN;

	if (slot && !protocol && http1_connect(first_bytes(slot->data, bytes)))
		return PROTOCOL_HTTP1;
	if (slot && !protocol && before == KAFKA_SIZE_BYTES && is_kafka_body(slot->data, bytes))
		return PROTOCOL_KAFKA;
	return protocol;
}

/* Chunks that hold all of a call, while its run is shorter than stream_bytes; and chunks of any
 * call, which hold the heads of frames. What they do not hold is counted by the last. */
#define WHOLE_PIECES 64
#define PIECES_MAX 256
/* What struct frames can count. */
#define PASSED_BYTES_MAX 0xffff

static __always_inline bool has_segments(const struct slot *slot)
{
	return slot->walk.kind != SOURCE_NONE && slot->walk.kind != SOURCE_BUFFER;
}

/* Asks walk_segments for the next `bytes`, of which `room` are captured to the front of the data.
 */
static __always_inline void ask_walk(struct slot *slot, __u64 bytes, __u64 room)
{
	slot->walk.bytes = bytes;
	slot->walk.at = 0;
	slot->walk.room = room;
}

/* Captures the next piece to the front of the data: of a single buffer here, of segments a walk has
 * done it. */
static __always_inline __u64 take_piece(struct slot *slot, __u64 bytes)
{
	struct walk *walk = &slot->walk;

	if (walk->kind != SOURCE_BUFFER)
		return walk->kind == SOURCE_NONE ? 0 : walk->at;
	return fetch(slot, 0, bytes, walk->address, bytes);
}

/* Bytes of the next piece, as far as they are captured. */
static __always_inline __u64 piece_bytes(const struct piece *piece)
{
	__u64 bytes = min_u64(piece->left, request_head);

	return piece->skip ? min_u64(bytes, piece->skip) : bytes;
}

/* Follows frames, or lines, in the slot's piece: from the front of a call on, if one begins there.
 */
static __always_inline void follow(struct slot *slot, __u32 index)
{
	struct piece *piece = &slot->piece;
	struct frames *frames = &piece->frames;
	bool begins = frames->state == FRAMES_LOST && piece->most == PIECES_MAX - 1;

	if (piece->protocol == PROTOCOL_HTTP2) {
		if (begins)
			begin_frames(frames, slot->data, piece->run.captured, piece->run.position);
		if (frames->state != FRAMES_LOST)
			follow_frames(index, piece);
	} else if (piece->protocol == PROTOCOL_NATS) {
		if (begins)
			begin_lines(frames, slot->data, piece->run.captured, piece->run.position);
		follow_lines(index, piece);
	}
}

/* Captures the next piece, and looks at it; returns whether there is one. A global function, as
 * walk_step: what it calls needs a stack that send_piece leaves no room for. */
__attribute__((noinline)) int read_piece(__u32 index)
{
	struct slot *slot = slot_at(index);
	struct piece *piece;

	if (!slot || !slot->piece.left || !slot->piece.most)
		return 0;
	piece = &slot->piece;
	piece->most--;
	piece->run.captured = take_piece(slot, piece_bytes(piece));
	piece->is_read = is_read_on(index);
	follow(slot, index);
	return 1;
}

/* How many bytes the piece stands for: those that were captured, and the rest of DATA behind them,
 * of which a front is enough; or all that is left. */
static __always_inline __u64 reach_of(struct slot *slot, __u64 bytes)
{
	struct piece *piece = &slot->piece;
	struct frames *frames = &piece->frames;
	__u32 next = frames->next - (__u32)piece->run.position;
	bool followed = frames->state != FRAMES_LOST;
	bool whole = piece->whole && frames->head >> 8 <= FRAME_WHOLE_BYTES;
	__u64 reach = bytes, front = piece->front + FRAME_FRONT_BYTES;

	if (slot->walk.kind == SOURCE_NONE || !piece->most || (!piece->whole && !followed)) {
		reach = piece->left;
	} else if (!whole && frames->state == FRAMES_DATA && next > bytes &&
		   piece->run.captured >= front) {
		piece->run.captured = front;
		reach = min_u64(piece->left, next);
	}
	if (followed && piece->run.captured < reach && next < reach)
		lose_frames(frames);
	return reach;
}

/* How many bytes from the front of the slot's piece on are left out, for user space reads nothing
 * of them: 0, all of it, or all that is left of the call. They end with a frame, or within one that
 * has begun in what was sent. A global function, as walk_step. */
__attribute__((noinline)) int passed_bytes(__u32 index, __u64 bytes)
{
	const struct slot *slot = bpf_map_lookup_elem(&heads, &index);
	const struct frames *frames;
	const struct piece *piece;

	if (!slot)
		return 0;
	piece = &slot->piece;
	frames = &piece->frames;
	if (piece->is_read || frames->seen || frames->state == FRAMES_LOST ||
	    piece->run.captured != bytes)
		return 0;
	if (frames->state == FRAMES_DATA)
		bytes = piece->left;
	else if (frames->next - (__u32)piece->run.position != bytes)
		return 0;
	return frames->passed + bytes <= PASSED_BYTES_MAX ? bytes : 0;
}

/* Sends the piece that was read as one chunk, or passes by what has left already; returns whether
 * there is more of the call. A global function, as walk_step. */
__attribute__((noinline)) int send_piece(__u32 index, __u64 object, __u64 tgid)
{
	struct conn_key key = { .object = object, .tgid = tgid };
	struct slot *slot = bpf_map_lookup_elem(&heads, &index);
	struct conn *conn = find_conn(&key);
	struct piece *piece;
	__u64 bytes, reach, passed;

	if (!slot || !conn)
		return 0;
	piece = &slot->piece;
	reach = bytes = piece_bytes(piece);
	passed = (__u32)passed_bytes(index, bytes);
	if (piece->skip) {
		piece->skip -= bytes;
	} else if (passed) {
		reach = passed;
		piece->frames.passed += passed;
	} else {
		if (piece->whole)
			piece->whole--;
		reach = reach_of(slot, bytes);
		piece->run.bytes = reach;
		send_chunk(conn, slot, piece->direction, &piece->run, piece->frames.passed);
		piece->frames.passed = 0;
		piece->captured += piece->run.captured;
	}
	piece->run.position += reach;
	piece->left -= reach;
	piece->ahead = reach - bytes;
	if (slot->walk.kind == SOURCE_BUFFER)
		slot->walk.address += reach;
	return !!piece->left;
}

/* Of a call in segments: asks for the walk past the rest that the last chunk stood for, if there is
 * one. A global function, as walk_step. */
__attribute__((noinline)) int ask_past(__u32 index)
{
	struct slot *slot = slot_at(index);

	if (!slot || !slot->piece.ahead)
		return 0;
	ask_walk(slot, slot->piece.ahead, 0);
	return 1;
}

/* The same for the walk through the next piece, which captures it. */
__attribute__((noinline)) int ask_piece(__u32 index)
{
	struct slot *slot = slot_at(index);
	__u64 bytes;

	if (!slot)
		return 0;
	bytes = piece_bytes(&slot->piece);
	ask_walk(slot, bytes, bytes);
	return 1;
}

/* Sends the call that the slot's `walk` and `piece` describe. Walks here and sends there: calls may
 * not nest deeper, for their stacks are added up. */
__attribute__((noinline)) int send_pieces(__u32 index, __u64 object, __u64 tgid)
{
	struct slot *slot = bpf_map_lookup_elem(&heads, &index);

	if (!slot)
		return 0;
	for (int i = 0; i < WALK_STEPS && slot->walk.kind == SOURCE_ENDED; i++)
		if (walk_step(index) == WALK_FAILED)
			slot->walk.kind = SOURCE_NONE;
	for (int i = 0; i < PIECES_MAX; i++) {
		if (has_segments(slot)) {
			if (ask_past(index))
				walk_segments(index);
			ask_piece(index);
			walk_segments(index);
		}
		if (!read_piece(index) || !send_piece(index, object, tgid))
			break;
	}
	return 0;
}

#endif
