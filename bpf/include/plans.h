/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0 */
/* What is to be done with a call's bytes: what they say the connection is, which run they extend,
 * and whether they wait, leave or are counted. */
#ifndef WEIR_PLANS_H
#define WEIR_PLANS_H

#include "conn.h"
#include "emit.h"
#include "select.h"
#include "pieces.h"
#include "../classify/http1.h"
#include "../classify/tls.h"

/* One call that moved bytes. */
struct call {
	boot_ns now;
	boot_ns began;	  /* when its first byte moved; `now` where only its return is seen */
	bytes_t position; /* of its first byte */
	__u64 bytes;
	struct source source;
	__u32 direction;
	__u32 verdict;
	__u32 all; /* 1: nothing is paired here, and every byte is wanted */
	__u32 pad;
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
	*run = (struct run){ .position = call->position, .first_ns = call->began };
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

/* Whether its protocol is not paired here and needs every byte, or so does gRPC-Web, or it is TLS's
 * first word, which may be longer than what is captured of a request. By arithmetic, as run_of. */
static __always_inline void settle_need(const struct conn *conn, struct call *call, bool request)
{
	__u64 other = call->verdict ^ VERDICT_CHUNKS, by_name = PROTOCOL_TLS;
	__u64 whole = (__u64)(conn->head.flags & CONN_WHOLE) << 57; /* its highest bit */

	opaque(other);
	opaque(by_name);
	by_name -= conn->head.protocol; /* below 0 of those behind TLS */
	by_name -= request & !(conn->head.flags & CONN_ADOPTED);
	call->all = forget((by_name | (other - 1) | whole) >> 63, 1, conn->zero);
}

/* The front of each stream in which a hello may lie. */
#define HELLO_BYTES 4096

/* Is a call on a connection that carries TLS part of what either side says first, in the clear? Of
 * requests it is the first run, for `phase` stays as it is then; of responses as much as is
 * captured of any. */
static __always_inline bool is_hello(const struct conn *conn, const struct call *call)
{
	if (call->position >= HELLO_BYTES || conn->head.flags & (CONN_ADOPTED | CONN_SHOWN))
		return false;
	if (is_request(conn, call->direction))
		return conn->phase == PHASE_REQUEST;
	return conn->response.captured < response_head;
}

/* What the first bytes of a run say the connection is, once: nothing here changes it back. CONNECT
 * is left to classify_chunks. Returns whether they may begin a request. */
static __always_inline bool classify(struct conn *conn, __u64 word, __u64 bytes)
{
	__u64 request = forget(http1_request(word, bytes), 3, conn->zero);
	__u64 tunnel = forget(http1_connect(word), 1, conn->zero);

	conn->head.flags |= tunnel * CONN_TUNNEL;
	if (conn->head.protocol == PROTOCOL_UNKNOWN) {
		if ((request & (tunnel - 1)) == MATCH_YES ||
		    http1_response(word, bytes) == MATCH_YES) {
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
	return pair_in_kernel && conn->head.role != ROLE_UNKNOWN && !call->all &&
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

/* What comes behind a request for a tunnel is looked at anew. By arithmetic, as run_of. */
static __always_inline void leave_http1(struct conn *conn)
{
	__u64 other = conn->head.protocol ^ PROTOCOL_HTTP1, tunnel = conn->head.flags / CONN_TUNNEL;

	opaque(other);
	conn->head.protocol &= ~((other - 1) >> 63 & tunnel);
	conn->head.flags &= ~CONN_TUNNEL;
}

static __always_inline void begin_request(struct conn *conn, const struct call *call)
{
	if (conn->pairing == PAIRING_SENT && conn->response.bytes > conn->reported)
		send_end(conn, call->now, END_RESPONSE);
	leave_http1(conn);
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
	next = forget(!work->slot && run->captured && !call->all && is_next_response(call), 1,
		      conn->zero);
	if (work->slot) {
		work->plan = PLAN_COMPLETE;
		work->at = conn->request.captured;
	} else if (conn->pairing == PAIRING_SENT && !call->all) {
		work->plan = plan_after_exchange(conn, call, next);
	} else if (next) {
		run->captured = 0; /* a head of its own to capture, as in plan_after_exchange */
	}
	work->room = run->captured < response_head ? response_head - run->captured : 0;
}

#endif
