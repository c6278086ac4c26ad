/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0 */
/* The calls of libssl that a thread is in. */
#ifndef WEIR_OPENSSL_THREAD_H
#define WEIR_OPENSSL_THREAD_H

#include "tls.h"

/* Stack bytes that may lie between the two probes of one call: less than the frames of a call
 * inside it take. */
#define CALL_STACK_BYTES 256

/* A call of SSL_read or SSL_write that has begun. */
struct ssl_call {
	__u64 object; /* SSL * */
	__u64 buffer;
	__u64 count_at; /* where the call will write its count; 0: that is its result */
	boot_ns began;	/* 0: its bytes moved when it returns */
	__u64 stack;	/* stack pointer at the first probe: tells calls inside calls apart */
	__u32 direction;
	__u32 entered; /* 1: tls_threads says that the thread is inside */
};

/*
 * Entry of `ssl_threads`. A call inside a call is libssl over libssl: a BIO of the outer one reads
 * through the inner one.
 */
struct ssl_thread {
	struct ssl_call outer;
	struct ssl_call inner;
	__u32 depth;	/* calls under way: 0 to 2 */
	__u32 searches; /* 1: it has written plaintext whose socket is not known */
};

const struct ssl_thread empty_ssl_thread = {};

/* Threads that use libssl. Key: pid_tgid. Writer, reader: the programs of this object. A thread
 * that waits in SSL_read must not lose its entry, so there is room for many. */
struct {
	__uint(type, BPF_MAP_TYPE_LRU_HASH);
	__uint(max_entries, 16384);
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

/*
 * The room for a call that begins at this stack pointer; 0 below two others. A call whose frame the
 * stack has left by longjmp, or by a jump into the next function with the same arguments, makes
 * room.
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
