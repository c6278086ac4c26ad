// SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0
/* Maps, rings and helpers on the host: small, slow, and strict about every byte. */
#include "kernel.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "pairing.h"

/* Fewer than the harness plays, so that some are evicted. */
#define CONNECTIONS_MAX 2
#define AGES_MAX (2 * CONNECTIONS_MAX)

/* Two that requests wait in, so that connections get into each other's way, and a CPU's two for
 * scratch. */
#define WAITING_SLOTS 2
#define HEAD_SLOTS (WAITING_SLOTS + 2)

void (*on_record)(const void *record, size_t bytes);

static struct {
	struct conn_key key;
	struct conn conn;
	bool used;
} table[CONNECTIONS_MAX];

static struct conn_age ages[AGES_MAX]; /* oldest first */
static unsigned ages_held;
static struct slot slots[HEAD_SLOTS];
static __u64 counters[STATS];
static __u64 conn_count;
static const unsigned char *user_memory;
static size_t user_bytes;
static __u64 clock_ns;
static bool rings_full;
static void *reserved;
static size_t reserved_bytes;

void broken(const char *what, int line)
{
	fprintf(stderr, "does not hold (line %d): %s\n", line, what);
	abort();
}

void reset_kernel(void)
{
	memset(table, 0, sizeof(table));
	memset(slots, 0, sizeof(slots));
	memset(counters, 0, sizeof(counters));
	conn_count = 0;
	ages_held = 0;
	rings_full = false;
}

void set_user_memory(const void *memory, size_t bytes)
{
	user_memory = memory;
	user_bytes = bytes;
}

void fill_rings(int full)
{
	rings_full = full;
}

static void *find_entry(const void *key)
{
	for (int i = 0; i < CONNECTIONS_MAX; i++)
		if (table[i].used && !memcmp(&table[i].key, key, sizeof(struct conn_key)))
			return &table[i].conn;
	return 0;
}

void *bpf_map_lookup_elem(const void *map, const void *key)
{
	__u32 index = *(const __u32 *)key;

	if (map == &conns)
		return find_entry(key);
	if (map == &heads && index < head_slots)
		return &slots[index % WAITING_SLOTS];
	if (map == &heads)
		return index < head_slots + 2 ? &slots[WAITING_SLOTS + index - head_slots] : 0;
	if (map == &stats)
		return index < STATS ? &counters[index] : 0;
	if (map == &conn_counts)
		return &conn_count;
	if (map == &rings)
		return &rings;
	return 0;
}

long bpf_map_update_elem(const void *map, const void *key, const void *value, __u64 flags)
{
	(void)flags;
	check(map == &conns, "only connections are entered");
	for (int i = 0; i < CONNECTIONS_MAX; i++) {
		if (table[i].used)
			continue;
		table[i].used = true;
		memcpy(&table[i].key, key, sizeof(table[i].key));
		memcpy(&table[i].conn, value, sizeof(table[i].conn));
		return 0;
	}
	return -7;
}

long bpf_map_delete_elem(const void *map, const void *key)
{
	check(map == &conns, "only connections are forgotten");
	for (int i = 0; i < CONNECTIONS_MAX; i++)
		if (table[i].used && !memcmp(&table[i].key, key, sizeof(table[i].key)))
			table[i].used = false;
	return 0;
}

long bpf_map_push_elem(const void *map, const void *value, __u64 flags)
{
	(void)flags;
	check(map == &conn_ages, "connections stand in line");
	if (ages_held == AGES_MAX)
		return -7;
	memcpy(&ages[ages_held++], value, sizeof(ages[0]));
	return 0;
}

long bpf_map_pop_elem(const void *map, void *value)
{
	check(map == &conn_ages, "connections stand in line");
	if (!ages_held)
		return -2;
	memcpy(value, &ages[0], sizeof(ages[0]));
	memmove(&ages[0], &ages[1], --ages_held * sizeof(ages[0]));
	return 0;
}

long bpf_probe_read_user(void *to, __u32 bytes, const void *from)
{
	size_t at = (const unsigned char *)from - user_memory;

	if ((const unsigned char *)from < user_memory || at > user_bytes ||
	    bytes > user_bytes - at) {
		memset(to, 0, bytes);
		return -14;
	}
	memcpy(to, from, bytes);
	return 0;
}

/* iovecs lie in the same memory, whoever owns them; what is not there is the program's own. */
long bpf_probe_read_kernel(void *to, __u32 bytes, const void *from)
{
	if (!user_memory) {
		memcpy(to, from, bytes);
		return 0;
	}
	return bpf_probe_read_user(to, bytes, from);
}

long bpf_ringbuf_output(void *ring, void *data, __u64 bytes, __u64 flags)
{
	void *copy = malloc(bytes);

	(void)ring;
	(void)flags;
	memcpy(copy, data, bytes); /* every byte must be ours to read */
	if (!rings_full)
		on_record(copy, bytes);
	free(copy);
	return rings_full ? -11 : 0;
}

void *bpf_ringbuf_reserve(void *ring, __u64 bytes, __u64 flags)
{
	(void)ring;
	(void)flags;
	check(!reserved, "one record at a time");
	if (rings_full)
		return 0;
	reserved = malloc(bytes);
	reserved_bytes = bytes;
	return reserved;
}

void bpf_ringbuf_submit(void *data, __u64 flags)
{
	(void)flags;
	check(data == reserved, "what is submitted was reserved");
	on_record(data, reserved_bytes);
	free(reserved);
	reserved = 0;
}

__u64 bpf_ktime_get_boot_ns(void)
{
	return ++clock_ns;
}

__u64 bpf_get_current_pid_tgid(void)
{
	return 100ULL << 32 | 101;
}

__u32 bpf_get_smp_processor_id(void)
{
	return 0;
}
