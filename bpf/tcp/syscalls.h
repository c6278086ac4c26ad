/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0 */
/*
 * Hook family "tracepoint": one program at the end of every system call. All that it needs is there
 * still: the number, the arguments and the result. For kernels without function tracing and
 * kprobes.
 */
#ifndef WEIR_TCP_SYSCALLS_H
#define WEIR_TCP_SYSCALLS_H

#include "../udp/syscalls.h"
#include "files.h"
#include "shapes.h"
#include "syscall_numbers.h"
#include "transfer.h"

#define MESSAGES_SUMMED 1024 /* as many as a system call takes (UIO_MAXIOV) */

/*
 * Bytes that a system call moved one way, or those of one of its messages: `later` more came behind
 * them. `source`: see packed(). A global function, as walk_step: how the call was sorted is
 * forgotten here, and a call of many messages needs no more than its loop.
 */
__attribute__((noinline)) int on_transfer(__u64 sk, __u64 address, __u64 source, __u64 bytes,
					  __u64 later)
{
	struct transfer moved = { .sk = (const struct sock *)sk, .bytes = bytes };
	struct call call = {};
	struct conn *conn;

	moved.direction = packed_direction(source);
	moved.seq = seq_of(moved.sk, moved.direction) - later;
	conn = begin_call(&moved, &call);
	if (!conn)
		return 0;
	if (packed_kind(source) == SOURCE_BUFFER)
		call.source = buffer_source(address);
	else if (packed_kind(source) == SOURCE_USER)
		call.source = iovec_source(address, source >> 4);
	on_bytes(conn, &call);
	return 0;
}

/* Of all messages. A global function too, for its loop. */
__attribute__((noinline)) int bytes_of_messages(__u64 messages, __u32 number)
{
	const struct mmsghdr *message = (const struct mmsghdr *)messages;
	__u32 bytes = 0, one;

	for (__u32 i = 0; i < MESSAGES_SUMMED && i < number; i++) {
		if (bpf_probe_read_user(&one, sizeof(one), &message[i].msg_len))
			break;
		bytes += one;
	}
	return bytes;
}

static __always_inline void on_messages(const struct sock *sk, const struct syscall *syscall,
					__u64 messages, __u32 number)
{
	__u64 left = (__u32)bytes_of_messages(messages, number);
	bool captured = !(syscall->flags & MSG_TRUNC);
	struct mmsghdr message = {};

	for (__u32 i = 0; i < MESSAGES_MAX && i < number; i++) {
		if (bpf_probe_read_user(&message, sizeof(message),
					(const void *)(messages + i * sizeof(message))))
			break;
		left -= message.msg_len;
		if (message.msg_len)
			on_transfer((__u64)sk, (__u64)message.msg_hdr.msg_iov,
				    packed(syscall->direction, captured ? SOURCE_USER : SOURCE_NONE,
					   message.msg_hdr.msg_iovlen),
				    message.msg_len, left);
	}
	if (left) {
		count(STAT_MESSAGES);
		on_transfer((__u64)sk, 0, packed(syscall->direction, SOURCE_NONE, 0), left, 0);
	} else if (!message.msg_len && syscall->direction == DIRECTION_IN) {
		on_read_nothing(sk);
	}
}

/* Any other call: its bytes lie in a buffer, in segments, or where nobody can read them. */
static __always_inline void on_one(const struct sock *sk, const struct syscall *syscall,
				   struct pt_regs *regs, __u64 bytes)
{
	__u64 address = argument_1(regs), source = packed(syscall->direction, SOURCE_NONE, 0);
	struct user_msghdr msg;

	if (syscall->shape == SHAPE_BUFFER) {
		source = packed(syscall->direction, SOURCE_BUFFER, 0);
	} else if (syscall->shape == SHAPE_VECTOR) {
		source = packed(syscall->direction, SOURCE_USER, argument_2(regs));
	} else if (syscall->shape == SHAPE_MESSAGE &&
		   !bpf_probe_read_user(&msg, sizeof(msg), (const void *)address)) {
		address = (__u64)msg.msg_iov;
		source = packed(syscall->direction, SOURCE_USER, msg.msg_iovlen);
	}
	if (syscall->flags & MSG_TRUNC)
		source = packed(syscall->direction, SOURCE_NONE, 0);
	on_transfer((__u64)sk, address, source, bytes, 0);
}

static __always_inline void on_syscall(const struct syscall *syscall, struct pt_regs *regs,
				       __s64 result)
{
	const struct sock *sk = socket_of(syscall->fd);
	__u16 protocol = sk ? BPF_CORE_READ(sk, sk_protocol) : 0;

	if (protocol != IPPROTO_TCP) {
		if (protocol == IPPROTO_UDP)
			on_datagram_syscall(sk, syscall, regs, result);
		return;
	}
	if (!result) {
		if (syscall->direction == DIRECTION_IN)
			on_read_nothing(sk);
		return;
	}
	if (syscall->shape == SHAPE_MESSAGES)
		on_messages(sk, syscall, argument_1(regs), result);
	else
		on_one(sk, syscall, regs, result);
}

/* Sorts the calls that may move bytes of a socket. False: not one of them. */
static __always_inline bool sort_syscall(struct pt_regs *regs, __u32 number, struct syscall *to)
{
#define SHAPE(of, way)                           \
	do {                                     \
		to->shape = SHAPE_##of;          \
		to->direction = DIRECTION_##way; \
	} while (0)

	to->fd = argument_0(regs);
	switch (number) {
	case NR_READ:
		SHAPE(BUFFER, IN);
		break;
	case NR_WRITE:
	case NR_SENDTO:
		SHAPE(BUFFER, OUT);
		break;
	case NR_RECVFROM:
		SHAPE(BUFFER, IN);
		to->flags = argument_3(regs);
		break;
	case NR_READV:
		SHAPE(VECTOR, IN);
		break;
	case NR_WRITEV:
		SHAPE(VECTOR, OUT);
		break;
	case NR_SENDMSG:
		SHAPE(MESSAGE, OUT);
		break;
	case NR_RECVMSG:
		SHAPE(MESSAGE, IN);
		to->flags = argument_2(regs);
		break;
	case NR_SENDMMSG:
		SHAPE(MESSAGES, OUT);
		break;
	case NR_RECVMMSG:
		SHAPE(MESSAGES, IN);
		to->flags = argument_3(regs);
		break;
	case NR_SPLICE: /* from a pipe to that of argument 2, or from this one to a pipe */
		SHAPE(OPAQUE, OUT);
		to->fd = argument_2(regs);
		if (tcp_socket_of(to->fd))
			break;
		SHAPE(OPAQUE, IN);
		to->fd = argument_0(regs);
		break;
	case NR_SENDFILE:
		SHAPE(OPAQUE, OUT);
		break;
	default:
		return false;
	}
	return !(to->flags & (MSG_PEEK | MSG_ERRQUEUE | MSG_OOB));
#undef SHAPE
}

SEC("tp_btf/sys_exit")
int sys_exit(__u64 *ctx)
{
	struct pt_regs *regs = (struct pt_regs *)ctx[0];
	__u32 number = syscall_number(regs);
	struct syscall syscall = {};
	__s64 result = ctx[1];

	if (result < 0 || !moves_bytes(number) || !is_selected(current_tgid()))
		return 0;
	if (is_compat(regs)) {
		if (is_compat_socket_call(number))
			count(STAT_COMPAT_CALL);
		return 0;
	}
	if (number == NR_IO_URING_SETUP) {
		count(STAT_IO_URING);
		return 0;
	}
	if (!sort_syscall(regs, number, &syscall))
		return 0;
	on_syscall(&syscall, regs, result);
	return 0;
}

#endif
