/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0 */
/* Who has called the function at whose entry a kprobe stands. */
#ifndef WEIR_TCP_RETURN_ADDRESS_H
#define WEIR_TCP_RETURN_ADDRESS_H

#include "vmlinux.h"
#include <bpf/bpf_helpers.h>
#include <bpf/bpf_tracing.h>

static __always_inline __u64 return_address(struct pt_regs *ctx)
{
#if defined(__TARGET_ARCH_x86)
	__u64 address = 0;

	bpf_probe_read_kernel(&address, sizeof(address), (const void *)PT_REGS_SP(ctx));
	return address;
#elif defined(__TARGET_ARCH_arm64)
	return ctx->regs[30]; /* the link register */
#endif
}

#endif
