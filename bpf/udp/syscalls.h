/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0 */
/* Datagrams by the hook family "tracepoint": part of the program that ../tcp/syscalls.h has. */
#ifndef WEIR_UDP_SYSCALLS_H
#define WEIR_UDP_SYSCALLS_H

#include "../tcp/shapes.h"
#include "datagrams.h"
#include "syscall_numbers.h"

/* One that a system call, or one message of it, has moved. `source`: see packed(). A global
 * function, as walk_step. */
__attribute__((noinline)) int on_datagram_moved(__u64 sk, __u64 name, __u64 address, __u64 source,
						__u64 bytes)
{
	const struct sock *socket = (const struct sock *)sk;
	struct datagram_call call = {
		.sk = socket,
		.name = name,
		.bytes = bytes,
		.direction = packed_direction(source),
		.by_user = 1,
	};
	port_t local = BPF_CORE_READ(socket, __sk_common.skc_num);
	port_t connected = __builtin_bswap16(BPF_CORE_READ(socket, __sk_common.skc_dport));

	if (!bytes || !is_wanted(&call, local, connected))
		return 0;
	if (packed_kind(source) == SOURCE_BUFFER)
		call.source = buffer_source(address);
	else if (packed_kind(source) == SOURCE_USER)
		call.source = iovec_source(address, source >> 4);
	send_datagram(&call);
	return 0;
}

/* Those of a recvmmsg or sendmmsg. `source`: as for one, with the number of messages. */
__attribute__((noinline)) int on_datagrams_moved(__u64 sk, __u64 messages, __u64 source)
{
	__u32 number = source >> 4;
	struct mmsghdr message;

	for (__u32 i = 0; i < MESSAGES_MAX && i < number; i++) {
		if (bpf_probe_read_user(&message, sizeof(message),
					(const void *)(messages + i * sizeof(message))))
			return 0;
		on_datagram_moved(sk, (__u64)message.msg_hdr.msg_name,
				  (__u64)message.msg_hdr.msg_iov,
				  packed(packed_direction(source), packed_kind(source),
					 message.msg_hdr.msg_iovlen),
				  message.msg_len);
	}
	if (number > MESSAGES_MAX)
		count_n(STAT_LOST_DATAGRAM, number - MESSAGES_MAX);
	return 0;
}

/* One by struct msghdr. */
__attribute__((noinline)) int on_datagram_message(__u64 sk, __u64 address, __u64 source,
						  __u64 bytes)
{
	struct user_msghdr msg;

	if (bpf_probe_read_user(&msg, sizeof(msg), (const void *)address))
		return 0;
	return on_datagram_moved(
		sk, (__u64)msg.msg_name, (__u64)msg.msg_iov,
		packed(packed_direction(source), packed_kind(source), msg.msg_iovlen), bytes);
}

static __always_inline void on_datagram_syscall(const struct sock *sk,
						const struct syscall *syscall, struct pt_regs *regs,
						__s64 result)
{
	__u64 number = syscall_number(regs), address = argument_1(regs), name = 0;
	enum source_kind kind = syscall->flags & MSG_TRUNC ? SOURCE_NONE : SOURCE_USER;

	switch (syscall->shape) {
	case SHAPE_BUFFER:
		if (number == NR_SENDTO || number == NR_RECVFROM)
			name = argument_4(regs);
		if (kind != SOURCE_NONE)
			kind = SOURCE_BUFFER;
		on_datagram_moved((__u64)sk, name, address, packed(syscall->direction, kind, 0),
				  result);
		break;
	case SHAPE_VECTOR:
		on_datagram_moved((__u64)sk, 0, address,
				  packed(syscall->direction, kind, argument_2(regs)), result);
		break;
	case SHAPE_MESSAGE:
		on_datagram_message((__u64)sk, address, packed(syscall->direction, kind, 0),
				    result);
		break;
	case SHAPE_MESSAGES:
		on_datagrams_moved((__u64)sk, address, packed(syscall->direction, kind, result));
	}
}

#endif
