/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0 */
/*
 * Datagrams by the hook family "fentry": at the return of the kernel's UDP functions. But for
 * udpv6_sendmsg, which gives what goes to IPv4 to udp_sendmsg with a name that is gone when it
 * returns: that is the kprobe's in kprobes.h, at its entry.
 */
#ifndef WEIR_UDP_FEXIT_H
#define WEIR_UDP_FEXIT_H

#include "datagrams.h"

static __always_inline int on_datagram(struct sock *sk, struct msghdr *msg, __s64 result,
				       __u32 direction)
{
	struct datagram_call call = {
		.sk = sk,
		.name = (__u64)msg->msg_name,
		.bytes = result,
		.direction = direction,
	};
	port_t local = sk->__sk_common.skc_num;
	port_t connected = __builtin_bswap16(sk->__sk_common.skc_dport);

	if (result <= 0 || !is_wanted(&call, local, connected))
		return 0;
	call.source = rewound_source(msg, true, result);
	send_datagram(&call);
	return 0;
}

/* int udp_sendmsg(struct sock *sk, struct msghdr *msg, size_t len) */
SEC("fexit/udp_sendmsg")
int fexit_udp_sendmsg(__u64 *ctx)
{
	return on_datagram((struct sock *)ctx[0], (struct msghdr *)ctx[1], (int)ctx[3],
			   DIRECTION_OUT);
}

/* What was only looked at, or came with its full length though it was cut, is no datagram here. */
static __always_inline int on_received(struct sock *sk, struct msghdr *msg, __u64 flags,
				       __s64 result)
{
	if (flags & (MSG_PEEK | MSG_ERRQUEUE | MSG_TRUNC))
		return 0;
	return on_datagram(sk, msg, result, DIRECTION_IN);
}

/* int udp_recvmsg(struct sock *sk, struct msghdr *msg, size_t len, [int nonblock,] int flags, int
 * *addr_len): as that of TCP, see ../tcp/fexit.h. */
static __always_inline int on_recvmsg(__u64 *ctx)
{
	__u64 flags = 0, result = 0;

	if (!bpf_core_enum_value_exists(enum bpf_func_id, BPF_FUNC_get_func_arg_cnt))
		return on_received((struct sock *)ctx[0], (struct msghdr *)ctx[1], (__u32)ctx[4],
				   (int)ctx[6]);
	bpf_get_func_arg(ctx, bpf_get_func_arg_cnt(ctx) - 2, &flags);
	bpf_get_func_ret(ctx, &result);
	return on_received((struct sock *)ctx[0], (struct msghdr *)ctx[1], (__u32)flags,
			   (int)result);
}

SEC("fexit/udp_recvmsg")
int fexit_udp_recvmsg(__u64 *ctx)
{
	return on_recvmsg(ctx);
}

SEC("fexit/udpv6_recvmsg")
int fexit_udpv6_recvmsg(__u64 *ctx)
{
	return on_recvmsg(ctx);
}

#endif
