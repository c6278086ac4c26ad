/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0 */
/*
 * A probe behind the reading, deep in libssl, where registers that outlive calls still hold the
 * arguments: one hit for a call, instead of one before and one after. User space finds the place,
 * and proves which registers those are (receivers/ebpf/sources/openssl/read_points.ts).
 */
#ifndef WEIR_OPENSSL_READ_POINT_H
#define WEIR_OPENSSL_READ_POINT_H

#include "vmlinux.h"
#include <bpf/bpf_helpers.h>
#include <bpf/bpf_tracing.h>
#include "verifier.h"

/* Numbers of registers, as instructions number them; 0, which is none of those that are read: not
 * there. */
struct read_point {
	__u8 object;
	__u8 buffer;
	__u8 count;  /* holds the address of the count of bytes */
	__u8 peek;   /* not 0 in a call that only looks */
	__u8 length; /* bytes asked for */
	__u8 pad[3];
};

#define PAGE_BYTES 4096

/* Key: the probe's offset in its page, which is the same wherever the file is mapped. Writer: user
 * space, which attaches no two different ones at one offset. Reader: ssl_read_done. */
struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, PAGE_BYTES);
	__type(key, __u32);
	__type(value, struct read_point);
} read_points SEC(".maps");

static __always_inline const struct read_point *read_point_at(const struct pt_regs *ctx)
{
	__u32 key = PT_REGS_IP(ctx) & (PAGE_BYTES - 1);

	return bpf_map_lookup_elem(&read_points, &key);
}

/* Registers that outlive calls. Elsewhere than on x86-64 user space looks for no such place. */
struct kept_registers {
	__u64 bx, bp, r12, r13, r14, r15;
};

/* The verifier takes no address that is chosen among those in `ctx`: what is chosen is a value. */
static __always_inline struct kept_registers kept_registers(const struct pt_regs *ctx)
{
	struct kept_registers kept = {};

#if defined(__TARGET_ARCH_x86)
	kept.bx = ctx->bx;
	kept.bp = ctx->bp;
	kept.r12 = ctx->r12;
	kept.r13 = ctx->r13;
	kept.r14 = ctx->r14;
	kept.r15 = ctx->r15;
#else
	(void)ctx;
#endif
	opaque(kept.bx);
	opaque(kept.bp);
	opaque(kept.r12);
	opaque(kept.r13);
	opaque(kept.r14);
	opaque(kept.r15);
	return kept;
}

static __always_inline __u64 kept_register(const struct kept_registers *kept, __u8 number)
{
	switch (number) {
	case 3:
		return kept->bx;
	case 5:
		return kept->bp;
	case 12:
		return kept->r12;
	case 13:
		return kept->r13;
	case 14:
		return kept->r14;
	case 15:
		return kept->r15;
	}
	return 0;
}

#endif
