/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0 */
/*
 * Hook family "kprobe": entry and return of the kernel's TCP functions, where neither fentry nor
 * system call tracepoints load. A return probe misses calls when many threads block (facts are
 * counted: STAT_RETURN_MISSED); positions then show the gap.
 */
#ifndef WEIR_TCP_KPROBES_H
#define WEIR_TCP_KPROBES_H

#include "transfer.h"

/* A call under way. */
struct pending_call {
	const struct sock *sk;
	const struct msghdr *msg; /* 0: nothing can be captured */
	__u64 flags;
};

/* TCP calls under way. Key: pid_tgid. Writer: entry probes. Reader: return probes. */
struct {
	__uint(type, BPF_MAP_TYPE_LRU_HASH);
	__uint(max_entries, 16384);
	__type(key, __u64);
	__type(value, struct pending_call);
} pending_calls SEC(".maps");

static __always_inline int enter_call(const struct sock *sk, const struct msghdr *msg, __u64 flags)
{
	struct pending_call call = { .sk = sk, .msg = msg, .flags = flags };
	__u64 pid_tgid = bpf_get_current_pid_tgid();

	if (!is_selected(pid_tgid >> 32))
		return 0;
	if (bpf_map_lookup_elem(&pending_calls, &pid_tgid))
		count(STAT_RETURN_MISSED);
	bpf_map_update_elem(&pending_calls, &pid_tgid, &call, BPF_ANY);
	return 0;
}

/* Takes the call that now returns. */
static __always_inline bool leave_call(struct pending_call *to)
{
	__u64 pid_tgid = bpf_get_current_pid_tgid();
	struct pending_call *call = bpf_map_lookup_elem(&pending_calls, &pid_tgid);

	if (!call)
		return false;
	*to = *call;
	bpf_map_delete_elem(&pending_calls, &pid_tgid);
	return true;
}

static __always_inline int returned(__u32 direction, __s64 result)
{
	struct transfer moved = { .bytes = result, .direction = direction };
	struct pending_call pending;
	struct call call = {};
	struct conn *conn;

	if (!leave_call(&pending) || result < 0 ||
	    pending.flags & (MSG_PEEK | MSG_ERRQUEUE | MSG_OOB))
		return 0;
	if (!result) {
		if (direction == DIRECTION_IN)
			on_read_nothing(pending.sk);
		return 0;
	}
	moved.sk = pending.sk;
	moved.seq = seq_of(pending.sk, direction);
	conn = begin_call(&moved, &call);
	if (!conn)
		return 0;
	if (pending.msg && !(pending.flags & MSG_TRUNC))
		call.source = rewound_source(pending.msg, false, call.bytes);
	on_bytes(conn, &call);
	return 0;
}

SEC("kprobe/tcp_sendmsg")
int kprobe_tcp_sendmsg(struct pt_regs *ctx)
{
	return enter_call((const struct sock *)PT_REGS_PARM1(ctx),
			  (const struct msghdr *)PT_REGS_PARM2(ctx), 0);
}

SEC("kprobe/tcp_sendpage")
int kprobe_tcp_sendpage(struct pt_regs *ctx)
{
	return enter_call((const struct sock *)PT_REGS_PARM1(ctx), 0, 0);
}

/* The flags are the fourth argument since 5.19 (see fexit.h), with a pointer behind them; the fifth
 * before. */
SEC("kprobe/tcp_recvmsg")
int kprobe_tcp_recvmsg(struct pt_regs *ctx)
{
	__u64 fifth = PT_REGS_PARM5(ctx), flags = fifth >> 32 ? PT_REGS_PARM4(ctx) : fifth;

	return enter_call((const struct sock *)PT_REGS_PARM1(ctx),
			  (const struct msghdr *)PT_REGS_PARM2(ctx), (__u32)flags);
}

SEC("kprobe/tcp_splice_read")
int kprobe_tcp_splice_read(struct pt_regs *ctx)
{
	const struct socket *socket = (const struct socket *)PT_REGS_PARM1(ctx);

	return enter_call(BPF_CORE_READ(socket, sk), 0, 0);
}

SEC("kretprobe/tcp_sendmsg")
int kretprobe_tcp_sendmsg(struct pt_regs *ctx)
{
	return returned(DIRECTION_OUT, (int)PT_REGS_RC(ctx));
}

SEC("kretprobe/tcp_sendpage")
int kretprobe_tcp_sendpage(struct pt_regs *ctx)
{
	return returned(DIRECTION_OUT, (int)PT_REGS_RC(ctx));
}

SEC("kretprobe/tcp_recvmsg")
int kretprobe_tcp_recvmsg(struct pt_regs *ctx)
{
	return returned(DIRECTION_IN, (int)PT_REGS_RC(ctx));
}

SEC("kretprobe/tcp_splice_read")
int kretprobe_tcp_splice_read(struct pt_regs *ctx)
{
	return returned(DIRECTION_IN, PT_REGS_RC(ctx));
}

#endif
