/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0 */
/* How connections end, and how a full table makes room: by ending the oldest that is idle. */
#ifndef WEIR_ENDS_H
#define WEIR_ENDS_H

#include "runs.h"

/* A connection that has moved bytes since is spared when room is needed, if another can be found.
 */
#define IDLE_NS (10ULL * 1000 * 1000 * 1000)

/* In search of one that is idle: connections that are spared if they are not, and those that are
 * looked at in all, as many have ended. */
#define SPARED_MAX 16
#define PASSED_MAX 256

/* What both streams of a socket that carries TLS have moved, as its end record tells it. */
static __always_inline void total_streams(struct conn *conn)
{
	bool client = conn->head.role == ROLE_CLIENT;

	conn->request.position = 0;
	conn->request.bytes = client ? conn->out.position : conn->in.position;
	conn->response.position = 0;
	conn->response.bytes = client ? conn->in.position : conn->out.position;
}

/* The connection, or a direction of it, is over. */
static __always_inline void on_end(struct conn *conn, boot_ns now, __u8 reason)
{
	/* The end of the direction that requests go leaves room for the answer; that of the other
	 * does not. */
	bool answerable = reason == (conn->head.role == ROLE_CLIENT ? END_OUT : END_IN);

	if (conn->pairing == PAIRING_HELD && !answerable)
		flush_held(conn);
	/* Of ciphertext only what it moved in all is of interest. */
	if (conn->head.protocol == PROTOCOL_TLS) {
		if (reason < END_CLOSED)
			return;
		total_streams(conn);
	}
	if (conn->head.sequence)
		send_end(conn, now, reason);
}

static __always_inline struct conn_key key_of_age(const struct conn_age *age)
{
	return (struct conn_key){ .object = age->object, .tgid = age->tgid };
}

/* The connection, unless it has ended. */
static __always_inline struct conn *conn_of_age(const struct conn_age *age)
{
	struct conn_key key = key_of_age(age);
	struct conn *conn = find_conn(&key);

	return conn && (__u32)conn->head.conn_id == age->id ? conn : 0;
}

/* Looks at the oldest connection, which goes if it is idle, or may not be spared. Returns whether
 * to go on. A global function: verified once. */
__attribute__((noinline)) int evict_oldest(__u64 now, __u32 may_spare)
{
	struct conn_age age = {};
	struct conn_key key;
	struct conn *conn;

	if (bpf_map_pop_elem(&conn_ages, &age))
		return false;
	conn = conn_of_age(&age);
	if (!conn)
		return true;
	if (may_spare && now - conn->head.time_ns < IDLE_NS) {
		bpf_map_push_elem(&conn_ages, &age, 0);
		return true;
	}
	on_end(conn, now, END_EVICTED);
	key = key_of_age(&age);
	bpf_map_delete_elem(&conns, &key);
	count(STAT_EVICTED);
	return false;
}

/* Takes one connection out of a full table. */
static __always_inline void evict_conn(boot_ns now)
{
	for (int i = 0; i < PASSED_MAX; i++)
		if (!evict_oldest(now, i < SPARED_MAX))
			return;
}

/* Puts a connection behind all others. When the queue is full, those in front that have ended go.
 */
static __always_inline void note_age(const struct conn_age *age)
{
	struct conn_age oldest;

	for (int i = 0; i < SPARED_MAX; i++) {
		if (!bpf_map_push_elem(&conn_ages, age, 0))
			return;
		if (!bpf_map_pop_elem(&conn_ages, &oldest) && conn_of_age(&oldest))
			bpf_map_push_elem(&conn_ages, &oldest, 0);
	}
}

/* See conn.h. */
__attribute__((noinline)) int enter_conn(__u64 object, __u64 tgid)
{
	struct conn_age age = { .object = object, .tgid = tgid };
	struct conn_key key = key_of_age(&age);
	conn_id_t conn_id = new_conn_id();
	struct conn *conn;

	if (!conn_id)
		return -1;
	if (bpf_map_update_elem(&conns, &key, &empty_conn, BPF_ANY)) {
		evict_conn(bpf_ktime_get_boot_ns());
		if (bpf_map_update_elem(&conns, &key, &empty_conn, BPF_ANY))
			return -1;
	}
	conn = find_conn(&key);
	if (!conn)
		return -1;
	conn->head.conn_id = conn_id;
	conn->head.key = key;
	age.id = conn_id;
	note_age(&age);
	return 0;
}

#endif
