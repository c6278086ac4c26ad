/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0 */
/*
 * Pairing: every call's bytes extend the connection's request or response run, and leave as a
 * chunk, as an exchange, or not at all. docs/architecture.md, "Runs", says when.
 */
#ifndef WEIR_RUNS_H
#define WEIR_RUNS_H

#include "conn.h"
#include "emit.h"
#include "select.h"
#include "source.h"
#include "../classify/http1.h"
#include "../classify/tls.h"

/* One call that moved bytes. */
struct call {
	boot_ns now;
	bytes_t position; /* of its first byte */
	__u64 bytes;
	struct source source;
	__u32 direction;
	__u32 verdict;
};

#define CRLF_CRLF 0x0a0d0a0dU /* as the upper half of a tail */

static __always_inline bool is_request(const struct conn *conn, __u32 direction)
{
	return (direction == DIRECTION_IN) == (conn->head.role != ROLE_CLIENT);
}

/* Moves a stream to where TCP says that it stands, and returns the position of the call's first
 * byte. */
static __always_inline bytes_t advance(struct conn *conn, __u32 direction, __u32 seq, __u64 bytes)
{
	struct stream *stream = direction == DIRECTION_IN ? &conn->in : &conn->out;
	__u32 moved = seq - stream->seq;

	/* Reading the last byte takes the FIN behind it in the same call, and a FIN counts as one.
	 */
	if (direction == DIRECTION_IN && moved == bytes + 1)
		moved--;
	/* Less: another thread's call on this socket came between the call and its hook. */
	if (moved > bytes)
		conn->head.flags |= CONN_GAP;
	stream->seq = seq;
	stream->position += moved;
	return stream->position - bytes;
}

static __always_inline void begin_run(struct run *run, const struct call *call)
{
	*run = (struct run){ .position = call->position, .first_ns = call->now };
}

static __always_inline void extend_run(struct run *run, const struct call *call)
{
	run->bytes = call->position + call->bytes - run->position;
	run->last_ns = call->now;
}

/* What is to be done with a call. */
enum plan {
	PLAN_COUNT,    /* its counters are enough */
	PLAN_SEND,     /* it leaves, as a chunk */
	PLAN_HOLD,     /* it joins the request that waits in the slot */
	PLAN_COMPLETE, /* it answers that request: the exchange leaves */
};

/* A call at work. */
struct work {
	struct conn *conn;
	struct run *run;
	struct slot *slot;
	__u64 at; /* in the slot's data */
	__u64 room;
	__u64 captured;
	__u32 plan;  /* enum plan */
	__u32 index; /* of the slot */
};

/* The call's last bytes become the run's; those of a short call join what was there, for a chunked
 * body may end byte by byte. */
static __always_inline void add_tail(struct run *run, const struct tail *tail, __u64 call_bytes)
{
	__u64 bytes = tail->bytes, word = tail->word, *held = (__u64 *)run->tail;

	if (bytes && bytes == call_bytes && bytes < 8) {
		word |= *held >> bytes * 8;
		bytes = min_u64(8, run->tail_bytes + bytes);
	}
	*held = word;
	run->tail_bytes = bytes;
}

static __always_inline void clear_tail(struct run *run)
{
	run->tail_bytes = 0;
	*(__u64 *)run->tail = 0;
}

static __always_inline bool ends_head(const struct run *run)
{
	return *(const __u32 *)(run->tail + 4) == CRLF_CRLF;
}

/* What the first bytes of a run say the connection is, once: nothing here changes it back. Returns
 * whether they may begin a request. */
static __always_inline bool classify(struct conn *conn, __u64 word, __u64 bytes)
{
	__u64 request = forget(http1_request(word, bytes), 3, conn->zero);

	if (conn->head.protocol == PROTOCOL_UNKNOWN) {
		if (request == MATCH_YES || http1_response(word, bytes) == MATCH_YES) {
			conn->head.protocol = PROTOCOL_HTTP1;
		} else if (is_tls(word, bytes) && !(conn->head.flags & CONN_TLS)) {
			conn->head.protocol = PROTOCOL_TLS;
			count(STAT_TLS);
		}
	}
	return request != MATCH_NO;
}

static __always_inline bool may_pair(const struct conn *conn, const struct call *call)
{
	return pair_in_kernel && conn->head.role != ROLE_UNKNOWN &&
	       (call->verdict == VERDICT_EXCHANGE || call->verdict == VERDICT_NONE);
}

/* The request that waits leaves alone: no response can be paired with it. */
static __always_inline void flush_held(struct conn *conn)
{
	struct slot *slot = held_slot(conn->head.conn_id);

	conn->pairing = PAIRING_CHUNKS;
	if (!slot)
		return;
	send_exchange(conn, slot);
	release_slot(slot);
}

static __always_inline void begin_request(struct conn *conn, const struct call *call)
{
	if (conn->pairing == PAIRING_SENT && conn->response.bytes > conn->reported)
		send_end(conn, call->now, END_RESPONSE);
	begin_run(&conn->request, call);
	conn->response = (struct run){};
	conn->reported = 0;
	conn->phase = PHASE_REQUEST;
	conn->pairing = PAIRING_CHUNKS;
	if (may_pair(conn, call) && claim_slot(conn->head.conn_id, call->now))
		conn->pairing = PAIRING_HELD;
}

/* The slot in which the connection's request waits, if one does and it has not been given away. */
static __always_inline struct slot *waiting_slot(struct conn *conn)
{
	struct slot *slot;

	if (conn->pairing != PAIRING_HELD)
		return 0;
	slot = held_slot(conn->head.conn_id);
	if (!slot)
		conn->pairing = PAIRING_CHUNKS;
	return slot;
}

static __always_inline void plan_request(struct work *work, const struct call *call)
{
	struct conn *conn = work->conn;
	struct run *run = &conn->request;

	if (conn->phase != PHASE_REQUEST)
		begin_request(conn, call);
	work->plan = PLAN_SEND;
	work->room = run->captured < request_head ? request_head - run->captured : 0;
	work->slot = waiting_slot(conn);
	if (!work->slot)
		return;
	work->plan = PLAN_HOLD;
	work->at = run->captured;
	if (call->position != run->position + run->captured)
		work->room = 0; /* bytes in between are missing */
}

/* Does the call begin with a status line? Then it answers another, pipelined request. */
static __always_inline bool is_next_response(const struct call *call)
{
	__u64 word = 0;

	if (call->source.kind != SOURCE_BUFFER || call->bytes < 8 ||
	    bpf_probe_read_user(&word, sizeof(word), (const void *)call->source.address))
		return false;
	return http1_response(word, 8) == MATCH_YES;
}

/* After the exchange has left, a call does only if the head was not all there, or another begins.
 */
static __always_inline enum plan plan_after_exchange(struct conn *conn, const struct call *call,
						     bool next)
{
	struct run *run = &conn->response;

	if (ends_head(run))
		run->captured = response_head; /* what follows is body, until another head */
	if (run->captured < response_head)
		return PLAN_SEND;
	if (!next)
		return PLAN_COUNT;
	if (run->bytes > conn->reported)
		send_end(conn, call->now,
			 END_RESPONSE); /* else the answer before has no end, but a gap */
	conn->pairing = PAIRING_CHUNKS;
	run->captured = 0;
	return PLAN_SEND;
}

static __always_inline void plan_response(struct work *work, const struct call *call)
{
	struct conn *conn = work->conn;
	struct run *run = &conn->response;
	bool next;

	if (conn->phase != PHASE_RESPONSE)
		begin_run(run, call);
	conn->phase = PHASE_RESPONSE;
	work->plan = PLAN_SEND;
	work->slot = waiting_slot(conn);
	next = forget(!work->slot && run->captured && is_next_response(call), 1, conn->zero);
	if (work->slot) {
		work->plan = PLAN_COMPLETE;
		work->at = conn->request.captured;
	} else if (conn->pairing == PAIRING_SENT) {
		work->plan = plan_after_exchange(conn, call, next);
	} else if (next) {
		run->captured = 0; /* a head of its own to capture, as in plan_after_exchange */
	}
	work->room = run->captured < response_head ? response_head - run->captured : 0;
}

/* Sends the call as a record of its own: `run` as it is, but for what is the call's. */
static __always_inline void finish_send(struct work *work, const struct call *call)
{
	struct conn *conn = work->conn;
	struct run one = *work->run;

	one.position = call->position;
	one.bytes = call->bytes;
	one.first_ns = call->now;
	one.captured = work->captured;
	if (conn->head.protocol == PROTOCOL_TLS) {
		/* Told once, without a byte of it: user space can say what it cannot read. */
		one.captured = 0;
		clear_tail(&one);
	}
	send_chunk(conn, work->slot, call->direction, &one);
	if (conn->pairing == PAIRING_SENT)
		conn->reported = work->run->bytes;
}

/* What waited is no request: what there is of it leaves as a chunk. */
static __always_inline void finish_hold(struct work *work, const struct call *call)
{
	struct conn *conn = work->conn;

	if (conn->head.protocol == PROTOCOL_TLS) {
		work->run->captured = 0;
		clear_tail(work->run);
	}
	send_chunk(conn, work->slot, call->direction, work->run);
	conn->pairing = PAIRING_CHUNKS;
}

static __always_inline void finish_exchange(struct work *work)
{
	struct conn *conn = work->conn;
	__u64 at = work->at;

	send_exchange(conn, work->slot);
	conn->pairing = PAIRING_SENT;
	opaque(at);
	/* An interim answer, "HTTP/1.1 1xx": the final one comes in this same run. */
	if (at <= request_head && work->run->captured > 9 && work->slot->data[at + 9] == '1') {
		conn->pairing = PAIRING_CHUNKS;
		work->run->captured = 0;
	}
	release_slot(work->slot);
}

/* Classifies by what lies at the front of the slot: the run's beginning, or the call's. */
static __always_inline bool classify_slot(struct work *work)
{
	__u64 bytes = work->plan == PLAN_HOLD ? work->run->captured : work->captured;

	return classify(work->conn, first_bytes(work->slot->data, bytes), bytes);
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

/* A call on a connection that is neither ignored nor ciphertext. */
static __always_inline void on_bytes(struct conn *conn, struct call *call)
{
	bool request = forget(is_request(conn, call->direction), 1, conn->zero);
	struct work work = { .conn = conn, .index = slot_index(conn->head.conn_id) };
	struct tail tail;

	settle_call(call, conn->zero);
	if (request)
		plan_request(&work, call);
	else
		plan_response(&work, call);
	work.run = run_of(conn, request);
	settle_plan(&work, conn->zero);
	extend_run(work.run, call);
	if (!work.slot) {
		work.slot = claim_scratch(&work.index);
		if (!work.slot) {
			conn->head.flags |= CONN_GAP;
			return;
		}
	}
	if (work.plan == PLAN_COUNT)
		work.room = 0;
	tail = capture(work.index, work.slot, &call->source, call->bytes, work.at, work.room,
		       &work.captured);
	add_tail(work.run, &tail, call->bytes);
	work.run->captured += work.captured;
	if (work.plan == PLAN_COMPLETE) {
		finish_exchange(&work);
		return;
	}
	if (work.plan != PLAN_COUNT && classify_slot(&work) && work.plan == PLAN_HOLD)
		return;
	if (work.plan == PLAN_HOLD)
		finish_hold(&work, call);
	else if (work.plan == PLAN_SEND)
		finish_send(&work, call);
	release_slot(work.slot);
}

#endif
