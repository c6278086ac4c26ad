/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0 */
/* From a file descriptor of the current task to its socket, through the task's file table. */
#ifndef WEIR_FILES_H
#define WEIR_FILES_H

#include "core_compat.h"

static __always_inline struct file *file_of(__u32 fd)
{
	struct file **files, *file = 0;
	__u32 max;

	if (has_current_task_btf()) {
		struct task_struct *task = bpf_get_current_task_btf();
		struct fdtable *table = task->files->fdt;

		max = table->max_fds;
		files = table->fd;
	} else {
		struct task_struct *task = (struct task_struct *)bpf_get_current_task();
		struct fdtable *table = BPF_CORE_READ(task, files, fdt);

		max = BPF_CORE_READ(table, max_fds);
		files = BPF_CORE_READ(table, fd);
	}
	if (fd >= max)
		return 0;
	bpf_probe_read_kernel(&file, sizeof(file), files + fd);
	return file;
}

/* 0 when the descriptor is not that of a socket. */
static __always_inline struct sock *socket_of(__u32 fd)
{
	struct file *file = file_of(fd);
	const struct socket *socket;

	if (!file || (BPF_CORE_READ(file, f_inode, i_mode) & S_IFMT) != S_IFSOCK)
		return 0;
	socket = BPF_CORE_READ(file, private_data);
	return BPF_CORE_READ(socket, sk);
}

/* 0 when the descriptor is not that of a TCP socket. */
static __always_inline struct sock *tcp_socket_of(__u32 fd)
{
	struct sock *sk = socket_of(fd);

	return sk && BPF_CORE_READ(sk, sk_protocol) == IPPROTO_TCP ? sk : 0;
}

#endif
