/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0 */
/*
 * Datagrams by the hook family "kprobe", and what IPv6 sends by "fentry", without return probes
 * (see ../tcp/kprobes.h): one is told when it is handed in, whether or not the kernel then takes
 * it, and one that came when the kernel lets it go, the process having it by then.
 */
#ifndef WEIR_UDP_KPROBES_H
#define WEIR_UDP_KPROBES_H

#include "datagrams.h"

/* A read under way. */
struct pending_read {
	const struct sock *sk;
	const struct msghdr *msg;
};

/* Reads of sockets whose datagrams may be wanted. Key: pid_tgid. Writer, reader: the programs
 * below. */
struct {
	__uint(type, BPF_MAP_TYPE_LRU_HASH);
	__uint(max_entries, 1024);
	__type(key, __u64);
	__type(value, struct pending_read);
} pending_reads SEC(".maps");

static __always_inline port_t local_port(const struct sock *sk)
{
	return BPF_CORE_READ(sk, __sk_common.skc_num);
}

static __always_inline port_t connected_port(const struct sock *sk)
{
	return __builtin_bswap16(BPF_CORE_READ(sk, __sk_common.skc_dport));
}

static __always_inline struct datagram_call call_of(const struct sock *sk, const struct msghdr *msg,
						    __u64 bytes, __u32 direction)
{
	return (struct datagram_call){
		.sk = sk,
		.name = (__u64)BPF_CORE_READ(msg, msg_name),
		.bytes = bytes,
		.direction = direction,
	};
}

static __always_inline int hand_in(struct pt_regs *ctx, bool v6)
{
	const struct sock *sk = (const struct sock *)PT_REGS_PARM1(ctx);
	const struct msghdr *msg = (const struct msghdr *)PT_REGS_PARM2(ctx);
	struct datagram_call call = call_of(sk, msg, PT_REGS_PARM3(ctx), DIRECTION_OUT);

	if (!call.bytes || !is_wanted(&call, local_port(sk), connected_port(sk)) ||
	    (v6 && goes_to_v4(&call)))
		return 0;
	call.source = fresh_source(msg, call.bytes);
	send_datagram(&call);
	return 0;
}

SEC("kprobe/udp_sendmsg")
int kprobe_udp_sendmsg(struct pt_regs *ctx)
{
	return hand_in(ctx, false);
}

SEC("kprobe/udpv6_sendmsg")
int kprobe_udpv6_sendmsg(struct pt_regs *ctx)
{
	return hand_in(ctx, true);
}

/* The flags are the fourth argument since 5.19, with a pointer behind them; the fifth before. */
static __always_inline int begin_read(struct pt_regs *ctx)
{
	const struct sock *sk = (const struct sock *)PT_REGS_PARM1(ctx);
	__u64 fifth = PT_REGS_PARM5(ctx), flags = fifth >> 32 ? PT_REGS_PARM4(ctx) : fifth;
	struct pending_read read = { .sk = sk };
	__u64 pid_tgid = bpf_get_current_pid_tgid();

	if (!reads_socket(sk, local_port(sk), connected_port(sk)) || !is_selected(pid_tgid >> 32))
		return 0;
	if (!(flags & (MSG_PEEK | MSG_ERRQUEUE | MSG_TRUNC)))
		read.msg = (const struct msghdr *)PT_REGS_PARM2(ctx);
	bpf_map_update_elem(&pending_reads, &pid_tgid, &read, BPF_ANY);
	return 0;
}

SEC("kprobe/udp_recvmsg")
int kprobe_udp_recvmsg(struct pt_regs *ctx)
{
	return begin_read(ctx);
}

SEC("kprobe/udpv6_recvmsg")
int kprobe_udpv6_recvmsg(struct pt_regs *ctx)
{
	return begin_read(ctx);
}

/* void skb_consume_udp(struct sock *sk, struct sk_buff *skb, int len): called at the end of either
 * recvmsg, when the bytes and the sender's name lie where the process wants them. */
SEC("kprobe/skb_consume_udp")
int kprobe_skb_consume_udp(struct pt_regs *ctx)
{
	const struct sock *sk = (const struct sock *)PT_REGS_PARM1(ctx);
	__u64 pid_tgid = bpf_get_current_pid_tgid();
	struct pending_read *read = bpf_map_lookup_elem(&pending_reads, &pid_tgid);
	__s64 bytes = (__s32)PT_REGS_PARM3(ctx);
	struct datagram_call call;

	if (!read || read->sk != sk || !read->msg || bytes <= 0)
		return 0;
	call = call_of(sk, read->msg, bytes, DIRECTION_IN);
	if (is_wanted(&call, local_port(sk), connected_port(sk))) {
		call.source = rewound_source(read->msg, false, bytes);
		send_datagram(&call);
	}
	bpf_map_delete_elem(&pending_reads, &pid_tgid);
	return 0;
}

#endif
