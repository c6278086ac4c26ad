/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0 */
/*
 * Hook family "fentry": at the return of the kernel's TCP functions. The cheapest: the socket is an
 * argument, and BTF lets its fields be loaded without a helper.
 */
#ifndef WEIR_TCP_FEXIT_H
#define WEIR_TCP_FEXIT_H

#include "transfer.h"

static __always_inline int sent(struct sock *sk, const struct msghdr *msg, __s64 result)
{
	struct transfer moved = { .sk = sk, .bytes = result, .direction = DIRECTION_OUT };
	struct tcp_sock *tp;
	struct call call = {};
	struct conn *conn;

	if (result <= 0 || !is_selected(current_tgid()))
		return 0;
	tp = bpf_skc_to_tcp_sock(sk);
	if (!tp)
		return 0;
	moved.seq = tp->write_seq;
	conn = begin_call(&moved, &call);
	if (!conn)
		return 0;
	if (msg)
		call.source = rewound_source(msg, true, call.bytes);
	on_bytes(conn, &call);
	return 0;
}

/* int tcp_sendmsg(struct sock *sk, struct msghdr *msg, size_t size) */
SEC("fexit/tcp_sendmsg")
int fexit_tcp_sendmsg(__u64 *ctx)
{
	return sent((struct sock *)ctx[0], (struct msghdr *)ctx[1], (int)ctx[3]);
}

/* int tcp_sendpage(struct sock *sk, struct page *page, int offset, size_t size, int flags): gone
 * in 6.5 (dc97391e6610), where sendfile and splice arrive at tcp_sendmsg. */
SEC("fexit/tcp_sendpage")
int fexit_tcp_sendpage(__u64 *ctx)
{
	return sent((struct sock *)ctx[0], 0, (int)ctx[5]);
}

static __always_inline int received(struct sock *sk, const struct msghdr *msg, __u64 flags,
				    __s64 result)
{
	struct transfer moved = { .sk = sk, .bytes = result, .direction = DIRECTION_IN };
	struct tcp_sock *tp;
	struct call call = {};
	struct conn *conn;

	if (result < 0 || flags & (MSG_PEEK | MSG_ERRQUEUE | MSG_OOB) ||
	    !is_selected(current_tgid()))
		return 0;
	if (!result) {
		on_read_nothing(sk);
		return 0;
	}
	tp = bpf_skc_to_tcp_sock(sk);
	if (!tp)
		return 0;
	moved.seq = tp->copied_seq;
	conn = begin_call(&moved, &call);
	if (!conn)
		return 0;
	if (msg && !(flags & MSG_TRUNC))
		call.source = rewound_source(msg, true, call.bytes);
	on_bytes(conn, &call);
	return 0;
}

/*
 * int tcp_recvmsg(struct sock *sk, struct msghdr *msg, size_t len, [int nonblock,] int flags, int
 * *addr_len): nonblock went in 5.19 (ec095263a965). Helpers tell the number of arguments since 5.17
 * (f92c1e183604); before, there are six.
 */
SEC("fexit/tcp_recvmsg")
int fexit_tcp_recvmsg(__u64 *ctx)
{
	__u64 flags = 0, result = 0;

	if (!bpf_core_enum_value_exists(enum bpf_func_id, BPF_FUNC_get_func_arg_cnt))
		return received((struct sock *)ctx[0], (struct msghdr *)ctx[1], (__u32)ctx[4],
				(int)ctx[6]);
	bpf_get_func_arg(ctx, bpf_get_func_arg_cnt(ctx) - 2, &flags);
	bpf_get_func_ret(ctx, &result);
	return received((struct sock *)ctx[0], (struct msghdr *)ctx[1], (__u32)flags, (int)result);
}

/* ssize_t tcp_splice_read(struct socket *sock, loff_t *ppos, struct pipe_inode_info *pipe, size_t
 * len, unsigned int flags) */
SEC("fexit/tcp_splice_read")
int fexit_tcp_splice_read(__u64 *ctx)
{
	struct socket *socket = (struct socket *)ctx[0];

	return received(socket->sk, 0, 0, (__s64)ctx[5]);
}

#endif
