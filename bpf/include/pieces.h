/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0 */
/*
 * Protocols that are not paired in the kernel need all bytes of a call, which are more than a slot
 * holds: they leave as a row of chunks, each with as much as is captured of a request.
 */
#ifndef WEIR_PIECES_H
#define WEIR_PIECES_H

#include "conn.h"
#include "emit.h"
#include "source.h"
#include "../classify/table.h"

/* The chunk protocol whose bytes lie at the front of the slot. A global function, as walk_step. */
__attribute__((noinline)) int classify_chunks(__u32 index, __u64 bytes)
{
	struct slot *slot = bpf_map_lookup_elem(&heads, &index);

	return slot ? chunk_protocol(slot->data, bytes) : PROTOCOL_UNKNOWN;
}

/* Chunks of one call, while its run is shorter than stream_bytes; what they do not hold is counted
 * by the last. */
#define PIECES_MAX 64

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

/* What the next piece's bytes are: of a single buffer they are copied here, of segments a walk has
 * done it. */
static __always_inline __u64 take_piece(struct slot *slot, __u64 bytes)
{
	struct walk *walk = &slot->walk;
	__u64 got;

	if (walk->kind != SOURCE_BUFFER)
		return walk->kind == SOURCE_NONE ? 0 : walk->at;
	got = fetch(slot, 0, bytes, walk->address, bytes);
	walk->address += bytes;
	return got;
}

/* Sends one chunk; returns whether there is more of the call. A global function, as walk_step. */
__attribute__((noinline)) int send_piece(__u32 index, __u64 object, __u64 tgid)
{
	struct conn_key key = { .object = object, .tgid = tgid };
	struct slot *slot = bpf_map_lookup_elem(&heads, &index);
	struct conn *conn = find_conn(&key);
	struct piece *piece;
	__u64 bytes;

	if (!slot || !conn || !slot->piece.most)
		return 0;
	piece = &slot->piece;
	piece->most--;
	bytes = min_u64(piece->left, request_head);
	piece->run.bytes = piece->most ? bytes : piece->left;
	piece->run.captured = take_piece(slot, bytes);
	send_chunk(conn, slot, piece->direction, &piece->run);
	piece->captured += piece->run.captured;
	piece->run.position += bytes;
	piece->left -= bytes;
	return piece->left && piece->most;
}

/* Past what has left already. */
static __always_inline void skip_piece(__u32 index, struct slot *slot)
{
	__u64 skip = slot->piece.skip;

	if (!skip)
		return;
	slot->piece.run.position += skip;
	slot->piece.left -= skip;
	if (has_segments(slot)) {
		ask_walk(slot, skip, 0);
		walk_segments(index);
	} else {
		slot->walk.address += skip;
	}
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
	skip_piece(index, slot);
	for (int i = 0; i < PIECES_MAX; i++) {
		__u64 bytes = min_u64(slot->piece.left, request_head);

		if (has_segments(slot)) {
			ask_walk(slot, bytes, bytes);
			walk_segments(index);
		}
		if (!send_piece(index, object, tgid))
			break;
	}
	return 0;
}

#endif
