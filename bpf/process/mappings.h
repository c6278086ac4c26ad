/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0 */
/*
 * Files mapped executable, each once: so that user space finds a library that was opened by dlopen.
 * Three ways in, of which user space loads the first that it can: the kernel's own check before it
 * maps, by fentry or kprobe, and the end of the system call.
 */
#ifndef WEIR_PROCESS_MAPPINGS_H
#define WEIR_PROCESS_MAPPINGS_H

#include "files.h"
#include "select.h"
#include "syscall_numbers.h"

struct file_key {
	__u64 inode;
	__u64 device;
};

/* Files that a record has named. Writer, reader: on_mapping. */
struct {
	__uint(type, BPF_MAP_TYPE_LRU_HASH);
	__uint(max_entries, 8192);
	__type(key, struct file_key);
	__type(value, __u8);
} mapped_files SEC(".maps");

static __always_inline void send_mapping(const struct file_key *key)
{
	struct process_map *record = bpf_ringbuf_reserve(&process_ring, sizeof(*record), 0);
	__u8 known = 1;

	if (!record) {
		count(STAT_LOST_PROCESS);
		return;
	}
	*record = (struct process_map){
		.time_ns = bpf_ktime_get_boot_ns(),
		.tgid = current_tgid(),
		.type = RECORD_MAP,
		.inode = key->inode,
		.device = key->device,
	};
	bpf_ringbuf_submit(record, BPF_RB_NO_WAKEUP);
	bpf_map_update_elem(&mapped_files, key, &known, BPF_ANY);
}

static __always_inline int on_mapping(const struct file *file, __u64 prot)
{
	struct file_key key = {};

	if (!file || !(prot & PROT_EXEC) || !is_selected(current_tgid()))
		return 0;
	key.inode = BPF_CORE_READ(file, f_inode, i_ino);
	key.device = BPF_CORE_READ(file, f_inode, i_sb, s_dev);
	if (!bpf_map_lookup_elem(&mapped_files, &key))
		send_mapping(&key);
	return 0;
}

/* int security_mmap_file(struct file *file, unsigned long prot, unsigned long flags) */
SEC("fentry/security_mmap_file")
int fentry_mmap_file(__u64 *ctx)
{
	return on_mapping((const struct file *)ctx[0], ctx[1]);
}

SEC("kprobe/security_mmap_file")
int kprobe_mmap_file(struct pt_regs *ctx)
{
	return on_mapping((const struct file *)PT_REGS_PARM1(ctx), PT_REGS_PARM2(ctx));
}

SEC("tp_btf/sys_exit")
int sys_exit_mmap(__u64 *ctx)
{
	struct pt_regs *regs = (struct pt_regs *)ctx[0];

	if (syscall_number(regs) != NR_MMAP || ((__s64)ctx[1] < 0 && (__s64)ctx[1] > -4096) ||
	    is_compat(regs))
		return 0;
	if (!(argument_2(regs) & PROT_EXEC) || (__s32)argument_4(regs) < 0)
		return 0;
	return on_mapping(file_of(argument_4(regs)), PROT_EXEC);
}

#endif
