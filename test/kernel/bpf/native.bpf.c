/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0 */
/*
 * What the tests of native/ load: one program of each kind that must work, some that must not, and a map of each kind that the addon reads.
 * The system call `syscall_nr` of process `target` makes one record.
 */
#include <linux/bpf.h>

#include <bpf/bpf_helpers.h>

#define RECORD_MAX 4096
#define RINGS 4

struct record {
	__u64 number;
	__u8 fill[RECORD_MAX - 8];
};

struct ring {
	__uint(type, BPF_MAP_TYPE_RINGBUF);
	__uint(max_entries, 64 << 10);
};

const volatile __u32 target = 0;
const volatile __s64 syscall_nr = -1;
const volatile char label[16] = "unset";
const volatile _Bool many_rings = 0;

struct ring one_ring SEC(".maps");
struct ring ring_0 SEC(".maps");
struct ring ring_1 SEC(".maps");
struct ring ring_2 SEC(".maps");
struct ring ring_3 SEC(".maps");

/* Key: number of the record, modulo RINGS */
struct {
	__uint(type, BPF_MAP_TYPE_ARRAY_OF_MAPS);
	__uint(max_entries, RINGS);
	__type(key, __u32);
	__array(values, struct ring);
} rings SEC(".maps") = {
	.values = { &ring_0, &ring_1, &ring_2, &ring_3 },
};

/* Key 0: bytes of the next record; key 1: how many were sent. User space writes 0, the program writes 1 */
struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(map_flags, BPF_F_MMAPABLE);
	__uint(max_entries, 2);
	__type(key, __u32);
	__type(value, __u64);
} shared SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, 1024);
	__type(key, __u32);
	__type(value, __u64);
} hashes SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_PERCPU_ARRAY);
	__uint(max_entries, 3);
	__type(key, __u32);
	__type(value, __u64);
} counters SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_PERCPU_ARRAY);
	__uint(max_entries, 1);
	__type(key, __u32);
	__type(value, struct record);
} scratches SEC(".maps");

enum counter {
	COUNTER_SENT = 0,
	COUNTER_FULL = 1,
	COUNTER_UPROBE = 2,
};

static __always_inline void count(__u32 counter)
{
	__u64 *value = bpf_map_lookup_elem(&counters, &counter);

	if (value)
		*value += 1;
}

static __always_inline void send(void *ring, struct record *record, __u64 bytes)
{
	if (ring && !bpf_ringbuf_output(ring, record, bytes, BPF_RB_NO_WAKEUP))
		count(COUNTER_SENT);
	else
		count(COUNTER_FULL);
}

SEC("raw_tp/sys_enter")
int on_syscall(struct bpf_raw_tracepoint_args *ctx)
{
	__u32 bytes_key = 0, sent_key = 1;
	__u64 *bytes, *sent;
	struct record *record;

	if (bpf_get_current_pid_tgid() >> 32 != target || (__s64)ctx->args[1] != syscall_nr)
		return 0;
	bytes = bpf_map_lookup_elem(&shared, &bytes_key);
	sent = bpf_map_lookup_elem(&shared, &sent_key);
	record = bpf_map_lookup_elem(&scratches, &bytes_key);
	if (!bytes || !sent || !record)
		return 0;
	record->number = (*sent)++;
	if (many_rings) {
		__u32 ring = record->number % RINGS;

		send(bpf_map_lookup_elem(&rings, &ring), record, *bytes & (RECORD_MAX - 1));
	} else {
		send(&one_ring, record, *bytes & (RECORD_MAX - 1));
	}
	return 0;
}

SEC("tracepoint/syscalls/sys_enter_getuid")
int on_tracepoint(void *ctx)
{
	return 0;
}

SEC("tp_btf/sys_exit")
int on_sys_exit(void *ctx)
{
	return 0;
}

SEC("uprobe")
int on_uprobe(void *ctx)
{
	if (bpf_get_current_pid_tgid() >> 32 == target)
		count(COUNTER_UPROBE);
	return 0;
}

SEC("uretprobe")
int on_uretprobe(void *ctx)
{
	if (bpf_get_current_pid_tgid() >> 32 == target)
		count(COUNTER_UPROBE);
	return 0;
}

SEC("kprobe/tcp_sendmsg")
int on_kprobe(void *ctx)
{
	return 0;
}

/* The verifier refuses it: the look-up may be null. */
SEC("?raw_tp/sys_enter")
int unchecked_pointer(void *ctx)
{
	__u32 key = 0;
	__u64 *value = bpf_map_lookup_elem(&hashes, &key);

	*value = 1;
	return 0;
}

/* libbpf refuses it: there is no such tracepoint. */
SEC("?tp_btf/weir_no_such_tracepoint")
int unknown_target(void *ctx)
{
	return 0;
}

char LICENSE[] SEC("license") = "Dual BSD/GPL";
