/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0 */
/* What a thread does in libssl: the calls it is in, and what it has written that no socket has sent yet. */
#ifndef WEIR_OPENSSL_THREAD_H
#define WEIR_OPENSSL_THREAD_H

#include "tls.h"

/* Stack bytes that may lie between the two probes of one call: less than the frames of a call inside it take. */
#define CALL_STACK_BYTES 256

#define PROVED_OBJECTS 16 /* a power of two */
#define WRITES_MAX 8

/* A call of SSL_read or SSL_write that has begun. */
struct ssl_call {
	__u64 object; /* SSL * */
	__u64 buffer;
	__u64 count_at; /* where the call will write its count; 0: that is its result */
	__u64 stack;	/* stack pointer at the first probe: tells calls inside calls apart */
	__u32 direction;
	__u32 entered; /* 1: tls_threads says that the thread is inside */
};

/* Plaintext that has gone through one object since the thread last moved ciphertext that way. */
struct ssl_passage {
	__u64 object;
	__u64 bytes;
	__u64 records;
	__u64 mark; /* when that was */
};

/*
 * Entry of `ssl_threads`. A call inside a call is libssl over libssl: a BIO of the outer one reads through
 * the inner one.
 */
struct ssl_thread {
	struct ssl_call outer;
	struct ssl_call inner;
	struct ssl_passage read;
	struct ssl_passage writes[WRITES_MAX];
	struct lost_lengths lost; /* of ciphertext that those may have become that made room in `writes` */
	__u64 proved[PROVED_OBJECTS]; /* objects whose sockets are known, by hash: those need no search */
	__u64 sent;		      /* time of the last ciphertext sent that was compared with `writes` */
	__u32 depth;		      /* calls under way: 0 to 2 */
	__u32 pending;		      /* 1: some of `writes` is filled */
};

const struct ssl_thread empty_ssl_thread = {};

/* Threads that use libssl. Key: pid_tgid. Writer, reader: the programs of this object. */
struct {
	__uint(type, BPF_MAP_TYPE_LRU_HASH);
	__uint(max_entries, 4096);
	__type(key, __u64);
	__type(value, struct ssl_thread);
} ssl_threads SEC(".maps");

static __always_inline struct ssl_thread *ssl_thread(__u64 pid_tgid, bool make)
{
	struct ssl_thread *thread = bpf_map_lookup_elem(&ssl_threads, &pid_tgid);

	if (thread || !make)
		return thread;
	bpf_map_update_elem(&ssl_threads, &pid_tgid, &empty_ssl_thread, BPF_NOEXIST);
	return bpf_map_lookup_elem(&ssl_threads, &pid_tgid);
}

static __always_inline __u64 *proved_slot(struct ssl_thread *thread, __u64 object)
{
	/* malloc aligns to 16, and an SSL is some kilobytes long. */
	return &thread->proved[(object >> 8 ^ object >> 12) & (PROVED_OBJECTS - 1)];
}

/*
 * The room for a call that begins at this stack pointer; 0 below two others. A call whose frame the stack
 * has left by longjmp, or by a jump into the next function with the same arguments, makes room.
 */
static __always_inline struct ssl_call *push_call(struct ssl_thread *thread, __u64 stack)
{
	if (thread->depth == 2 && thread->inner.stack <= stack)
		thread->depth = 1;
	if (thread->depth == 1 && thread->outer.stack <= stack)
		thread->depth = 0;
	if (thread->depth == 2)
		return 0;
	return thread->depth++ ? &thread->inner : &thread->outer;
}

static __always_inline bool is_frame_of(const struct ssl_call *call, __u64 stack)
{
	return stack + CALL_STACK_BYTES > call->stack && stack < call->stack + CALL_STACK_BYTES;
}

/* The call that returns at this stack pointer; 0 if its beginning was not seen. */
static __always_inline struct ssl_call *pop_call(struct ssl_thread *thread, __u64 stack)
{
	if (thread->depth == 2 && is_frame_of(&thread->inner, stack)) {
		thread->depth = 1;
		return &thread->inner;
	}
	if (thread->depth && is_frame_of(&thread->outer, stack)) {
		thread->depth = 0;
		return &thread->outer;
	}
	return 0;
}

#endif
