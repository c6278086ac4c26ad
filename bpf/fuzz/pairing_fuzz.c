// SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0
/*
 * Plays any sequence of calls against the pairing, and checks what every record must satisfy. An
 * input is a row of steps: kind, two bytes of size, two of choices; the rest of the input is what
 * the processes send.
 */
#include <stdint.h>

#include "kernel.c"
#include "sources.h"

#define CONNECTIONS 3
#define STEPS_MAX 64

struct step {
	uint8_t kind;
	uint8_t connection;
	uint8_t size_low;
	uint8_t size_high;
	uint8_t how;
};

static __u32 next_sequence[CONNECTIONS];
static conn_id_t ids[CONNECTIONS];

static struct conn_key key_of(unsigned connection)
{
	return (struct conn_key){ .object = connection + 1 };
}

static void check_run(const struct run *run, __u64 limit)
{
	check(run->captured <= limit, "no more is captured than the setting says");
	check(run->captured <= run->bytes || !run->bytes, "no more is captured than has moved");
	check(run->tail_bytes <= 8, "a tail has 8 bytes at most");
	check(run->last_ns >= run->first_ns, "a run ends after it begins");
}

static void check_record(const void *record, size_t bytes)
{
	const struct conn_head *head = record;
	unsigned connection = head->key.object - 1;

	check(bytes >= sizeof(*head) && connection < CONNECTIONS, "a record is of a connection");
	check(head->conn_id == ids[connection], "a record names its connection");
	check(head->sequence >= next_sequence[connection], "records are numbered in order");
	next_sequence[connection] = head->sequence + 1;
	if (head->type == RECORD_EXCHANGE) {
		const struct exchange *exchange = record;

		check_run(&exchange->request, request_head);
		check_run(&exchange->response, response_head);
		check(bytes == sizeof(*exchange) + exchange->request.captured +
				       exchange->response.captured,
		      "an exchange is as long as what it captured");
		check(exchange->request.bytes > 0, "an exchange has a request");
	} else if (head->type == RECORD_CHUNK) {
		const struct chunk *chunk = record;

		check_run(&chunk->run, request_head);
		check(bytes == sizeof(*chunk) + chunk->run.captured,
		      "a chunk is as long as what it captured");
		check(head->protocol != PROTOCOL_TLS || !chunk->run.captured ||
			      (chunk->run.position < HELLO_BYTES && !(head->flags & CONN_ADOPTED)),
		      "of TLS no more than hellos is captured");
	} else {
		check(head->type == RECORD_END && bytes == sizeof(struct end), "the rest are ends");
	}
}

static struct conn *enter(const struct step *step)
{
	struct conn_key key = key_of(step->connection);
	struct conn *conn = find_conn(&key);

	if (conn)
		return conn;
	conn = new_conn(&key);
	check(conn, "there is room for every connection");
	conn->head.role = step->how % 3;
	if (step->how & 8)
		conn->head.flags = CONN_TLS;
	next_sequence[step->connection] = 0;
	ids[step->connection] = conn->head.conn_id;
	return conn;
}

static void play_call(const struct step *step, const uint8_t *payload, __u64 left)
{
	__u64 bytes = min_u64(step->size_low | (step->size_high & 15) << 8, left);
	size_t room = memory_of(bytes);
	struct conn *conn = enter(step);
	struct stream *stream;
	struct call call = {};
	uint8_t *memory;

	if (!bytes)
		return;
	memory = malloc(room);
	memcpy(memory, payload, bytes);
	set_user_memory(memory, room);
	call.now = call.began = bpf_ktime_get_boot_ns();
	call.direction = step->kind & 1;
	call.verdict = step->kind >> 1 & 3;
	call.bytes = bytes;
	call.source = source_of(step->how, memory, bytes);
	stream = call.direction == DIRECTION_IN ? &conn->in : &conn->out;
	call.position = advance(conn, call.direction,
				stream->seq + bytes + (step->kind >> 3 & 1) * 7, bytes);
	if (call.verdict != VERDICT_IGNORE &&
	    (conn->head.protocol != PROTOCOL_TLS || is_hello(conn, &call))) {
		stamp(&conn->head, call.now);
		on_bytes(conn, &call);
	}
	set_user_memory(0, 0);
	free(memory);
}

static void forget_connection(unsigned connection)
{
	struct conn_key key = key_of(connection);
	struct conn *conn = find_conn(&key);

	if (!conn)
		return;
	on_end(conn, bpf_ktime_get_boot_ns(), END_CLOSED);
	bpf_map_delete_elem(&conns, &key);
}

static void play_end(const struct step *step)
{
	struct conn_key key = key_of(step->connection);
	struct conn *conn = find_conn(&key);

	if (conn && step->how & 1)
		on_end(conn, bpf_ktime_get_boot_ns(), step->how & 2 ? END_IN : END_OUT);
	else
		forget_connection(step->connection);
}

/* Between calls, a slot is free, or a request of a living connection waits in it. */
static void check_slots(void)
{
	for (int i = 0; i < HEAD_SLOTS; i++) {
		check(slots[i].claims <= 1, "a slot is claimed once");
		check(slots[i].claims == !!slots[i].owner, "a claimed slot has an owner");
		check(i < WAITING_SLOTS || !slots[i].claims, "scratch is given back");
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	reset_kernel();
	on_record = check_record;
	for (int i = 0; i < STEPS_MAX && size > sizeof(struct step); i++) {
		struct step step;

		memcpy(&step, data, sizeof(step));
		data += sizeof(step);
		size -= sizeof(step);
		step.connection %= CONNECTIONS;
		fill_rings((step.kind & 0xf0) == 0xf0);
		if ((step.kind & 0xe0) == 0xc0)
			play_end(&step);
		else
			play_call(&step, data, size);
		check_slots();
	}
	for (unsigned i = 0; i < CONNECTIONS; i++)
		forget_connection(i);
	for (int i = 0; i < HEAD_SLOTS; i++)
		check(!slots[i].claims, "nothing is left behind");
	return 0;
}
