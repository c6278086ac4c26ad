/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0 */
/*
 * Everything that crosses from the kernel to user space: the only definition.
 * `npm run gen` reads these types back from the BTF of the built objects and
 * writes bpf/events.gen.ts. Widest fields first, padding explicit, no pointers.
 *
 * Typedef names carry meaning to the generator: `boot_ns` becomes a number
 * relative to the agent's epoch, `conn_id_t`, `bytes_t` and `total_t` become numbers
 * below 2^53, an array of `char` a string, an array of `__u8` an offset.
 */
#ifndef WEIR_EVENTS_H
#define WEIR_EVENTS_H

typedef __u64 boot_ns;	 /* nanoseconds since boot, bpf_ktime_get_boot_ns */
typedef __u64 conn_id_t; /* below 2^53, never used twice in one run of the agent */
typedef __u64 bytes_t;	 /* a count of bytes, or a position in a stream */
typedef __u64 total_t;	 /* of something else, below 2^53 */
typedef __u32 tgid_t;	 /* process, as the initial pid namespace numbers it */
typedef __u32 netns_t;	 /* inode number of a network namespace */
typedef __u16 port_t;	 /* host byte order */

enum record_type {
	RECORD_CHUNK = 1,    /* struct chunk: bytes moved one way */
	RECORD_EXCHANGE = 2, /* struct exchange: a request and the answer's first bytes */
	RECORD_END = 3,	     /* struct end: a stream, or an exchange sent earlier, is over */
	RECORD_EXEC = 4,     /* struct process_exec */
	RECORD_FORK = 5,     /* struct process_fork: a new process, not a thread */
	RECORD_EXIT = 6,     /* struct process_exit: the last thread of a process */
	RECORD_LISTEN = 7,   /* struct process_listen */
	RECORD_MAP = 8,	     /* struct process_map: a file was mapped executable */
	RECORD_DATAGRAM = 9, /* struct datagram: one of a port that is read */
};

enum conn_role {
	ROLE_UNKNOWN = 0,
	ROLE_SERVER = 1, /* requests come in: accepted here, or the port listens here */
	ROLE_CLIENT = 2, /* requests go out: connected from here */
};

/* Which way bytes moved, seen from the watched process. */
enum direction {
	DIRECTION_IN = 0,
	DIRECTION_OUT = 1,
};

/* What the first bytes look like. Decided in the kernel, confirmed in user space. */
enum protocol {
	PROTOCOL_UNKNOWN = 0,
	PROTOCOL_HTTP1 = 1,
	PROTOCOL_TLS = 2, /* ciphertext: counted; of it only the hellos are captured */
	/* From here on: read as chunks, each call's bytes whole. */
	PROTOCOL_REDIS = 3,
	PROTOCOL_POSTGRES = 4,
	PROTOCOL_KAFKA,
	PROTOCOL_MYSQL,
	PROTOCOL_HTTP2,
	PROTOCOL_MONGODB,
	PROTOCOL_MEMCACHED,
	PROTOCOL_DNS, /* and of all datagrams that are read */
	/* From here on a client may send for ever without an answer. */
	PROTOCOL_AMQP,
	PROTOCOL_NATS,
	PROTOCOL_MQTT,
};

enum conn_flag {
	CONN_TLS = 1,	     /* the bytes are plaintext read at a TLS library */
	CONN_ADOPTED = 2,    /* older than the agent: positions count from where it joined */
	CONN_NO_ADDRESS = 4, /* addresses are not known: a TLS stream whose socket is not proved */
	CONN_GAP = 8,	     /* bytes moved since the last record that no hook saw */
	CONN_SHOWN = 16,     /* ciphertext of a socket whose plaintext was read at a TLS library */
	CONN_TUNNEL = 32,    /* the last request was CONNECT: the next bytes may be anything */
	CONN_WHOLE = 64, /* HTTP/1 that began with gRPC-Web: every byte is wanted, as of chunks */
};

/* User space's answer for one connection, in the `verdicts` map: see maps.h. */
enum verdict {
	VERDICT_NONE = 0,     /* undecided: chunks with the front of each run */
	VERDICT_IGNORE = 1,   /* nothing more of this connection but its end */
	VERDICT_CHUNKS = 2,   /* every call's bytes whole, as one chunk or several */
	VERDICT_EXCHANGE = 3, /* pair requests and responses in the kernel */
	VERDICT_HTTP2 = 4,    /* as chunks, and heads of frames are followed: frames.h */
	VERDICT_GRPC = 5,     /* the same, and messages in DATA are looked at */
	VERDICT_NATS = 6,     /* as chunks, and lines are followed: lines.h */
	VERDICT_AMQP = 7,     /* as chunks, each call's bytes whole however many went before */
	VERDICT_MQTT = 8,     /* the same */
};

enum end_reason {
	END_RESPONSE = 1, /* the next request began: the counters are the finished exchange's */
	END_IN = 2,	  /* the peer has ended its direction, and the process has read that */
	END_OUT = 3,	  /* the process has ended its direction (shutdown or close) */
	END_CLOSED = 4,	  /* both ways, in order */
	END_RESET = 5,	  /* cut by a reset, by either side */
	END_EVICTED = 6,  /* had to leave the bounded table for another */
};

/* A connection in the kernel's table `conns`. A socket: its address and 0. Plaintext of a TLS
 * library: the address of its connection object (SSL) and the process. */
struct conn_key {
	__u64 object;
	tgid_t tgid;
	__u32 pad;
};

/* The front of every record of a connection. Local and peer as the watched process sees them;
 * IPv4 as v4-mapped IPv6. */
struct conn_head {
	conn_id_t conn_id;
	boot_ns time_ns;     /* when the record was made */
	struct conn_key key; /* where `conns` holds the counters */
	__u8 local_addr[16];
	__u8 peer_addr[16];
	netns_t netns;
	tgid_t tgid; /* who moved the bytes; of an end record, who last did */
	__u32 tid;
	port_t local_port;
	port_t peer_port;
	__u8 type;	/* enum record_type: here in every record of a connection */
	__u8 role;	/* enum conn_role */
	__u8 protocol;	/* enum protocol */
	__u8 flags;	/* enum conn_flag, a set */
	__u32 sequence; /* counts the records of this connection from 0: a hole is a lost record */
};

/*
 * A run: bytes that moved one way without a byte the other way in between, over one or many calls.
 * Times are those at which a call returned, in every hook family.
 */
struct run {
	bytes_t position; /* of its first byte in this direction's stream */
	bytes_t bytes;	  /* moved so far */
	boot_ns first_ns; /* when its first byte moved: struct call */
	boot_ns last_ns;  /* return of the call that moved its last byte so far */
	__u8 tail[8];	  /* last bytes of the run, right-aligned, zero in front */
	__u32 captured;	  /* bytes of its beginning that follow the record */
	__u32 tail_bytes; /* how many of `tail` are valid: 0 to 8 */
};

/* One call's bytes, or the captured beginning of them. `captured` bytes follow. */
struct chunk {
	struct conn_head head;
	struct run run;
	__u16 passed;	/* bytes before these in this direction that are left out: whole frames of
			   HTTP/2 of which nothing is read, and the middle of long DATA, or of NATS'
			   payloads */
	__u8 direction; /* enum direction */
	__u8 pad[5];
};

/*
 * A request and the beginning of its response. Leaves with the first bytes of the response; when
 * that was not all, user space reads the connection's counters or gets an end record. A request
 * that was never answered, or is overtaken by one that the kernel cannot pair, leaves with a
 * response of 0 bytes. request.captured bytes follow, then response.captured bytes.
 */
struct exchange {
	struct conn_head head;
	struct run request;
	struct run response;
};

/* Final counters. `captured` is 0 in both runs. Of a socket that carries TLS the bytes of both are
 * those of the whole streams. */
struct end {
	struct conn_head head;
	struct run request;
	struct run response;
	__u8 reason; /* enum end_reason */
	__u8 pad[7];
};

/*
 * A datagram, by a socket and not by a connection: of the head conn_id, role and sequence are 0,
 * and key.object is the socket. The local address may be the unspecified one. `captured` bytes
 * follow.
 */
struct datagram {
	struct conn_head head;
	bytes_t bytes;
	__u32 captured;
	__u8 direction; /* enum direction */
	__u8 pad[3];
};

#include "conn_entry.h"
#include "process_records.h"

/* What happened on a thread's last TLS ciphertext, one way. */
struct tls_transfer {
	struct conn_key socket; /* whose bytes */
	struct conn_key
		inside; /* the TLS connection whose call the thread was in; object 0: none known */
	conn_id_t conn_id; /* of the socket */
	bytes_t position;  /* of the first byte in the socket's stream */
	bytes_t bytes;	   /* moved by that call */
	boot_ns time_ns;   /* return of that call */
};

/* Entry of `tls_threads`. */
struct tls_thread {
	struct conn_key inside; /* the TLS connection whose call the thread is in; object 0: none */
	struct tls_transfer in;
	struct tls_transfer out;
};

/* Entry of `probe_hits`: what the probes in a process have cost it. */
struct probe_hits {
	total_t tgid;	  /* whose entry it is; another process may take it over */
	total_t hits;	  /* since then */
	total_t timed;	  /* of them, those whose time was taken */
	total_t timed_ns; /* that those took, without the way into the kernel and back */
	__u64 timer;	  /* the thread whose hit is being timed; 0: none */
	__u64 since;	  /* when that began */
};

/* Two bits in `decisions`. Whatever is not rejected counts as selected: one more than rejected
 * does, and than that, too (see decide_anew). */
enum decision {
	DECISION_NONE = 0, /* undecided; any but DECISION_REJECTED is watched */
	DECISION_REJECTED = 1,
	DECISION_SELECTED = 2,
};

/* Index in `stats`. */
enum stat {
	STAT_LOST_CHUNK = 0,	/* ring full: a chunk record, but for those of STAT_LOST_REQUEST */
	STAT_LOST_EXCHANGE = 1, /* ring full: an exchange record */
	STAT_LOST_END = 2,	/* ring full: an end record */
	STAT_LOST_PROCESS = 3,	/* ring full: exec, fork, exit, listen or map */
	STAT_SLOT_BUSY = 4,	/* a request could not wait in the kernel: sent as chunks instead */
	STAT_SLOT_OVERDUE = 5,	/* a request was never answered, and its slot was given away */
	STAT_SCRATCH_BUSY = 6,	/* no room to build a chunk: dropped */
	STAT_UNREADABLE = 7,	/* the call's bytes could not be read: counted, not captured */
	STAT_SEGMENTS = 8,	/* more segments than are walked: the rest is not captured */
	STAT_CONN_TABLE = 9,	/* a connection could not be entered */
	STAT_ADOPTED = 10,	/* connections older than the agent, or evicted before */
	STAT_TLS = 11,		/* TCP connections found to carry TLS */
	STAT_IO_URING = 12,	/* rings set up where no hook sees what they do */
	STAT_COMPAT_CALL = 13,	/* a socket call of a 32-bit program */
	STAT_MPTCP = 14,	/* connections by Multipath TCP, which no hook sees */
	STAT_RETURN_MISSED = 15, /* a call whose entry was seen, and its end not, or the other way
				    round */
	STAT_LOST_REQUEST = 16,	 /* ring full: a chunk record that begins an HTTP/1 request: an
				    exchange is lost with it */
	STAT_MESSAGES = 17,	 /* more messages in one call than are told apart: the rest is not
				    captured */
	STAT_EVICTED = 18,	 /* connections that had to leave the table for others */
	STAT_TLS_NO_SOCKET = 19, /* a call on TLS whose socket was not found: no address */
	STAT_LOST_DATAGRAM = 20, /* ring full, or no room to build it: a datagram */
	STAT_FRAMES_LOST = 21,	 /* heads of HTTP/2's frames, or lines of NATS, that could not be
				    followed any more */
	STATS = 22,
};

/*
 * Not a record. BTF tells only what a program refers to: this refers to all that user space reads,
 * so that the generator finds it in the object whatever its programs use.
 */
struct event_types {
	enum record_type record_type[0];
	enum conn_role conn_role[0];
	enum direction direction[0];
	enum protocol protocol[0];
	enum conn_flag conn_flag[0];
	enum verdict verdict[0];
	enum end_reason end_reason[0];
	enum phase phase[0];
	enum pairing pairing[0];
	enum decision decision[0];
	enum stat stat[0];
	struct chunk chunk[0];
	struct exchange exchange[0];
	struct end end[0];
	struct datagram datagram[0];
	struct conn conn[0];
	struct process_exec process_exec[0];
	struct process_fork process_fork[0];
	struct process_exit process_exit[0];
	struct process_listen process_listen[0];
	struct process_map process_map[0];
	struct probe_hits probe_hits[0];
	__u64 nothing;
};

#endif
