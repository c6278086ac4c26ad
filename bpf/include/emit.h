/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0 */
/* Building records and handing them to the rings. */
#ifndef WEIR_EMIT_H
#define WEIR_EMIT_H

#include "maps.h"
#include "stats.h"
#include "verifier.h"

/* A request whose answer takes longer may lose its slot to another. */
#define SLOT_OVERDUE_NS (300ULL * 1000 * 1000 * 1000)

static __always_inline void *ring_of(conn_id_t conn_id)
{
	__u32 key = conn_id & ring_mask;

	return bpf_map_lookup_elem(&rings, &key);
}

/* Sends a record to its ring. `bytes` are bounded once the ring is known, not before: of what lies
 * on the stack meanwhile kernels up to 6.1 forget the bound. */
static __always_inline bool output(void *ring, void *record, __u64 bytes)
{
	return ring && !bpf_ringbuf_output(ring, record, bytes, BPF_RB_NO_WAKEUP);
}

/*
 * A lock that is tried and never waited for, without the atomic exchange that 5.10 lacks: whoever
 * finds its own claim alone has the slot; two that claim at once both step back.
 */
static __always_inline bool try_claim(struct slot *slot)
{
	__sync_fetch_and_add(&slot->claims, 1);
	if (*(volatile __u64 *)&slot->claims == 1)
		return true;
	__sync_fetch_and_add(&slot->claims, -1);
	return false;
}

static __always_inline void release_slot(struct slot *slot)
{
	slot->owner = 0;
	__sync_fetch_and_add(&slot->claims, -1);
}

static __always_inline struct slot *slot_at(__u32 index)
{
	return bpf_map_lookup_elem(&heads, &index);
}

static __always_inline __u32 slot_index(conn_id_t conn_id)
{
	return conn_id % head_slots;
}

/* Takes the connection's slot for a request that waits for its response; 0 when another's waits
 * there. */
static __always_inline struct slot *claim_slot(conn_id_t conn_id, boot_ns now)
{
	struct slot *slot = slot_at(slot_index(conn_id));

	if (!slot)
		return 0;
	if (!try_claim(slot)) {
		if (now - slot->since_ns < SLOT_OVERDUE_NS || !slot->owner) {
			count(STAT_SLOT_BUSY);
			return 0;
		}
		count(STAT_SLOT_OVERDUE);
	}
	slot->owner = conn_id;
	slot->since_ns = now;
	return slot;
}

/* The slot that the connection holds; 0 when it was given away. */
static __always_inline struct slot *held_slot(conn_id_t conn_id)
{
	struct slot *slot = slot_at(slot_index(conn_id));

	return slot && slot->owner == conn_id ? slot : 0;
}

/* One of this CPU's two: a program may be preempted by another, here and there. */
static __always_inline struct slot *claim_scratch(__u32 *index)
{
	struct slot *slot;

	*index = head_slots + bpf_get_smp_processor_id() * 2;
	slot = slot_at(*index);
	if (slot && try_claim(slot))
		return slot;
	++*index;
	slot = slot_at(*index);
	if (slot && try_claim(slot))
		return slot;
	count(STAT_SCRATCH_BUSY);
	return 0;
}

/* Marks who moved the bytes last, and when, for the next record. */
static __always_inline void stamp(struct conn_head *head, boot_ns now)
{
	__u64 pid_tgid = bpf_get_current_pid_tgid();

	head->time_ns = now;
	head->tgid = pid_tgid >> 32;
	head->tid = (__u32)pid_tgid;
}

/* Number and kind of the record that leaves next. A gap is told once. */
static __always_inline void copy_head(struct conn_head *to, struct conn_head *head, __u8 type)
{
	head->type = type;
	*to = *head;
	head->sequence++;
	head->flags &= ~CONN_GAP;
}

/* Sends the exchange whose request, and captured response, lie in the slot. */
static __always_inline void send_exchange(struct conn *conn, struct slot *slot)
{
	struct exchange *exchange = &slot->exchange;
	__u64 bytes = conn->request.captured + conn->response.captured;
	void *ring;

	copy_head(&exchange->head, &conn->head, RECORD_EXCHANGE);
	exchange->request = conn->request;
	exchange->response = conn->response;
	conn->reported = conn->response.bytes;
	ring = ring_of(conn->head.conn_id);
	opaque(bytes);
	if (bytes > request_head + response_head)
		bytes = 0;
	if (!output(ring, exchange, sizeof(*exchange) + bytes))
		count(STAT_LOST_EXCHANGE);
}

/* What is lost with a chunk: with the beginning of a request, its exchange. */
static __always_inline enum stat loss_of(const struct conn *conn, __u32 direction,
					 const struct run *run)
{
	bool request = (direction == DIRECTION_IN) == (conn->head.role != ROLE_CLIENT);
	bool begins = request && run->position == conn->request.position;

	return begins && conn->head.protocol == PROTOCOL_HTTP1 ? STAT_LOST_REQUEST
							       : STAT_LOST_CHUNK;
}

/* Sends one call's bytes, of which `run.captured` lie in the slot's data; `passed` before them were
 * left out. */
static __always_inline void send_chunk(struct conn *conn, struct slot *slot, __u32 direction,
				       const struct run *run, __u16 passed)
{
	__u8 *data = (__u8 *)slot + offsetof(struct slot, data);
	struct chunk *chunk = (struct chunk *)(data - sizeof(*chunk));
	void *ring;
	__u64 bytes;

	copy_head(&chunk->head, &conn->head, RECORD_CHUNK);
	chunk->run = *run;
	chunk->passed = passed;
	chunk->direction = direction;
	__builtin_memset(chunk->pad, 0, sizeof(chunk->pad));
	ring = ring_of(conn->head.conn_id);
	bytes = chunk->run.captured;
	opaque(bytes);
	if (bytes > request_head)
		bytes = request_head;
	if (!output(ring, chunk, sizeof(*chunk) + bytes))
		count(loss_of(conn, direction, &chunk->run));
}

/* Sends the connection's counters. Safe in a network interrupt: it is built in the ring. */
static __always_inline void send_end(struct conn *conn, boot_ns now, __u8 reason)
{
	void *ring = ring_of(conn->head.conn_id);
	struct end *end = ring ? bpf_ringbuf_reserve(ring, sizeof(*end), 0) : 0;

	if (!end) {
		conn->head.sequence++;
		count(STAT_LOST_END);
		return;
	}
	conn->head.time_ns = now;
	copy_head(&end->head, &conn->head, RECORD_END);
	end->request = conn->request;
	end->response = conn->response;
	end->request.captured = 0;
	end->response.captured = 0;
	end->reason = reason;
	__builtin_memset(end->pad, 0, sizeof(end->pad));
	conn->reported = conn->response.bytes;
	bpf_ringbuf_submit(end, BPF_RB_NO_WAKEUP);
}

#endif
