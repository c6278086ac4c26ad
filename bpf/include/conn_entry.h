/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0 */
/* The connection table's entries: a part of events.h, which includes it. */
#ifndef WEIR_CONN_ENTRY_H
#define WEIR_CONN_ENTRY_H

/* Of HTTP/2, one way: where the next frame begins. */
enum frames_state {
	FRAMES_LOST = 0,  /* not known, or nobody asked */
	FRAMES_OTHER = 1, /* what comes before it is no DATA */
	FRAMES_DATA = 2,  /* it is */
};

struct frames {
	__u32 next;   /* lower half of the position of the next head */
	__u32 head;   /* length and type of the one that was read last, as far as it was seen */
	__u8 seen;    /* bytes of a head that is not whole: 0 to 8 */
	__u8 state;   /* enum frames_state */
	__u16 passed; /* bytes that were left out since the last chunk */
};

/* Where a direction's stream stands. */
struct stream {
	bytes_t position; /* bytes since the connection was first seen */
	__u32 seq;	  /* TCP's own number for it: write_seq or copied_seq */
	struct frames frames;
};

/*
 * An entry of `conns`, which user space may read for the counters of a response that still grows.
 * Its front is that of an exchange, and the readers of `struct exchange` read it.
 */
struct conn {
	struct conn_head head; /* time_ns, tid and type are those of the last record */
	struct run request;
	struct run response;
	struct conn_key twin; /* the TLS library's connection over this socket, or its socket;
				 object 0: none */
	struct stream in;
	struct stream out;
	bytes_t reported; /* of response.bytes, what a record has said */
	__u8 phase;	  /* enum phase */
	__u8 pairing;	  /* enum pairing */
	__u8 ends;	  /* directions that are over and said so: bit per enum direction */
	__u8 closed;	  /* enum end_reason of a socket that the process may still read from */
	__u32 zero;	  /* always 0, which the verifier does not know: see verifier.h */
};

/* Which run is under way. */
enum phase {
	PHASE_NONE = 0,
	PHASE_REQUEST = 1,
	PHASE_RESPONSE = 2,
};

/* What becomes of the current request. */
enum pairing {
	PAIRING_CHUNKS = 0, /* every call is a record */
	PAIRING_HELD = 1,   /* its head waits in `heads` for the response */
	PAIRING_SENT = 2,   /* its exchange record has left */
};

#endif
