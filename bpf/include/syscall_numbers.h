/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0 */
/* System calls per architecture: numbers, and where arguments are when the call returns. */
#ifndef WEIR_SYSCALL_NUMBERS_H
#define WEIR_SYSCALL_NUMBERS_H

#include "vmlinux.h"

#if defined(__TARGET_ARCH_x86)

#define NR_READ 0
#define NR_WRITE 1
#define NR_MMAP 9
#define NR_READV 19
#define NR_WRITEV 20
#define NR_SENDFILE 40
#define NR_SENDTO 44
#define NR_RECVFROM 45
#define NR_SENDMSG 46
#define NR_RECVMSG 47
#define NR_SPLICE 275
#define NR_RECVMMSG 299
#define NR_SENDMMSG 307
#define NR_IO_URING_SETUP 425

/* Of a 32-bit program. */
#define NR_COMPAT_SOCKETCALL 102

#define USER32_CS 0x23

#define syscall_number(regs) ((regs)->orig_ax)
#define argument_0(regs) ((regs)->di)
#define argument_1(regs) ((regs)->si)
#define argument_2(regs) ((regs)->dx)
#define argument_3(regs) ((regs)->r10)
#define argument_4(regs) ((regs)->r8)
#define is_compat(regs) ((regs)->cs == USER32_CS)
#define is_compat_socket_call(number) \
	((number) == NR_COMPAT_SOCKETCALL || ((number) >= 369 && (number) <= 372))

/* Numbers up to 63 by a bit each; and the few above. The compat ones are let through to be counted.
 */
#define LOW_NUMBERS                                                                           \
	(1ULL << NR_READ | 1ULL << NR_WRITE | 1ULL << NR_READV | 1ULL << NR_WRITEV |          \
	 1ULL << NR_SENDFILE | 1ULL << NR_SENDTO | 1ULL << NR_RECVFROM | 1ULL << NR_SENDMSG | \
	 1ULL << NR_RECVMSG)

static __always_inline bool moves_bytes(__u32 number)
{
	if (number < 64)
		return LOW_NUMBERS >> number & 1;
	return number == NR_SPLICE || number == NR_RECVMMSG || number == NR_SENDMMSG ||
	       number == NR_IO_URING_SETUP || is_compat_socket_call(number);
}

#elif defined(__TARGET_ARCH_arm64)

#define NR_READ 63
#define NR_WRITE 64
#define NR_READV 65
#define NR_WRITEV 66
#define NR_SENDFILE 71
#define NR_SPLICE 76
#define NR_SENDTO 206
#define NR_RECVFROM 207
#define NR_SENDMSG 211
#define NR_RECVMSG 212
#define NR_MMAP 222
#define NR_RECVMMSG 243
#define NR_SENDMMSG 269
#define NR_IO_URING_SETUP 425

#define PSR_MODE32_BIT 0x10

#define syscall_number(regs) ((regs)->syscallno)
#define argument_0(regs) ((regs)->orig_x0)
#define argument_1(regs) ((regs)->regs[1])
#define argument_2(regs) ((regs)->regs[2])
#define argument_3(regs) ((regs)->regs[3])
#define argument_4(regs) ((regs)->regs[4])
#define is_compat(regs) ((regs)->pstate & PSR_MODE32_BIT)
/* send, sendto, recv, recvfrom, sendmsg, recvmsg of a 32-bit program. */
#define is_compat_socket_call(number) \
	(((number) >= 289 && (number) <= 292) || (number) == 296 || (number) == 297)

static __always_inline bool moves_bytes(__u32 number)
{
	return (number >= NR_READ && number <= NR_WRITEV) || number == NR_SENDFILE ||
	       number == NR_SPLICE || number == NR_SENDTO || number == NR_RECVFROM ||
	       number == NR_SENDMSG || number == NR_RECVMSG || number == NR_RECVMMSG ||
	       number == NR_SENDMMSG || number == NR_IO_URING_SETUP ||
	       is_compat_socket_call(number);
}

#endif

#endif
