/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0 */
/* What weir reads of the kernel, arm64: see ../kernel.h. */
#ifndef __VMLINUX_H__
#define __VMLINUX_H__

#include "../kernel.h"

#pragma clang attribute push(__attribute__((preserve_access_index)), apply_to = record)

/* The saved registers of a task, arch/arm64/include/asm/ptrace.h. At the end of a system call
 * regs[0] holds the result and orig_x0 the first argument. */
struct user_pt_regs {
	__u64 regs[31];
	__u64 sp;
	__u64 pc;
	__u64 pstate;
};

struct pt_regs {
	struct {
		__u64 regs[31];
		__u64 sp;
		__u64 pc;
		__u64 pstate;
	};
	__u64 orig_x0;
	__s32 syscallno;
};

#pragma clang attribute pop

#endif
