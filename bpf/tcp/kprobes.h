/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0 */
/*
 * Hook family "kprobe": where neither fentry nor system call tracepoints load. A call is noted at
 * the entry of the kernel's TCP functions, and looked at where they let the socket go: at the entry
 * of release_sock, so the numbers are those of this call and of nobody else's. No kretprobe: each
 * blocked call would hold one of its few places for all processes together (2 on a kernel 5.10 with
 * two CPUs), and calls beyond those are not seen at all.
 */
#ifndef WEIR_TCP_KPROBES_H
#define WEIR_TCP_KPROBES_H

#include "return_address.h"
#include "transfer.h"

/* The largest of the functions is shorter, and what else lets sockets go lies farther away, or
 * moves no bytes. */
#define FUNCTION_MAX 4096

/* A call under way. */
struct pending_call {
	const struct sock *sk;
	const struct msghdr *msg; /* 0: nothing can be captured */
	conn_id_t conn_id;
	__u64 function; /* address */
	__u32 seq;	/* of its direction, before it moved anything that is not told yet */
	__u16 direction;
	__u16 released; /* has let the socket go: it may be over */
};

/* TCP calls under way. Key: pid_tgid. Writer, reader: the programs below. */
struct {
	__uint(type, BPF_MAP_TYPE_LRU_HASH);
	__uint(max_entries, 16384);
	__type(key, __u64);
	__type(value, struct pending_call);
} pending_calls SEC(".maps");

/* Adopts at the entry: what the call moves is then told by the numbers. */
static __always_inline struct conn *conn_of(const struct sock *sk, __u32 direction)
{
	struct conn_key key = socket_key(sk);
	struct conn *conn = find_conn(&key);

	return conn ?: adopt_socket(sk, direction, 0);
}

static __always_inline int enter_call(struct pt_regs *ctx, const struct sock *sk,
				      const struct msghdr *msg, __u32 direction)
{
	struct pending_call call = { .sk = sk, .msg = msg, .direction = direction };
	__u64 pid_tgid = bpf_get_current_pid_tgid();
	struct pending_call *before;
	struct conn *conn;

	if (!is_selected(pid_tgid >> 32))
		return 0;
	conn = conn_of(sk, direction);
	if (!conn)
		return 0;
	before = bpf_map_lookup_elem(&pending_calls, &pid_tgid);
	if (before && !before->released)
		count(STAT_RETURN_MISSED);
	call.conn_id = conn->head.conn_id;
	call.function = PT_REGS_IP(ctx);
	call.seq = seq_of(sk, direction);
	bpf_map_update_elem(&pending_calls, &pid_tgid, &call, BPF_ANY);
	return 0;
}

/* How many bytes the call has moved since it was last looked at. */
static __always_inline __u32 moved_bytes(const struct pending_call *call, const struct conn *conn,
					 __u32 seq)
{
	const struct stream *stream = call->direction == DIRECTION_IN ? &conn->in : &conn->out;
	/* Others may have moved and told some of them since the entry, or moved some untold
	 * before. */
	__u32 bytes = min_u64(seq - call->seq, seq - stream->seq);
	const struct sock *sk = call->sk;

	/* A FIN counts as one. */
	if (call->direction == DIRECTION_IN)
		return bytes - (bytes && has_taken_fin(sk, seq));
	return BPF_CORE_READ(sk, sk_shutdown) & SEND_SHUTDOWN ? 0 : bytes;
}

static __always_inline void on_release(struct pending_call *pending, struct conn *conn)
{
	struct transfer moved = { .sk = pending->sk, .direction = pending->direction };
	struct call call = {};

	pending->released = true;
	moved.seq = seq_of(pending->sk, pending->direction);
	moved.bytes = moved_bytes(pending, conn, moved.seq);
	pending->seq = moved.seq;
	if (!moved.bytes) {
		if (pending->direction == DIRECTION_IN)
			on_read_nothing(pending->sk);
		return;
	}
	if (!begin_call(&moved, &call))
		return;
	if (pending->msg)
		call.source = rewound_source(pending->msg, false, call.bytes);
	on_bytes(conn, &call);
}

SEC("kprobe/tcp_sendmsg")
int kprobe_tcp_sendmsg(struct pt_regs *ctx)
{
	return enter_call(ctx, (const struct sock *)PT_REGS_PARM1(ctx),
			  (const struct msghdr *)PT_REGS_PARM2(ctx), DIRECTION_OUT);
}

SEC("kprobe/tcp_sendpage")
int kprobe_tcp_sendpage(struct pt_regs *ctx)
{
	return enter_call(ctx, (const struct sock *)PT_REGS_PARM1(ctx), 0, DIRECTION_OUT);
}

/* The flags are the fourth argument since 5.19 (see fexit.h), with a pointer behind them; the fifth
 * before. */
SEC("kprobe/tcp_recvmsg")
int kprobe_tcp_recvmsg(struct pt_regs *ctx)
{
	__u64 fifth = PT_REGS_PARM5(ctx), flags = fifth >> 32 ? PT_REGS_PARM4(ctx) : fifth;
	const struct msghdr *msg = (const struct msghdr *)PT_REGS_PARM2(ctx);

	if (flags & (MSG_PEEK | MSG_ERRQUEUE | MSG_OOB))
		return 0;
	return enter_call(ctx, (const struct sock *)PT_REGS_PARM1(ctx), flags & MSG_TRUNC ? 0 : msg,
			  DIRECTION_IN);
}

SEC("kprobe/tcp_splice_read")
int kprobe_tcp_splice_read(struct pt_regs *ctx)
{
	const struct socket *socket = (const struct socket *)PT_REGS_PARM1(ctx);

	return enter_call(ctx, BPF_CORE_READ(socket, sk), 0, DIRECTION_IN);
}

/* void release_sock(struct sock *sk): called by every operation on a socket, also where one waits.
 */
SEC("kprobe/release_sock")
int kprobe_release_sock(struct pt_regs *ctx)
{
	const struct sock *sk = (const struct sock *)PT_REGS_PARM1(ctx);
	__u64 pid_tgid = bpf_get_current_pid_tgid();
	struct conn_key key = socket_key(sk);
	struct pending_call *pending;
	struct conn *conn;

	if (!is_selected(pid_tgid >> 32))
		return 0;
	pending = bpf_map_lookup_elem(&pending_calls, &pid_tgid);
	if (!pending || pending->sk != sk ||
	    return_address(ctx) - pending->function >= FUNCTION_MAX)
		return 0;
	conn = find_conn(&key);
	if (conn && conn->head.conn_id == pending->conn_id)
		on_release(pending, conn);
	return 0;
}

#endif
