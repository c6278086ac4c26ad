/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0 */
/*
 * Hook family "tracepoint": one program at the end of every system call. All that it needs is there
 * still: the number, the arguments and the result. For kernels without function tracing and
 * kprobes.
 */
#ifndef WEIR_TCP_SYSCALLS_H
#define WEIR_TCP_SYSCALLS_H

#include "files.h"
#include "syscall_numbers.h"
#include "transfer.h"

/* Messages of one recvmmsg or sendmmsg whose lengths are added up. */
#define MESSAGES_MAX 64

/* The segments of a message in user memory. */
static __always_inline struct source message_source(const void *message)
{
	struct user_msghdr msg;

	if (bpf_probe_read_user(&msg, sizeof(msg), message))
		return no_source();
	return iovec_source((__u64)msg.msg_iov, msg.msg_iovlen);
}

/* Many messages by one call count as one, of which nothing is captured: each ends before its
 * segments do. A global function, as walk_segments. */
__attribute__((noinline)) int bytes_of_messages(__u64 messages, __u32 number)
{
	const struct mmsghdr *message = (const struct mmsghdr *)messages;
	__u32 bytes = 0, one;

	for (__u32 i = 0; i < MESSAGES_MAX && i < number; i++) {
		if (bpf_probe_read_user(&one, sizeof(one), &message[i].msg_len))
			break;
		bytes += one;
	}
	return bytes;
}

/* What a system call did, by the kind of its arguments. */
enum shape {
	SHAPE_NONE = 0,
	SHAPE_BUFFER,	/* arguments 1, 2: buffer, length */
	SHAPE_VECTOR,	/* iovecs, their number */
	SHAPE_MESSAGE,	/* struct msghdr */
	SHAPE_MESSAGES, /* array of struct mmsghdr */
	SHAPE_OPAQUE,	/* nothing to capture */
};

struct syscall {
	__u32 fd;
	__u32 shape;
	__u32 direction;
	__u32 flags;
};

static __always_inline struct source syscall_source(const struct syscall *syscall,
						    struct pt_regs *regs, __s64 result)
{
	if (syscall->flags & MSG_TRUNC || (syscall->shape == SHAPE_MESSAGES && result > 1))
		return no_source();
	if (syscall->shape == SHAPE_BUFFER)
		return buffer_source(argument_1(regs));
	if (syscall->shape == SHAPE_VECTOR)
		return iovec_source(argument_1(regs), argument_2(regs));
	if (syscall->shape == SHAPE_MESSAGE || syscall->shape == SHAPE_MESSAGES)
		return message_source((const void *)argument_1(regs));
	return no_source();
}

static __always_inline void on_syscall(const struct syscall *syscall, struct pt_regs *regs,
				       __s64 result)
{
	struct transfer moved = { .direction = syscall->direction, .bytes = result };
	struct call call = {};
	struct conn *conn;

	moved.sk = tcp_socket_of(syscall->fd);
	if (!moved.sk)
		return;
	if (!result) {
		if (syscall->direction == DIRECTION_IN)
			on_read_nothing(moved.sk);
		return;
	}
	if (syscall->shape == SHAPE_MESSAGES)
		moved.bytes = (__u32)bytes_of_messages(argument_1(regs), result);
	moved.seq = seq_of(moved.sk, syscall->direction);
	conn = begin_call(&moved, &call);
	if (!conn)
		return;
	call.source = syscall_source(syscall, regs, result);
	on_bytes(conn, &call);
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
	/* A system call's number is not negative. */
	to->shape = forget(to->shape, 7, (__u64)syscall_number(regs) >> 63);
	to->direction = forget(to->direction, 1, (__u64)syscall_number(regs) >> 63);
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
