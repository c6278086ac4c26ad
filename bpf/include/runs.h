/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0 */
/*
 * Pairing: every call's bytes extend the connection's request or response run, and leave as a chunk, as an
 * exchange, or not at all. docs/architecture.md, "Runs", says when.
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

/* Moves a stream to where TCP says that it stands, and returns the position of the call's first byte. */
static __always_inline bytes_t advance(struct conn *conn, __u32 direction, __u32 seq, __u64 bytes)
{
	struct stream *stream = direction == DIRECTION_IN ? &conn->in : &conn->out;
	__u32 moved = seq - stream->seq;

	/* Reading the last byte takes the FIN behind it in the same call, and a FIN counts as one. */
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

/* The call's last bytes become the run's; those of a short call join what was there, for a chunked body
 * may end byte by byte. */
static __always_inline void add_tail(struct run *run, const struct call *call, const struct capture *capture)
{
	__u64 bytes = capture->tail_bytes, tail = 0, *held = (__u64 *)run->tail;

	opaque(bytes);
	if (bytes > 8)
		bytes = 8;
	if (!bytes || bpf_probe_read_user(&tail, bytes, (const void *)capture->tail_at)) {
		run->tail_bytes = 0;
		return;
	}
	if (bytes == 8) {
		*held = tail;
		run->tail_bytes = 8;
		return;
	}
	tail <<= (8 - bytes) * 8;
	if (bytes == call->bytes) {
		tail |= *held >> bytes * 8;
		bytes = min_u64(8, run->tail_bytes + bytes);
	}
	*held = tail;
	run->tail_bytes = bytes;
}

static __always_inline bool ends_head(const struct run *run)
{
	return *(const __u32 *)(run->tail + 4) == CRLF_CRLF;
}

/* What the first bytes in the slot say the connection is, once: nothing here changes it back. */
static __always_inline void classify(struct conn *conn, __u64 word, __u64 bytes)
{
	if (http1_request(word, bytes) == MATCH_YES || http1_response(word, bytes) == MATCH_YES) {
		conn->head.protocol = PROTOCOL_HTTP1;
	} else if (is_tls(word, bytes) && !(conn->head.flags & CONN_TLS)) {
		conn->head.protocol = PROTOCOL_TLS;
		count(STAT_TLS);
	}
}

/* Captures the call behind what the slot holds, and takes note of its tail. */
static __always_inline void capture_run(struct run *run, const struct call *call, struct window *to)
{
	struct capture capture = capture_call(&call->source, call->bytes, to);

	run->captured += capture.captured;
	add_tail(run, call, &capture);
}

/* A TLS connection is told once, without a byte of it, so that user space can say what it cannot read. */
static __always_inline void hide_ciphertext(const struct conn *conn, struct run *run)
{
	if (conn->head.protocol != PROTOCOL_TLS)
		return;
	run->captured = 0;
	run->tail_bytes = 0;
	__builtin_memset(run->tail, 0, sizeof(run->tail));
}

/* Sends one call as a record of its own. */
static __always_inline void send_call(struct conn *conn, struct run *run, const struct call *call, __u64 limit)
{
	struct slot *slot = claim_scratch();
	struct run one;

	if (!slot) {
		conn->head.flags |= CONN_GAP;
		return;
	}
	struct window to = { .data = slot->data, .end = request_head, .span = request_head };

	to.room = run->captured < limit ? limit - run->captured : 0;
	one = *run;
	one.captured = 0;
	capture_run(&one, call, &to);
	if (conn->head.protocol == PROTOCOL_UNKNOWN)
		classify(conn, first_bytes(slot->data, one.captured), one.captured);
	hide_ciphertext(conn, &one);
	run->captured += one.captured;
	run->tail_bytes = one.tail_bytes;
	*(__u64 *)run->tail = *(__u64 *)one.tail;
	one.position = call->position;
	one.bytes = call->bytes;
	one.first_ns = call->now;
	send_chunk(conn, slot, call->direction, &one);
	release_slot(slot);
}

static __always_inline bool may_pair(const struct conn *conn, const struct call *call)
{
	return pair_in_kernel && conn->head.role != ROLE_UNKNOWN && conn->head.protocol != PROTOCOL_TLS &&
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
	if (conn->phase == PHASE_RESPONSE && conn->pairing == PAIRING_SENT &&
	    conn->response.bytes > conn->reported)
		send_end(conn, call->now, END_RESPONSE);
	begin_run(&conn->request, call);
	conn->response = (struct run){};
	conn->reported = 0;
	conn->phase = PHASE_REQUEST;
	conn->pairing = PAIRING_CHUNKS;
	if (may_pair(conn, call) && claim_slot(conn->head.conn_id, call->now))
		conn->pairing = PAIRING_HELD;
}

/* Adds the call to the request that waits, unless it turns out to be no request: then it leaves. */
static __always_inline void hold_request(struct conn *conn, struct slot *slot, const struct call *call)
{
	struct run *run = &conn->request;
	struct window to = { .data = slot->data, .end = request_head, .span = request_head };
	enum match match;
	__u64 word;

	to.at = run->captured;
	if (run->captured < request_head && call->position == run->position + run->captured)
		to.room = request_head - run->captured;
	extend_run(run, call);
	capture_run(run, call, &to);
	word = first_bytes(slot->data, run->captured);
	match = http1_request(word, run->captured);
	if (match == MATCH_YES)
		conn->head.protocol = PROTOCOL_HTTP1;
	if (match != MATCH_NO)
		return;
	if (conn->head.protocol == PROTOCOL_UNKNOWN)
		classify(conn, word, run->captured);
	hide_ciphertext(conn, run);
	send_chunk(conn, slot, call->direction, run);
	release_slot(slot);
	conn->pairing = PAIRING_CHUNKS;
}

static __always_inline void on_request(struct conn *conn, const struct call *call)
{
	struct slot *slot;

	if (conn->phase != PHASE_REQUEST)
		begin_request(conn, call);
	if (conn->pairing == PAIRING_HELD) {
		slot = held_slot(conn->head.conn_id);
		if (slot) {
			hold_request(conn, slot, call);
			return;
		}
		conn->pairing = PAIRING_CHUNKS;
	}
	extend_run(&conn->request, call);
	send_call(conn, &conn->request, call, request_head);
}

/* The response's first call completes the exchange, which leaves. */
static __always_inline void complete_exchange(struct conn *conn, struct slot *slot, const struct call *call)
{
	struct run *run = &conn->response;
	struct window to = { .data = slot->data, .end = request_head + response_head, .span = response_head };
	__u64 at = conn->request.captured;

	to.at = at;
	to.room = response_head;
	capture_run(run, call, &to);
	conn->pairing = PAIRING_SENT;
	send_exchange(conn, slot);
	opaque(at);
	/* An interim answer, "HTTP/1.1 1xx": the final one comes in this same run. */
	if (at <= request_head && run->captured > 9 && slot->data[at + 9] == '1') {
		conn->pairing = PAIRING_CHUNKS;
		run->captured = 0;
	}
	release_slot(slot);
}

/* Does the call begin with a status line? Then it answers another, pipelined request. */
static __always_inline bool is_next_response(const struct call *call)
{
	__u64 word = 0;

	if (!call->source.address || call->source.segments || call->bytes < 8 ||
	    bpf_probe_read_user(&word, sizeof(word), (const void *)call->source.address))
		return false;
	return http1_response(word, 8) == MATCH_YES;
}

/* True if the call must leave, though its exchange has left: the head is not all there, or another begins. */
static __always_inline bool leaves_after_exchange(struct conn *conn, const struct call *call)
{
	struct run *run = &conn->response;

	if (run->captured < response_head && !ends_head(run))
		return true;
	if (!is_next_response(call))
		return false;
	conn->pairing = PAIRING_CHUNKS;
	run->captured = 0;
	return true;
}

static __always_inline void on_response(struct conn *conn, const struct call *call)
{
	struct run *run = &conn->response;
	struct window none = {};
	struct slot *slot;

	if (conn->phase != PHASE_RESPONSE)
		begin_run(run, call);
	conn->phase = PHASE_RESPONSE;
	extend_run(run, call);
	if (conn->pairing == PAIRING_HELD) {
		slot = held_slot(conn->head.conn_id);
		if (slot) {
			complete_exchange(conn, slot, call);
			return;
		}
		conn->pairing = PAIRING_CHUNKS;
	}
	if (conn->pairing == PAIRING_SENT && !leaves_after_exchange(conn, call)) {
		capture_run(run, call, &none);
		return;
	}
	send_call(conn, run, call, response_head);
	if (conn->pairing == PAIRING_SENT)
		conn->reported = run->bytes;
}

/* A call on a connection that is neither ignored nor ciphertext. */
static __always_inline void on_bytes(struct conn *conn, const struct call *call)
{
	if (is_request(conn, call->direction))
		on_request(conn, call);
	else
		on_response(conn, call);
}

/* The connection, or a direction of it, is over. */
static __always_inline void on_end(struct conn *conn, boot_ns now, __u8 reason)
{
	if (conn->pairing == PAIRING_HELD && reason != END_IN)
		flush_held(conn);
	if (conn->head.sequence && conn->head.protocol != PROTOCOL_TLS)
		send_end(conn, now, reason);
}

#endif
