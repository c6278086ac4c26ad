/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0 */
/* libbpf's macros and the kernel's helpers, as far as the pairing uses them, for the host: see
 * ../../kernel.c. */
#ifndef WEIR_FUZZ_BPF_HELPERS_H
#define WEIR_FUZZ_BPF_HELPERS_H

#include <linux/bpf.h>
#include <stdbool.h>
#include <stddef.h>

#define SEC(name)
#undef __always_inline
#define __always_inline inline __attribute__((always_inline))
#define __uint(name, value) int(*name)[value]
#define __type(name, value) __typeof__(value) *name
#define __array(name, value) __typeof__(value) *name[4]

void *bpf_map_lookup_elem(const void *map, const void *key);
long bpf_map_update_elem(const void *map, const void *key, const void *value, __u64 flags);
long bpf_map_delete_elem(const void *map, const void *key);
long bpf_map_push_elem(const void *map, const void *value, __u64 flags);
long bpf_map_pop_elem(const void *map, void *value);
long bpf_probe_read_user(void *to, __u32 bytes, const void *from);
long bpf_probe_read_kernel(void *to, __u32 bytes, const void *from);
long bpf_ringbuf_output(void *ring, void *data, __u64 bytes, __u64 flags);
void *bpf_ringbuf_reserve(void *ring, __u64 bytes, __u64 flags);
void bpf_ringbuf_submit(void *data, __u64 flags);
__u64 bpf_ktime_get_boot_ns(void);
__u64 bpf_get_current_pid_tgid(void);
__u32 bpf_get_smp_processor_id(void);

#endif
