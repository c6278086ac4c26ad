/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0 */
/* What every hook family does with a call that moved bytes of a TCP socket. */
#ifndef WEIR_TCP_TRANSFER_H
#define WEIR_TCP_TRANSFER_H

#include "tls.h"

/* One way of a socket, after a call. */
struct transfer {
	const struct sock *sk;
	__u64 bytes;
	__u32 seq; /* write_seq or copied_seq */
	__u32 direction;
};

static __always_inline __u32 seq_of(const struct sock *sk, __u32 direction)
{
	const struct tcp_sock *tp = (const struct tcp_sock *)sk;

	return direction == DIRECTION_IN ? BPF_CORE_READ(tp, copied_seq)
					 : BPF_CORE_READ(tp, write_seq);
}

/* The peer's FIN, which takes a number, lies before `copied_seq`: nothing comes behind it. */
static __always_inline bool has_taken_fin(const struct sock *sk, __u32 copied_seq)
{
	__u8 state = BPF_CORE_READ(sk, __sk_common.skc_state);

	return state != WEIR_TCP_ESTABLISHED && state != WEIR_TCP_FIN_WAIT1 &&
	       state != WEIR_TCP_FIN_WAIT2 && !BPF_CORE_READ(sk, sk_err) &&
	       copied_seq == BPF_CORE_READ((const struct tcp_sock *)sk, rcv_nxt);
}

/*
 * Finds the connection, moves its stream, and begins the call. Returns 0 when there is nothing more
 * to do: ignored, ciphertext but for the hellos, or bytes that were looked at and not taken
 * (MSG_PEEK and its like leave copied_seq).
 */
static __always_inline struct conn *begin_call(const struct transfer *moved, struct call *call)
{
	struct conn_key key = socket_key(moved->sk);
	struct conn *conn = find_conn(&key);

	if (!conn) {
		conn = adopt_socket(moved->sk, moved->direction, moved->bytes);
		if (!conn)
			return 0;
	}
	if (moved->direction == DIRECTION_IN && moved->seq == conn->in.seq)
		return 0;
	call->verdict = verdict_of(conn->head.conn_id);
	if (call->verdict == VERDICT_IGNORE)
		return 0;
	call->now = call->began = bpf_ktime_get_boot_ns();
	call->bytes = moved->bytes;
	call->direction = forget(moved->direction, 1, conn->zero);
	call->verdict = forget(call->verdict, VERDICT_MASK, conn->zero);
	conn->head.time_ns = call->now; /* not idle, whatever comes */
	call->position = advance(conn, moved->direction, moved->seq, moved->bytes);
	if (conn->head.protocol == PROTOCOL_TLS) {
		on_ciphertext(conn, call);
		if (!is_hello(conn, call))
			return 0;
	}
	stamp(&conn->head, call->now);
	return conn;
}

/* A read has returned 0: is that the end of the peer's stream? */
static __always_inline void on_read_nothing(const struct sock *sk)
{
	struct conn_key key = socket_key(sk);
	struct conn *conn = find_conn(&key);

	if (!conn || conn->ends & (1 << DIRECTION_IN) ||
	    verdict_of(conn->head.conn_id) == VERDICT_IGNORE ||
	    !(BPF_CORE_READ(sk, sk_shutdown) & RCV_SHUTDOWN))
		return;
	conn->ends |= 1 << DIRECTION_IN;
	on_end(conn, bpf_ktime_get_boot_ns(), END_IN);
}

#endif
