/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0 */
/*
 * What the TLS libraries' programs use: plaintext into the same pairing as TCP's bytes, and the
 * threads' last ciphertext, by which the socket of a TLS connection is found.
 *
 * The TCP programs note each transfer of ciphertext in `tls_threads` at the return of the call. So
 * at the return of SSL_read or SSL_write, a transfer of this thread whose `inside` is this TLS
 * connection (set by enter_tls at entry), or whose time lies after the entry, was made by the
 * library itself.
 */
#ifndef WEIR_TLS_H
#define WEIR_TLS_H

#include "ends.h"

/* This thread's entry, made if absent; 0 when the table takes none. */
static __always_inline struct tls_thread *tls_thread(__u64 pid_tgid, bool make)
{
	struct tls_thread *thread = bpf_map_lookup_elem(&tls_threads, &pid_tgid);

	if (thread || !make)
		return thread;
	bpf_map_update_elem(&tls_threads, &pid_tgid, &empty_tls_thread, BPF_NOEXIST);
	return bpf_map_lookup_elem(&tls_threads, &pid_tgid);
}

/* The thread is inside a call on this TLS connection until leave_tls. What it moved inside calls
 * before, even of an object that lay at the same address, is no longer this one's. */
static __always_inline void enter_tls(struct tls_thread *thread, const struct conn_key *key)
{
	thread->inside = *key;
	thread->in.inside.object = 0;
	thread->out.inside.object = 0;
}

static __always_inline void leave_tls(void)
{
	struct tls_thread *thread = tls_thread(bpf_get_current_pid_tgid(), false);

	if (thread)
		thread->inside.object = 0;
}

/* The current process uses the library that the instruction at `code` is of. */
static __always_inline void note_tls_user(__u64 code)
{
	struct tls_user user = { .code = code, .tgid = current_tgid() };
	__u64 used = 1;

	if (!bpf_map_lookup_elem(&tls_users, &user))
		bpf_map_update_elem(&tls_users, &user, &used, BPF_ANY);
}

#define LOST_NS (30ULL * 1000 * 1000 * 1000)

static __always_inline void lose_length(struct lost_lengths *lost, __u64 bytes, boot_ns now)
{
	if (now - lost->since_ns > LOST_NS) {
		__builtin_memcpy(lost->before, lost->now, sizeof(lost->before));
		__builtin_memset(lost->now, 0, sizeof(lost->now));
		lost->since_ns = now;
	}
	lost->now[bytes >> 6 & (LOST_WORDS - 1)] |= 1ULL << (bytes & 63);
}

static __always_inline bool is_lost(const struct lost_lengths *lost, __u64 bytes)
{
	__u64 word = bytes >> 6 & (LOST_WORDS - 1);

	return (lost->now[word] | lost->before[word]) >> (bytes & 63) & 1;
}

static __always_inline struct tls_receipts *receipts_of(__u64 pid_tgid)
{
	struct tls_receipts *receipts = bpf_map_lookup_elem(&tls_receipts, &pid_tgid);

	if (receipts)
		return receipts;
	bpf_map_update_elem(&tls_receipts, &pid_tgid, &empty_tls_receipts, BPF_NOEXIST);
	return bpf_map_lookup_elem(&tls_receipts, &pid_tgid);
}

/* Keeps what was received outside the library: a socket's latest, for the last few sockets. */
static __always_inline void note_receipt(const struct conn *conn, const struct call *call,
					 __u64 pid_tgid)
{
	struct tls_receipts *receipts = receipts_of(pid_tgid);
	struct tls_receipt *place;

	if (!receipts)
		return;
	place = &receipts->last[receipts->next & (TLS_RECEIPTS - 1)];
	for (int i = 0; i < TLS_RECEIPTS; i++) {
		if (receipts->last[i].conn_id == conn->head.conn_id)
			place = &receipts->last[i];
	}
	if (place->conn_id != conn->head.conn_id)
		receipts->next++;
	if (place->socket.object)
		lose_length(&receipts->lost, place->bytes, call->now);
	place->socket = conn->head.key;
	place->conn_id = conn->head.conn_id;
	place->bytes = call->bytes;
}

/* The first thing that either side receives is the other's Hello: no data of the program. */
static __always_inline bool may_be_data(const struct conn *conn, const struct call *call)
{
	return call->direction == DIRECTION_IN &&
	       (call->position || conn->head.flags & CONN_ADOPTED);
}

/* Notes a call that moved ciphertext. */
static __always_inline void on_ciphertext(const struct conn *conn, const struct call *call)
{
	__u64 pid_tgid = bpf_get_current_pid_tgid();
	struct tls_thread *thread = tls_thread(pid_tgid, true);
	struct tls_transfer *transfer;

	if (!thread)
		return;
	if (may_be_data(conn, call) && !thread->inside.object && !conn->twin.object)
		note_receipt(conn, call, pid_tgid);
	transfer = call->direction == DIRECTION_IN ? &thread->in : &thread->out;
	transfer->socket = conn->head.key;
	transfer->inside = thread->inside;
	transfer->conn_id = conn->head.conn_id;
	transfer->position = call->position;
	transfer->bytes = call->bytes;
	transfer->time_ns = call->now;
}

/* The first bytes of plaintext tell the role where no socket does: who reads a request is the
 * server. */
static __always_inline void guess_role(struct conn *conn, __u32 direction, const void *buffer,
				       __u64 bytes)
{
	__u64 word = 0;

	if (bytes < 8 || bpf_probe_read_user(&word, sizeof(word), buffer))
		return;
	if (http1_request(word, 8) == MATCH_YES)
		conn->head.role = direction == DIRECTION_IN ? ROLE_SERVER : ROLE_CLIENT;
}

/*
 * Plaintext moved by a TLS library: `bytes` at `buffer` in the process's memory (0: elsewhere),
 * through this connection of plaintext_conn, the first of them when the call began (0: now). The
 * caller has checked is_selected, and has called take_socket if it knows the socket.
 */
static __always_inline void on_plaintext(struct conn *conn, __u32 direction, const void *buffer,
					 __u64 bytes, boot_ns began)
{
	struct call call = {};

	if (!bytes)
		return;
	call.verdict = verdict_of(conn->head.conn_id);
	if (call.verdict == VERDICT_IGNORE)
		return;
	call.now = bpf_ktime_get_boot_ns();
	call.began = began ? began : call.now;
	call.bytes = bytes;
	call.direction = direction;
	call.source = buffer ? buffer_source((__u64)buffer) : no_source();
	if (conn->head.role == ROLE_UNKNOWN)
		guess_role(conn, direction, buffer, bytes);
	stamp(&conn->head, call.now);
	/* The library's calls are all there is: each moves the stream by its own bytes. */
	call.position = direction == DIRECTION_IN ? conn->in.position : conn->out.position;
	if (direction == DIRECTION_IN)
		conn->in.position += bytes;
	else
		conn->out.position += bytes;
	on_bytes(conn, &call);
}

/* The socket may live on, for another TLS connection. */
static __always_inline void leave_socket(const struct conn *conn)
{
	struct conn *socket = conn->twin.object ? find_conn(&conn->twin) : 0;

	if (socket && socket->twin.object == conn->head.key.object)
		socket->twin.object = 0;
}

/* The TLS connection is over: the library has freed its object, or the program has shut it down. */
static __always_inline void end_plaintext(const struct conn_key *key, __u8 reason)
{
	struct conn *conn = find_conn(key);

	if (!conn)
		return;
	on_end(conn, bpf_ktime_get_boot_ns(), reason);
	leave_socket(conn);
	bpf_map_delete_elem(&conns, key);
}

#endif
