/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0 */
/*
 * Changes of a socket's state: connections begin with their role and end here, in every hook
 * family. Runs in network interrupts too, so it touches no scratch slot.
 */
#ifndef WEIR_TCP_STATE_H
#define WEIR_TCP_STATE_H

#include "tls.h"

static __always_inline void on_established(const struct sock *sk, int oldstate)
{
	struct conn_key key = socket_key(sk);
	struct conn *conn = new_conn(&key);

	if (!conn)
		return;
	fill_addresses(&conn->head, sk);
	start_streams(conn, sk);
	conn->head.role = oldstate == WEIR_TCP_SYN_RECV ? ROLE_SERVER : ROLE_CLIENT;
}

static __always_inline struct listener_key listener_key(const struct sock *sk, port_t port)
{
	return (struct listener_key){
		.netns = BPF_CORE_READ(sk, __sk_common.skc_net.net, ns.inum),
		.port = port,
	};
}

static __always_inline void send_listen(const struct listener_key *key)
{
	struct process_listen *record = bpf_ringbuf_reserve(&process_ring, sizeof(*record), 0);

	if (!record) {
		count(STAT_LOST_PROCESS);
		return;
	}
	*record = (struct process_listen){
		.time_ns = bpf_ktime_get_boot_ns(),
		.tgid = current_tgid(),
		.netns = key->netns,
		.port = key->port,
		.type = RECORD_LISTEN,
	};
	bpf_ringbuf_submit(record, BPF_RB_NO_WAKEUP);
}

static __always_inline void on_listen(const struct sock *sk)
{
	struct listener_key key = listener_key(sk, BPF_CORE_READ(sk, __sk_common.skc_num));
	__u64 *sockets = bpf_map_lookup_elem(&listeners, &key), first = 1;

	if (sockets)
		__sync_fetch_and_add(sockets, 1);
	else
		bpf_map_update_elem(&listeners, &key, &first, BPF_ANY);
	send_listen(&key);
}

/* With SO_REUSEPORT several sockets listen on one port. One that the kernel chose has been given
 * back by now, and only inet_sport still tells it. */
static __always_inline void on_listen_end(const struct sock *sk)
{
	__be16 port = BPF_CORE_READ((const struct inet_sock *)sk, inet_sport);
	struct listener_key key = listener_key(sk, __builtin_bswap16(port));
	__u64 *sockets = bpf_map_lookup_elem(&listeners, &key);

	if (sockets && *sockets > 1)
		__sync_fetch_and_add(sockets, -1);
	else
		bpf_map_delete_elem(&listeners, &key);
}

/* Ends a socket, and the TLS connection over it; forgets both. */
static __always_inline void end_socket(const struct sock *sk, __u8 reason)
{
	struct conn_key key = socket_key(sk);
	boot_ns now = bpf_ktime_get_boot_ns();
	struct conn *conn;

	for (int i = 0; i < 2 && key.object; i++) {
		struct conn_key twin = {};

		conn = find_conn(&key);
		if (!conn)
			return;
		if (i == 0)
			twin = conn->twin;
		on_end(conn, now, reason);
		bpf_map_delete_elem(&conns, &key);
		key = twin;
	}
}

/* The process has ended its direction, by shutdown or, both ways at once, by close. */
static __always_inline void on_fin_sent(const struct sock *sk)
{
	struct conn_key key = socket_key(sk);
	struct conn *conn = find_conn(&key);

	if (!conn)
		return;
	if (BPF_CORE_READ(sk, sk_shutdown) == SHUTDOWN_MASK) {
		end_socket(sk, END_CLOSED);
		return;
	}
	conn->ends |= 1 << DIRECTION_OUT;
	on_end(conn, bpf_ktime_get_boot_ns(), END_OUT);
}

/* Cut, unless the last state was one of an orderly end. */
static __always_inline __u8 close_reason(const struct sock *sk, int oldstate)
{
	if (oldstate == WEIR_TCP_ESTABLISHED || oldstate == WEIR_TCP_CLOSE_WAIT ||
	    BPF_CORE_READ(sk, sk_err))
		return END_RESET;
	return END_CLOSED;
}

/* The process may still read what came before a reset, or before both sides had ended. */
static __always_inline bool is_readable(const struct sock *sk)
{
	const struct tcp_sock *tp = (const struct tcp_sock *)sk;
	__u32 unread = BPF_CORE_READ(tp, rcv_nxt) - BPF_CORE_READ(tp, copied_seq);

	/* A FIN counts as one. A close by the process has emptied the queue. */
	return unread > !BPF_CORE_READ(sk, sk_err) && BPF_CORE_READ(sk, sk_socket) &&
	       BPF_CORE_READ(sk, sk_receive_queue.qlen);
}

static __always_inline void on_close(const struct sock *sk, __u8 reason)
{
	struct conn_key key = socket_key(sk);
	struct conn *conn = is_readable(sk) ? find_conn(&key) : 0;

	if (conn)
		conn->closed = reason;
	else
		end_socket(sk, reason);
}

SEC("tp_btf/inet_sock_set_state")
int inet_sock_set_state(__u64 *ctx)
{
	const struct sock *sk = (const struct sock *)ctx[0];
	int oldstate = ctx[1], newstate = ctx[2];
	__u16 protocol = sk->sk_protocol;

	if (protocol != IPPROTO_TCP) {
		if (protocol == IPPROTO_MPTCP && newstate == WEIR_TCP_ESTABLISHED)
			count(STAT_MPTCP);
		return 0;
	}
	if (newstate == WEIR_TCP_ESTABLISHED)
		on_established(sk, oldstate);
	else if (newstate == WEIR_TCP_LISTEN)
		on_listen(sk);
	else if (newstate == WEIR_TCP_FIN_WAIT1 || newstate == WEIR_TCP_LAST_ACK)
		on_fin_sent(sk);
	else if (newstate == WEIR_TCP_CLOSE && oldstate == WEIR_TCP_LISTEN)
		on_listen_end(sk);
	else if (newstate == WEIR_TCP_CLOSE)
		on_close(sk, close_reason(sk, oldstate));
	return 0;
}

/* void tcp_destroy_sock(struct sock *sk): nobody has it open any more. */
SEC("tp_btf/tcp_destroy_sock")
int tcp_destroy_sock(__u64 *ctx)
{
	const struct sock *sk = (const struct sock *)ctx[0];
	struct conn_key key = socket_key(sk);
	struct conn *conn = find_conn(&key);

	if (conn)
		end_socket(sk, conn->closed ?: END_CLOSED);
	return 0;
}

#endif
