/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0 */
/* What weir reads of the kernel, x86-64: see ../kernel.h. */
#ifndef __VMLINUX_H__
#define __VMLINUX_H__

#include "../kernel.h"

#pragma clang attribute push(__attribute__((preserve_access_index)), apply_to = record)

/* The saved registers of a task, arch/x86/include/asm/ptrace.h. */
struct pt_regs {
	unsigned long r15;
	unsigned long r14;
	unsigned long r13;
	unsigned long r12;
	unsigned long bp;
	unsigned long bx;
	unsigned long r11;
	unsigned long r10;
	unsigned long r9;
	unsigned long r8;
	unsigned long ax;
	unsigned long cx;
	unsigned long dx;
	unsigned long si;
	unsigned long di;
	unsigned long orig_ax;
	unsigned long ip;
	unsigned long cs;
	unsigned long flags;
	unsigned long sp;
	unsigned long ss;
};

#pragma clang attribute pop

#endif
