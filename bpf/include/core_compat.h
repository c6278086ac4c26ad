/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0 */
/* What differs between kernels, each with the commit that changed it. All by CO-RE, nothing by
 * #ifdef. */
#ifndef WEIR_CORE_COMPAT_H
#define WEIR_CORE_COMPAT_H

#include "vmlinux.h"
#include <bpf/bpf_core_read.h>
#include <bpf/bpf_helpers.h>

#pragma clang attribute push(__attribute__((preserve_access_index)), apply_to = record)

/* Before 747b1f65d39a "iov_iter: rename iter->iov to iter->__iov" (6.4). */
struct iov_iter___iov {
	const struct iovec *iov;
};

/* Since then. */
struct iov_iter___under {
	const struct iovec *__iov;
};

/* fcb14cb1bdac "new iov_iter flavour - ITER_UBUF" (6.0). */
struct iov_iter___ubuf {
	void *ubuf;
};

/* Before 8cd54c1c8480 "iov_iter: separate direction from flavour" (5.14): kind and direction in one
 * word. */
struct iov_iter___type {
	unsigned int type;
};

#pragma clang attribute pop

/* Numbers differ by kernel: ITER_IOVEC was 4, then 0, then 1. */
enum iter_type___x {
	ITER_IOVEC___x,
	ITER_UBUF___x,
};

/* What an iterator points to. */
enum iter_kind {
	ITER_KIND_OTHER = 0, /* pages or kernel memory: nothing to capture */
	ITER_KIND_IOVEC = 1,
	ITER_KIND_BUFFER = 2,
};

/* A field of a pointer that BTF types is loaded without a helper, which is a tenth of the cost; of
 * another not. */
#define LOAD(typed, ptr, field) ((typed) ? (ptr)->field : BPF_CORE_READ(ptr, field))

static __always_inline __u32 iter_kind(const struct iov_iter *it, bool typed)
{
	__u64 type;

	if (bpf_core_field_exists(struct iov_iter___type, type)) {
		/* The lowest bit is the direction; kernel memory has another bit. */
		type = LOAD(typed, (const struct iov_iter___type *)it, type);
		return (type & ~1ULL) == 4 ? ITER_KIND_IOVEC : ITER_KIND_OTHER;
	}
	type = LOAD(typed, it, iter_type);
	if (bpf_core_enum_value_exists(enum iter_type___x, ITER_UBUF___x) &&
	    type == bpf_core_enum_value(enum iter_type___x, ITER_UBUF___x))
		return ITER_KIND_BUFFER;
	if (bpf_core_enum_value_exists(enum iter_type___x, ITER_IOVEC___x) &&
	    type == bpf_core_enum_value(enum iter_type___x, ITER_IOVEC___x))
		return ITER_KIND_IOVEC;
	return ITER_KIND_OTHER;
}

/* Where an iterator points to: the current iovec, or the buffer. Always read by a helper, as a
 * number: the verifiers of 6.1 and 6.12 refuse arithmetic on pointers loaded through BTF. */
static __always_inline __u64 iter_address(const struct iov_iter *it, __u32 kind)
{
	if (kind == ITER_KIND_BUFFER)
		return (__u64)BPF_CORE_READ((const struct iov_iter___ubuf *)it, ubuf);
	if (bpf_core_field_exists(struct iov_iter___under, __iov))
		return (__u64)BPF_CORE_READ((const struct iov_iter___under *)it, __iov);
	return (__u64)BPF_CORE_READ((const struct iov_iter___iov *)it, iov);
}

/* The iterator's current segment, without a helper; false where BTF does not lead there: behind a
 * union of structures (6.4, 747b1f65d39a). */
static __always_inline bool load_segment(const struct iov_iter *iter, bool typed, struct iovec *to)
{
	const struct iov_iter___iov *it = (const struct iov_iter___iov *)iter;

	if (!typed || bpf_core_field_exists(struct iov_iter___under, __iov))
		return false;
	to->iov_base = it->iov->iov_base;
	to->iov_len = it->iov->iov_len;
	return true;
}

/* bpf_get_current_task_btf, whose fields are loaded without a helper, is there since 5.11
 * (3ca1032ab7ab). */
static __always_inline bool has_current_task_btf(void)
{
	return bpf_core_enum_value_exists(enum bpf_func_id, BPF_FUNC_get_current_task_btf);
}

#endif
