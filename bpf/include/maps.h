/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0 */
/*
 * The maps that the objects share: native/ opens the first object and lets the others reuse its
 * maps. Sizes are defaults, which user space may change before it loads.
 */
#ifndef WEIR_MAPS_H
#define WEIR_MAPS_H

#include "vmlinux.h"
#include <bpf/bpf_helpers.h>
#include "events.h"
#include "config.h"

/*
 * Decisions, 2 bits per process id: enum decision. A process undecided counts as selected.
 * Key: tgid / 32. Value: 32 decisions, lowest bits first, so a byte holds those of tgid & ~3 and
 * the next three. Writer: user space, through the mapping. Reader: every program, first of all.
 */
struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(map_flags, BPF_F_MMAPABLE);
	__uint(max_entries, 131072); /* pid_max is 4,194,304 at most */
	__type(key, __u32);
	__type(value, __u64);
} decisions SEC(".maps");

/*
 * User space's answers for connections. Key: conn_id & verdict_mask. Value: conn_id << 4 | enum
 * verdict; that of another connection means that there is none. Writer: user space, through the
 * mapping (upper half first, if it cannot write 8 bytes at once). Reader: every call on a
 * connection.
 */
struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(map_flags, BPF_F_MMAPABLE);
	__uint(max_entries, 65536);
	__type(key, __u32);
	__type(value, __u64);
} verdicts SEC(".maps");

/*
 * Connections. Writer: the programs that see bytes or changes of state. Reader: the same, and user
 * space for the counters of a response that it waits for. Not an LRU map: what leaves it is told
 * (ends.h).
 */
struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, 65536);
	__type(key, struct conn_key);
	__type(value, struct conn);
} conns SEC(".maps");

/* A connection that was entered once, and may have ended. */
struct conn_age {
	__u64 object;
	tgid_t tgid;
	__u32 id; /* lower half of its conn_id */
};

/* Connections by age, twice as many as `conns` has, as about half of them may have ended. Writer,
 * reader: enter_conn. */
struct {
	__uint(type, BPF_MAP_TYPE_QUEUE);
	__uint(max_entries, 2 * 65536);
	__type(value, struct conn_age);
} conn_ages SEC(".maps");

/* Bytes of a slot: a request grows to request_head by pieces that may each be that long as far as
 * the verifier knows, and the response comes behind it. */
#define SLOT_DATA (1024 + 1024 + 256)

/* The last bytes of a call: right-aligned in `word`, as in struct run. */
struct tail {
	__u64 word;
	__u64 bytes; /* how many of them are known: 0 to 8 */
};

/* A walk over a call's segments: what walk_segments gets, and gives. */
struct walk {
	__u64 address; /* of an iovec */
	__u64 offset;  /* in its segment */
	__u64 bytes;   /* of the call */
	__u64 at;      /* in the slot's data: where captured bytes go, behind them on return */
	__u64 room;
	struct tail tail; /* given; empty when the walk did not reach the end */
	__u32 segments;	  /* at `address` and behind */
	__u32 kind;	  /* enum source_kind */
};

/* What is still to be sent of a call, as chunks: see pieces.h. */
struct piece {
	struct run run; /* the next one's */
	__u64 left;
	__u64 skip;	/* bytes at the front that have left already */
	__u64 captured; /* given: by all chunks */
	__u64 ahead;	/* bytes behind those of the last chunk that it stands for, too */
	__u32 whole;	/* chunks that leave whole, but for the last, which counts what it does not
			   hold */
	__u32 most;	/* chunks in all, where frames are followed */
	__u32 direction;
	__u32 front;	      /* where the last payload of a frame begins in it, if one does */
	struct frames frames; /* those of its direction */
	__u16 is_read;	      /* user space reads something of it */
	__u16 protocol;	      /* enum protocol */
};

/* A record under construction. `claims` is a lock that is only tried: see claim_slot. */
struct slot {
	__u64 claims;
	boot_ns since_ns; /* when it was claimed */
	conn_id_t owner;
	struct walk walk;
	struct piece piece;
	struct exchange exchange;
	__u8 data[SLOT_DATA]; /* right behind the record's fixed part, as it leaves */
};

/*
 * Requests that wait for their response, and, above head_slots, two slots per CPU in which chunks
 * are built. Key: conn_id % head_slots, or head_slots + cpu * 2 (or + 1). Writer, reader: the
 * programs that see bytes, and the end of the connection. For longer heads user space sets a larger
 * value size: 360 + 2 * request_head + response_head.
 */
struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, 2048 + 2 * 256);
	__type(key, __u32);
	__type(value, struct slot);
} heads SEC(".maps");

/* How many connections each CPU has numbered. Key: 0. Writer, reader: new_conn_id. */
struct {
	__uint(type, BPF_MAP_TYPE_PERCPU_ARRAY);
	__uint(max_entries, 1);
	__type(key, __u32);
	__type(value, __u64);
} conn_counts SEC(".maps");

struct listener_key {
	netns_t netns;
	port_t port;
	__u16 pad;
};

/*
 * Ports that listen, and how many sockets do on each. Writer: changes of socket state, and user
 * space at start for those that listened before. Reader: adoption of a connection, for its role.
 */
struct {
	__uint(type, BPF_MAP_TYPE_LRU_HASH);
	__uint(max_entries, 16384);
	__type(key, struct listener_key);
	__type(value, __u64);
} listeners SEC(".maps");

/*
 * Ports whose datagrams are read, by a bit each; none while nobody wants what comes of it. Key:
 * port / 64, of the peer; UDP_PORT_WORDS more, of the socket itself. Writer: user space, through
 * the mapping. Reader: bpf/udp.
 */
#define UDP_PORT_WORDS (65536 / 64)
struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(map_flags, BPF_F_MMAPABLE);
	__uint(max_entries, 2 * UDP_PORT_WORDS);
	__type(key, __u32);
	__type(value, __u64);
} udp_ports SEC(".maps");

/*
 * What a thread last did on TLS connections: see tls.h. Key: pid_tgid. Writer: the TCP programs, on
 * connections that carry TLS, and the TLS library's. Reader: the TLS library's programs.
 */
struct {
	__uint(type, BPF_MAP_TYPE_LRU_HASH);
	__uint(max_entries, 16384);
	__type(key, __u64);
	__type(value, struct tls_thread);
} tls_threads SEC(".maps");

/* Whose code moves plaintext. */
struct tls_user {
	__u64 code; /* address of the instruction that was probed */
	tgid_t tgid;
	__u32 pad;
};

/* Which TLS libraries processes use, of those that they map: an entry each, the value is 1. Writer:
 * the TLS library's programs, on connections whose socket is not known yet. Reader: user space. */
struct {
	__uint(type, BPF_MAP_TYPE_LRU_HASH);
	__uint(max_entries, 2048);
	__type(key, struct tls_user);
	__type(value, __u64);
} tls_users SEC(".maps");

#define TLS_RECEIPTS 8 /* a power of two */

/* Ciphertext that a program has received outside any call of its TLS library, for which it comes to
 * be. */
struct tls_receipt {
	struct conn_key socket; /* object 0: none, or its partner is found */
	conn_id_t conn_id;
	bytes_t bytes;
};

#define LOST_WORDS 8 /* a power of two */

/* Lengths of what was forgotten before its partner was found, by hash, for half a minute at least.
 * Of such a length nothing is proved by being the only one. */
struct lost_lengths {
	__u64 now[LOST_WORDS];
	__u64 before[LOST_WORDS];
	boot_ns since_ns; /* when `now` was begun */
};

struct tls_receipts {
	struct tls_receipt last[TLS_RECEIPTS];
	struct lost_lengths lost;
	__u64 next;
};

/*
 * The last receipts of a thread, of sockets whose TLS connection is not known. Key: pid_tgid.
 * Writer: the TCP programs; the TLS library's, which take receipts away. Reader: the latter.
 */
struct {
	__uint(type, BPF_MAP_TYPE_LRU_HASH);
	__uint(max_entries, 4096);
	__type(key, __u64);
	__type(value, struct tls_receipts);
} tls_receipts SEC(".maps");

#define PROBE_HITS 4096 /* a power of two */

/*
 * Hits of probes, by process. Key: tgid % PROBE_HITS: of two watched processes that share a place
 * the later one takes it. Writer: hits.h. Reader: user space, through the mapping.
 */
struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(map_flags, BPF_F_MMAPABLE);
	__uint(max_entries, PROBE_HITS);
	__type(key, __u32);
	__type(value, struct probe_hits);
} probe_hits SEC(".maps");

/* Statistics. Key: enum stat. Writer: count(). Reader: user space, which sums over CPUs. */
struct {
	__uint(type, BPF_MAP_TYPE_PERCPU_ARRAY);
	__uint(max_entries, STATS);
	__type(key, __u32);
	__type(value, __u64);
} stats SEC(".maps");

struct ring {
	__uint(type, BPF_MAP_TYPE_RINGBUF);
	__uint(max_entries, 2 * 1024 * 1024);
};

struct ring ring_0 SEC(".maps");
struct ring ring_1 SEC(".maps");
struct ring ring_2 SEC(".maps");
struct ring ring_3 SEC(".maps");

/* Records of processes: a ring of their own, so that no traffic crowds them out, and user space can
 * read them first. Writer: bpf/process, and listening sockets. Reader: user space. */
struct {
	__uint(type, BPF_MAP_TYPE_RINGBUF);
	__uint(max_entries,
	       1024 * 1024); /* 400 ms of 500 starts a second, with long environments */
} process_ring SEC(".maps");

/* The rings. Key: conn_id & ring_mask. Writer: the emit.h functions. Reader: user space. */
struct {
	__uint(type, BPF_MAP_TYPE_ARRAY_OF_MAPS);
	__uint(max_entries, 4);
	__type(key, __u32);
	__array(values, struct ring);
} rings SEC(".maps") = {
	.values = { &ring_0, &ring_1, &ring_2, &ring_3 },
};

#endif
