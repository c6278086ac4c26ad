/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0 */
/* The connection table: entering, finding and leaving it. */
#ifndef WEIR_CONN_H
#define WEIR_CONN_H

#include "core_compat.h"
#include "stats.h"

/* What a new entry is copied from: memory of the program, so that its 512 bytes of stack need not
 * hold it. */
const struct conn empty_conn = {};
const struct tls_thread empty_tls_thread = {};
const struct tls_receipts empty_tls_receipts = {};

static __always_inline struct conn_key socket_key(const struct sock *sk)
{
	return (struct conn_key){ .object = (__u64)sk };
}

static __always_inline struct conn *find_conn(const struct conn_key *key)
{
	return bpf_map_lookup_elem(&conns, key);
}

/*
 * Numbers connections without an atomic fetch-and-add, which 5.10 lacks: a count is ours if nobody
 * else on this CPU has counted between looking before and after. Returns 0 when four tries were
 * disturbed.
 */
static __always_inline conn_id_t new_conn_id(void)
{
	__u32 key = 0;
	volatile __u64 *counter = bpf_map_lookup_elem(&conn_counts, &key);

	if (!counter)
		return 0;
	for (int i = 0; i < 4; i++) {
		__u64 before = *counter;

		__sync_fetch_and_add(counter, 1);
		if (*counter == before + 1)
			return (before + 1) * cpus + bpf_get_smp_processor_id();
	}
	return 0;
}

/* Enters an empty connection: see ends.h. Returns 0, or an error when the table takes none. */
int enter_conn(__u64 object, __u64 tgid);

/* Enters an empty connection. Returns 0 when the table takes none. */
static __always_inline struct conn *new_conn(const struct conn_key *key)
{
	__u64 object = 0;

	/* The address as a number: a global function takes no pointer that BTF types. */
	bpf_probe_read_kernel(&object, sizeof(object), &key->object);
	if (enter_conn(object, key->tgid)) {
		count(STAT_CONN_TABLE);
		return 0;
	}
	return find_conn(key);
}

static __always_inline void map_v4(__u8 *to, __be32 address)
{
	__builtin_memset(to, 0, 10);
	to[10] = 0xff;
	to[11] = 0xff;
	__builtin_memcpy(to + 12, &address, sizeof(address));
}

/* Addresses, ports and namespace of a socket. A v6 socket that speaks IPv4 has them v4-mapped
 * already. */
static __always_inline void fill_addresses(struct conn_head *head, const struct sock *sk)
{
	const struct sock_common *common = &sk->__sk_common;

	head->netns = BPF_CORE_READ(common, skc_net.net, ns.inum);
	head->local_port = BPF_CORE_READ(common, skc_num);
	head->peer_port = __builtin_bswap16(BPF_CORE_READ(common, skc_dport));
	if (BPF_CORE_READ(common, skc_family) == AF_INET) {
		map_v4(head->local_addr, BPF_CORE_READ(common, skc_rcv_saddr));
		map_v4(head->peer_addr, BPF_CORE_READ(common, skc_daddr));
		return;
	}
	bpf_core_read(head->local_addr, sizeof(head->local_addr), &common->skc_v6_rcv_saddr);
	bpf_core_read(head->peer_addr, sizeof(head->peer_addr), &common->skc_v6_daddr);
}

/* Streams count from here. */
static __always_inline void start_streams(struct conn *conn, const struct sock *sk)
{
	conn->in.seq = BPF_CORE_READ((const struct tcp_sock *)sk, copied_seq);
	conn->out.seq = BPF_CORE_READ((const struct tcp_sock *)sk, write_seq);
}

static __always_inline __u8 role_of_port(const struct conn_head *head)
{
	struct listener_key key = { .netns = head->netns, .port = head->local_port };

	return bpf_map_lookup_elem(&listeners, &key) ? ROLE_SERVER : ROLE_CLIENT;
}

/* In these states a process can move bytes. In others an entry would never be taken away: what is
 * left to read of a connection that was reset has been told to end. */
static __always_inline bool is_open(const struct sock *sk)
{
	__u8 state = BPF_CORE_READ(sk, __sk_common.skc_state);

	return state == WEIR_TCP_ESTABLISHED || state == WEIR_TCP_FIN_WAIT1 ||
	       state == WEIR_TCP_FIN_WAIT2 || state == WEIR_TCP_CLOSE_WAIT;
}

/*
 * Enters a socket that moves bytes without having been seen to connect: it is older than the agent,
 * or was evicted. `moved` bytes of `direction` were its last; the position counts from before them.
 */
static __always_inline struct conn *adopt_socket(const struct sock *sk, __u32 direction,
						 __u64 moved)
{
	struct conn_key key = socket_key(sk);
	struct conn *conn = is_open(sk) ? new_conn(&key) : 0;

	if (!conn)
		return 0;
	fill_addresses(&conn->head, sk);
	start_streams(conn, sk);
	if (direction == DIRECTION_IN)
		conn->in.seq -= moved;
	else
		conn->out.seq -= moved;
	conn->head.role = role_of_port(&conn->head);
	conn->head.flags = CONN_ADOPTED;
	count(STAT_ADOPTED);
	return conn;
}

/* The plaintext connection of a TLS object, entered when first seen. Its role and addresses are not
 * known until take_socket. */
static __always_inline struct conn *plaintext_conn(const struct conn_key *key)
{
	struct conn *conn = find_conn(key);

	if (conn)
		return conn;
	conn = new_conn(key);
	if (conn)
		conn->head.flags = CONN_TLS | CONN_NO_ADDRESS;
	return conn;
}

/* The socket of a TLS connection is proved: it takes over addresses and role, and the socket's own
 * bytes are ciphertext from now on, counted and not captured. */
static __always_inline void take_socket(struct conn *plain, struct conn *socket)
{
	plain->twin = socket->head.key;
	socket->twin = plain->head.key;
	socket->head.protocol = PROTOCOL_TLS;
	socket->head.flags |= CONN_SHOWN;
	__builtin_memcpy(plain->head.local_addr, socket->head.local_addr, 16);
	__builtin_memcpy(plain->head.peer_addr, socket->head.peer_addr, 16);
	plain->head.local_port = socket->head.local_port;
	plain->head.peer_port = socket->head.peer_port;
	plain->head.netns = socket->head.netns;
	if (plain->head.role != socket->head.role)
		plain->phase = PHASE_NONE;
	plain->head.role = socket->head.role;
	plain->head.flags &= ~CONN_NO_ADDRESS;
	plain->head.flags |= socket->head.flags & CONN_ADOPTED;
}

#endif
