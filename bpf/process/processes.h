/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0 */
/* Exec, fork and exit. */
#ifndef WEIR_PROCESS_PROCESSES_H
#define WEIR_PROCESS_PROCESSES_H

#include "core_compat.h"
#include "select.h"
#include "stats.h"
#include "verifier.h"

struct exec_record {
	struct process_exec exec;
	__u8 data[EXEC_ARGS_MAX];
};

/* Where exec records are built. Key: 0. Writer, reader: sched_process_exec, which nothing of its
 * kind preempts. */
struct {
	__uint(type, BPF_MAP_TYPE_PERCPU_ARRAY);
	__uint(max_entries, 1);
	__type(key, __u32);
	__type(value, struct exec_record);
} exec_records SEC(".maps");

/* Arguments and environment lie one behind the other, where the kernel has just written them. */
static __always_inline void read_arguments(struct exec_record *record,
					   const struct task_struct *task)
{
	const struct mm_struct *mm = BPF_CORE_READ(task, mm);
	__u64 args = BPF_CORE_READ(mm, arg_start), args_end = BPF_CORE_READ(mm, arg_end);
	__u64 bytes = args_end - args;

	record->exec.args_bytes = min_u64(bytes, EXEC_ARGS_MAX);
	if (BPF_CORE_READ(mm, env_start) == args_end)
		bytes = BPF_CORE_READ(mm, env_end) - args;
	opaque(bytes);
	if (bytes > EXEC_ARGS_MAX)
		bytes = EXEC_ARGS_MAX;
	if (bpf_probe_read_user(record->data, bytes, (const void *)args)) {
		count(STAT_UNREADABLE);
		record->exec.args_bytes = 0;
		bytes = 0;
	}
	record->exec.captured = bytes;
}

/* A process that lives a few milliseconds has no /proc/PID/exe any more when user space looks. */
static __always_inline void read_path(struct process_exec *exec, const struct linux_binprm *bprm)
{
	if (bpf_probe_read_kernel_str(exec->path, sizeof(exec->path), BPF_CORE_READ(bprm, interp)) <
	    0)
		exec->path[0] = 0;
}

SEC("tp_btf/sched_process_exec")
int sched_process_exec(__u64 *ctx)
{
	struct task_struct *task = (struct task_struct *)ctx[0];
	struct exec_record *record;
	__u32 key = 0;
	__u64 bytes;

	decide_anew(task->tgid);
	record = bpf_map_lookup_elem(&exec_records, &key);
	if (!record)
		return 0;
	record->exec.time_ns = bpf_ktime_get_boot_ns();
	record->exec.tgid = task->tgid;
	record->exec.type = RECORD_EXEC;
	record->exec.parent = task->real_parent->tgid;
	read_path(&record->exec, (const struct linux_binprm *)ctx[2]);
	bpf_get_current_comm(record->exec.comm, sizeof(record->exec.comm));
	read_arguments(record, task);
	bytes = record->exec.captured;
	opaque(bytes);
	if (bytes > EXEC_ARGS_MAX)
		return 0;
	if (bpf_ringbuf_output(&process_ring, record, sizeof(record->exec) + bytes,
			       BPF_RB_NO_WAKEUP))
		count(STAT_LOST_PROCESS);
	return 0;
}

SEC("tp_btf/sched_process_fork")
int sched_process_fork(__u64 *ctx)
{
	struct task_struct *parent = (struct task_struct *)ctx[0],
			   *child = (struct task_struct *)ctx[1];
	struct process_fork *record;

	if (child->pid != child->tgid)
		return 0;
	record = bpf_ringbuf_reserve(&process_ring, sizeof(*record), 0);
	if (!record) {
		count(STAT_LOST_PROCESS);
		return 0;
	}
	*record = (struct process_fork){
		.time_ns = bpf_ktime_get_boot_ns(),
		.tgid = child->tgid,
		.type = RECORD_FORK,
		.parent = parent->tgid,
	};
	bpf_ringbuf_submit(record, BPF_RB_NO_WAKEUP);
	return 0;
}

/* Every thread passes here, after it has been counted out: the process is over with the last. */
SEC("tp_btf/sched_process_exit")
int sched_process_exit(__u64 *ctx)
{
	struct task_struct *task = (struct task_struct *)ctx[0];
	struct process_exit *record;

	if (task->signal->live.counter > 0)
		return 0;
	record = bpf_ringbuf_reserve(&process_ring, sizeof(*record), 0);
	if (!record) {
		count(STAT_LOST_PROCESS);
		return 0;
	}
	*record = (struct process_exit){
		.time_ns = bpf_ktime_get_boot_ns(),
		.tgid = task->tgid,
		.type = RECORD_EXIT,
		.exit_code = task->exit_code,
	};
	bpf_ringbuf_submit(record, BPF_RB_NO_WAKEUP);
	return 0;
}

#endif
