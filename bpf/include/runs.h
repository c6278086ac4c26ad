/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0 */
/*
 * Pairing: every call's bytes extend the connection's request or response run, and leave as a
 * chunk, as an exchange, or not at all. docs/architecture.md, "Runs", says when.
 */
#ifndef WEIR_RUNS_H
#define WEIR_RUNS_H

#include "plans.h"

/* More has moved than was captured, and it is wanted. */
static __always_inline bool has_rest(const struct work *work, const struct call *call)
{
	return call->all && work->captured < call->bytes;
}

/* Of a run of HTTP/2, bytes that leave whole, unless it is known that no messages of gRPC are in
 * them. Heads of frames do anyway. As long as a frame may be by default. */
#define HTTP2_WHOLE_BYTES (16 << 10)

/* Chunks of a call that leave whole, the last of which counts what they do not hold. From AMQP on,
 * and to Kafka's brokers, nothing need answer: a run of messages one way may never end, and each
 * call has its own. The verdict by arithmetic, as run_of. */
static __always_inline __u64 whole_pieces(const struct work *work, const struct call *call)
{
	__u64 captured = work->run->captured, pieces = 1, other = call->verdict ^ VERDICT_HTTP2;

	opaque(other);
	if (work->conn->head.protocol >= PROTOCOL_AMQP)
		return WHOLE_PIECES;
	if (work->conn->head.protocol == PROTOCOL_KAFKA && work->run == &work->conn->request)
		return WHOLE_PIECES;
	if (work->conn->head.protocol != PROTOCOL_HTTP2)
		return captured < stream_bytes ? WHOLE_PIECES : 1;
	if (captured < HTTP2_WHOLE_BYTES)
		pieces = (HTTP2_WHOLE_BYTES - captured) / request_head + 1;
	return pieces & (((other - 1) >> 63) - 1);
}

/* By arithmetic, as run_of. */
static __always_inline struct stream *stream_of(struct conn *conn, __u64 direction)
{
	return &conn->in + forget(direction, 1, conn->zero);
}

/* Sends what has not left yet of the call, as chunks. */
static __always_inline void send_all(struct work *work, const struct call *call)
{
	struct stream *stream = stream_of(work->conn, call->direction);
	struct slot *slot = work->slot;

	slot->walk = (struct walk){
		.address = call->source.address,
		.offset = call->source.offset,
		.bytes = call->bytes,
		.segments = call->source.segments,
		.kind = call->source.kind,
	};
	slot->piece = (struct piece){
		.run = { .position = call->position,
			 .first_ns = call->began,
			 .last_ns = call->now },
		.left = call->bytes,
		.skip = work->captured,
		.whole = whole_pieces(work, call),
		.most = PIECES_MAX,
		.direction = call->direction,
		.frames = stream->frames,
		.protocol = work->conn->head.protocol,
	};
	send_pieces(work->index, work->conn->head.key.object, work->conn->head.key.tgid);
	stream->frames = slot->piece.frames;
	work->run->captured += slot->piece.captured;
}

/* Of TLS older than the agent nothing is in the clear: it is told, without a byte of it. */
static __always_inline void hide_ciphertext(const struct conn *conn, struct run *run)
{
	if (conn->head.protocol != PROTOCOL_TLS || !(conn->head.flags & CONN_ADOPTED))
		return;
	run->captured = 0;
	clear_tail(run);
}

/* Sends the call as a record of its own: `run` as it is, but for what is the call's. */
static __always_inline void finish_send(struct work *work, const struct call *call)
{
	struct conn *conn = work->conn;
	struct run one = *work->run;

	one.position = call->position;
	one.bytes = has_rest(work, call) ? work->captured : call->bytes;
	one.first_ns = call->began;
	one.captured = work->captured;
	hide_ciphertext(conn, &one);
	send_chunk(conn, work->slot, call->direction, &one, 0);
	if (conn->pairing == PAIRING_SENT)
		conn->reported = work->run->bytes;
}

/* What waited is no request: what there is of it leaves as a chunk. */
static __always_inline void finish_hold(struct work *work, const struct call *call)
{
	struct conn *conn = work->conn;

	hide_ciphertext(conn, work->run);
	if (has_rest(work, call))
		work->run->bytes = work->run->captured;
	send_chunk(conn, work->slot, call->direction, work->run, 0);
	extend_run(work->run, call);
	conn->pairing = PAIRING_CHUNKS;
}

/* What comes behind an answer in the same run. */
enum behind {
	BEHIND_NOTHING,
	BEHIND_ANSWER,	 /* the final one, behind an interim one */
	BEHIND_ANYTHING, /* behind 101, and what opens a tunnel: it is looked at anew */
};

/* By the request at the front of the slot, and the status of its answer at `at`. A global function,
 * as walk_step. */
__attribute__((noinline)) int look_behind(__u32 index, __u64 at, __u64 captured)
{
	const struct slot *slot = slot_at(index);
	const __u8 *status;

	if (!slot || at > request_head || captured < HTTP1_STATUS_BYTES)
		return BEHIND_NOTHING;
	status = slot->data + at + HTTP1_STATUS_BYTES - 3;
	if (status[0] == '2' && http1_connect(first_bytes(slot->data, 8)))
		return BEHIND_ANYTHING;
	if (status[0] != '1')
		return BEHIND_NOTHING;
	return status[1] == '0' && status[2] == '1' ? BEHIND_ANYTHING : BEHIND_ANSWER;
}

static __always_inline void finish_exchange(struct work *work)
{
	struct conn *conn = work->conn;
	int behind;

	send_exchange(conn, work->slot);
	conn->pairing = PAIRING_SENT;
	behind = look_behind(work->index, work->at, work->run->captured);
	if (behind != BEHIND_NOTHING) {
		conn->pairing = PAIRING_CHUNKS;
		work->run->captured = 0;
	}
	if (behind == BEHIND_ANYTHING)
		conn->head.protocol = PROTOCOL_UNKNOWN;
	release_slot(work->slot);
}

/* Is the request at the front of the slot one of gRPC-Web? A global function, as walk_step. */
__attribute__((noinline)) int asks_grpc_web(__u32 index, __u64 bytes)
{
	const struct slot *slot = slot_at(index);

	return slot ? http1_grpc_web(slot->data, bytes) : 0;
}

/* The first thing on the connection, in which gRPC-Web is looked for: its status lies behind what
 * an exchange captures. Later ones user space finds. */
static __always_inline bool is_first(const struct work *work, __u64 word)
{
	return http1_post(word) && !work->conn->head.sequence;
}

/* Classifies by what lies at the front of the slot: the run's beginning, or the call's. Returns
 * whether it may wait there for a response. */
static __always_inline bool classify_slot(struct work *work, const struct call *call)
{
	__u64 bytes = work->plan == PLAN_HOLD ? work->run->captured : work->captured;
	__u64 before = work->run->bytes - call->bytes;
	__u64 word = first_bytes(work->slot->data, bytes);
	__u64 request = classify(work->conn, word, bytes);

	if (is_first(work, word) && asks_grpc_web(work->index, bytes)) {
		work->conn->head.flags |= CONN_WHOLE;
		return false;
	}
	if (work->conn->head.protocol == PROTOCOL_UNKNOWN) {
		work->conn->head.protocol = classify_chunks(work->index, bytes, before);
		request &= ((__u64)work->conn->head.protocol - PROTOCOL_TLS) >> 63;
	}
	return request;
}

/* By arithmetic, not by a branch: one pointer for the verifier, not two. */
static __always_inline struct run *run_of(struct conn *conn, __u64 request)
{
	return &conn->request + forget(!request, 1, conn->zero);
}

/* From here on the verifier need not tell one call, or one plan, from another. */
static __always_inline void settle_call(struct call *call, __u64 zero)
{
	call->source.segments = forget(call->source.segments, 0xffff, zero);
	call->source.kind = forget(call->source.kind, 7, zero);
}

static __always_inline void settle_plan(struct work *work, __u64 zero)
{
	work->plan = forget(work->plan, 3, zero);
	work->at = forget(work->at, 0xffff, zero);
	work->room = forget(work->room, 0xffff, zero);
}

/* Captures the front of what was planned, and sends what that asks for. Returns whether the slot is
 * still to be given back. */
static __always_inline bool carry_out(struct work *work, struct call *call)
{
	struct conn *conn = work->conn;
	struct tail tail;

	if (work->plan == PLAN_COUNT)
		work->room = 0;
	tail = capture(work->index, work->slot, &call->source, call->bytes, work->at, work->room,
		       &work->captured);
	add_tail(work->run, &tail, call->bytes);
	work->run->captured += work->captured;
	if (work->plan == PLAN_COMPLETE) {
		finish_exchange(work);
		return false;
	}
	if (work->plan != PLAN_COUNT && classify_slot(work, call) && work->plan == PLAN_HOLD)
		return false;
	settle_need(conn, call, is_request(conn, call->direction));
	settle_plan(work, conn->zero);
	work->captured = forget(work->captured, 0xffff, conn->zero);
	if (work->plan == PLAN_HOLD)
		finish_hold(work, call);
	else if (work->plan == PLAN_SEND)
		finish_send(work, call);
	return true;
}

/* The protocols that verdicts name, four bits for each. */
#define TOLD(protocol, verdict) ((__u64)(protocol) << 4 * (verdict))
#define PROTOCOLS_TOLD                                                              \
	(TOLD(PROTOCOL_HTTP2, VERDICT_HTTP2) | TOLD(PROTOCOL_HTTP2, VERDICT_GRPC) | \
	 TOLD(PROTOCOL_NATS, VERDICT_NATS) | TOLD(PROTOCOL_AMQP, VERDICT_AMQP) |    \
	 TOLD(PROTOCOL_MQTT, VERDICT_MQTT))

/* What user space has found the connection to be. By arithmetic, as run_of. */
static __always_inline void take_verdict(struct conn *conn, const struct call *call)
{
	__u64 told = PROTOCOLS_TOLD >> 4 * (call->verdict & VERDICT_MASK) & 0xf;
	__u64 none;

	opaque(told);
	none = (told - 1) >> 63;
	conn->head.protocol ^= (conn->head.protocol ^ told) & (none - 1);
}

/* A call on a connection that is neither ignored nor ciphertext. */
static __always_inline void on_bytes(struct conn *conn, struct call *call)
{
	bool request = forget(is_request(conn, call->direction), 1, conn->zero);
	struct work work = { .conn = conn, .index = slot_index(conn->head.conn_id) };

	take_verdict(conn, call);
	settle_call(call, conn->zero);
	settle_need(conn, call, request);
	if (request)
		plan_request(&work, call);
	else
		plan_response(&work, call);
	work.run = run_of(conn, request);
	settle_plan(&work, conn->zero);
	call->verdict = forget(call->verdict, VERDICT_MASK, conn->zero);
	extend_run(work.run, call);
	if (!work.slot) {
		work.slot = claim_scratch(&work.index);
		if (!work.slot) {
			conn->head.flags |= CONN_GAP;
			return;
		}
	}
	if ((work.plan != PLAN_SEND || !call->all) && !carry_out(&work, call))
		return;
	work.captured = forget(work.captured, 0xffff, conn->zero);
	call->all = forget(call->all, 1, conn->zero);
	if (call->all)
		send_all(&work, call);
	release_slot(work.slot);
}

#endif
