/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0 */
/*
 * Datagrams to and from the ports that are read: each leaves as a record of its own, whatever it
 * says, and user space joins questions with answers. A datagram of other ports costs a look at both
 * of its ports, and one look-up more where a socket without a peer takes it without asking for its
 * sender.
 */
#ifndef WEIR_UDP_DATAGRAMS_H
#define WEIR_UDP_DATAGRAMS_H

#include "conn.h"
#include "emit.h"
#include "select.h"
#include "source.h"

struct udp_peer {
	__u8 address[16];
	port_t port;
	__u16 pad[3];
};

/* Whom a socket without a peer has sent to last, of ports that are read: what it takes without
 * asking for the sender comes from there. Key: address of the socket. Writer, reader:
 * fill_peer. Reader: is_wanted. */
struct {
	__uint(type, BPF_MAP_TYPE_LRU_HASH);
	__uint(max_entries, 1024);
	__type(key, __u64);
	__type(value, struct udp_peer);
} udp_peers SEC(".maps");

/* A datagram that a call has moved. */
struct datagram_call {
	const struct sock *sk;
	__u64 name;  /* address of the peer's sockaddr; 0: the call has none */
	__u64 bytes; /* of the datagram */
	struct source source;
	__u32 direction;
	__u32 by_user; /* the name lies in the process's memory */
};

/* The front of a sockaddr, and all of it that IPv4 uses. */
struct name_front {
	__u16 family;
	__be16 port;
	__be32 address;
};

#define NAME6_ADDRESS 8 /* where IPv6 has its address */

static __always_inline long read_memory(__u32 by_user, void *to, __u32 bytes, __u64 from)
{
	return by_user ? bpf_probe_read_user(to, bytes, (const void *)from)
		       : bpf_probe_read_kernel(to, bytes, (const void *)from);
}

static __always_inline bool has_port(__u32 first, port_t port)
{
	__u32 key = first + (port >> 6);
	__u64 *ports = bpf_map_lookup_elem(&udp_ports, &key);

	return ports && *ports >> (port & 63) & 1;
}

static __always_inline bool reads_peer(port_t port)
{
	return has_port(0, port);
}

static __always_inline bool reads_local(port_t port)
{
	return has_port(UDP_PORT_WORDS, port);
}

static __always_inline struct udp_peer *asked_peer(const struct sock *sk)
{
	__u64 key = (__u64)sk;

	return bpf_map_lookup_elem(&udp_peers, &key);
}

/* By the ports of the socket: `connected` is its peer's, 0 without one. */
static __always_inline bool reads_socket(const struct sock *sk, port_t local, port_t connected)
{
	return reads_local(local) || (connected ? reads_peer(connected) : asked_peer(sk) != 0);
}

static __always_inline bool is_wanted(const struct datagram_call *call, port_t local,
				      port_t connected)
{
	struct name_front front = {};

	if (call->name && !read_memory(call->by_user, &front, sizeof(front), call->name))
		connected = __builtin_bswap16(front.port);
	if (call->direction == DIRECTION_OUT || connected) {
		if (!reads_local(local) && !reads_peer(connected))
			return false;
	} else if (!reads_socket(call->sk, local, 0)) {
		return false;
	}
	return is_selected(current_tgid());
}

/* False: the name is of neither family. */
static __always_inline bool read_name(const struct datagram_call *call, struct udp_peer *peer)
{
	struct name_front front = {};

	if (read_memory(call->by_user, &front, sizeof(front), call->name))
		return false;
	peer->port = __builtin_bswap16(front.port);
	map_v4(peer->address, front.address);
	if (front.family == AF_INET)
		return true;
	return front.family == AF_INET6 &&
	       !read_memory(call->by_user, peer->address, 16, call->name + NAME6_ADDRESS);
}

static __always_inline void copy_peer(struct conn_head *head, const struct udp_peer *peer)
{
	__builtin_memcpy(head->peer_addr, peer->address, sizeof(head->peer_addr));
	head->peer_port = peer->port;
}

/* The call knows better than the socket, and an earlier call on the socket than nobody. */
static __always_inline void fill_peer(struct conn_head *head, const struct datagram_call *call)
{
	__u64 key = (__u64)call->sk;
	struct udp_peer peer = {}, *asked;

	if (call->name && read_name(call, &peer)) {
		copy_peer(head, &peer);
		if (call->direction == DIRECTION_OUT && reads_peer(peer.port))
			bpf_map_update_elem(&udp_peers, &key, &peer, BPF_ANY);
	} else if (!head->peer_port) {
		asked = asked_peer(call->sk);
		if (asked)
			copy_peer(head, asked);
	}
}

static __always_inline void fill_datagram(struct datagram *datagram,
					  const struct datagram_call *call, __u64 captured)
{
	struct conn_head *head = &datagram->head;

	__builtin_memset(datagram, 0, sizeof(*datagram));
	stamp(head, bpf_ktime_get_boot_ns());
	fill_addresses(head, call->sk);
	fill_peer(head, call);
	head->key.object = (__u64)call->sk;
	head->type = RECORD_DATAGRAM;
	head->protocol = PROTOCOL_DNS;
	datagram->bytes = call->bytes;
	datagram->captured = captured;
	datagram->direction = call->direction;
}

/* Sends as much of it as is captured of a request. */
static __always_inline void send_datagram(const struct datagram_call *call)
{
	struct datagram *datagram;
	struct slot *slot;
	__u64 captured;
	__u32 index;
	void *ring;

	slot = claim_scratch(&index);
	if (!slot) {
		count(STAT_LOST_DATAGRAM);
		return;
	}
	capture(index, slot, &call->source, call->bytes, 0, request_head, &captured);
	datagram =
		(struct datagram *)((__u8 *)slot + offsetof(struct slot, data) - sizeof(*datagram));
	fill_datagram(datagram, call, captured);
	/* By any ring: they are put in order by their times. */
	ring = ring_of(datagram->head.tid);
	opaque(captured);
	if (captured > request_head)
		captured = request_head;
	if (!output(ring, datagram, sizeof(*datagram) + captured))
		count(STAT_LOST_DATAGRAM);
	release_slot(slot);
}

/* Of a call of udpv6_sendmsg: it gives what goes to an IPv4 address to udp_sendmsg, where it is
 * seen. */
static __always_inline bool goes_to_v4(const struct datagram_call *call)
{
	const struct sock *sk = call->sk;
	struct name_front front = {};
	__u32 words[3] = {};

	if (!call->name) {
		bpf_core_read(words, sizeof(words), &sk->__sk_common.skc_v6_daddr);
	} else {
		read_memory(0, &front, sizeof(front), call->name);
		if (front.family != AF_INET6)
			return true;
		read_memory(0, words, sizeof(words), call->name + NAME6_ADDRESS);
	}
	return !words[0] && !words[1] && words[2] == __builtin_bswap32(0xffff);
}

#endif
