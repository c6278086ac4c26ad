/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0 */
/* Records of processes: a part of events.h, which includes it. They have a ring of their own,
 * `process_ring`, and their type at one place, behind tgid. */
#ifndef WEIR_PROCESS_RECORDS_H
#define WEIR_PROCESS_RECORDS_H

#define EXEC_ARGS_MAX 4096
#define EXEC_PATH_MAX 256

/* A process has replaced its program. `captured` bytes follow: its arguments, then its environment,
 * each ended by NUL, as in /proc/PID/cmdline and environ; cut at EXEC_ARGS_MAX. */
struct process_exec {
	boot_ns time_ns;
	tgid_t tgid;
	__u8 type;
	__u8 pad[3];
	tgid_t parent;
	__u32 args_bytes; /* of the captured bytes, those that are arguments */
	__u32 captured;
	__u32 pad2;
	char comm[16];
	char path[EXEC_PATH_MAX]; /* of the executable, as it was asked for: of a script, its
				     interpreter */
};

struct process_fork {
	boot_ns time_ns;
	tgid_t tgid;
	__u8 type;
	__u8 pad[3];
	tgid_t parent;
	__u32 pad2;
};

struct process_exit {
	boot_ns time_ns;
	tgid_t tgid;
	__u8 type;
	__u8 pad[3];
	__u32 exit_code;
	__u32 pad2;
};

struct process_listen {
	boot_ns time_ns;
	tgid_t tgid;
	__u8 type;
	__u8 pad;
	port_t port;
	netns_t netns;
	__u32 pad2;
};

/* Once per inode and agent: a file that no record named before has been mapped executable. */
struct process_map {
	boot_ns time_ns;
	tgid_t tgid;
	__u8 type;
	__u8 pad[3];
	__u64 inode;
	__u64 device;
};

#endif
