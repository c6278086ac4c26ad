// SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0
/*
 * Plays lines of NATS, cut into calls of any length, against the pairing: every line, and
 * headers up to a bound, must be captured. An input is a row of messages and of the
 * lengths of calls, two bytes each.
 */
#include <stdint.h>
#include <stdio.h>

#include "kernel.c"
#include "sources.h"

#define STREAM_MAX (512 << 10)
/* Longer calls may have more pieces than are sent. */
#define CALL_MAX 200000
#define CALLS_MAX 512 /* of any length; then long ones */

static const char opening[] = "CONNECT {\"name\":\"x\"}\r\n";
static uint8_t sent[STREAM_MAX];
static uint8_t wanted[STREAM_MAX];
static uint8_t captured[STREAM_MAX];
static size_t sent_bytes;
static __u64 told;

static void check_record(const void *record, size_t bytes)
{
	const struct chunk *chunk = record;
	const struct run *run = &chunk->run;

	if (chunk->head.type != RECORD_CHUNK)
		return;
	check(bytes == sizeof(*chunk) + run->captured, "a chunk is as long as what it captured");
	check(run->position == told + chunk->passed,
	      "a chunk begins where the last has ended, or behind what was left out");
	check(run->captured <= run->bytes, "no more is captured than has moved");
	check(!memcmp(chunk + 1, sent + run->position, run->captured), "what is captured was sent");
	memset(captured + run->position, 1, run->captured);
	told = run->position + run->bytes;
}

static void append(const void *from, size_t bytes, size_t is_wanted)
{
	memcpy(sent + sent_bytes, from, bytes);
	memset(wanted + sent_bytes, 0, bytes);
	memset(wanted + sent_bytes, 1, min_u64(is_wanted, bytes));
	sent_bytes += bytes;
}

/* A line without a message, or a message by two bytes of input; its payload has lines in it. */
static void append_line(uint8_t kind, uint8_t size)
{
	static char payload[1 << 16], inbox[] = { [0 ... 129] = 'i', 0 }, line[200];
	unsigned length = size << (kind >> 2 & 7);
	unsigned headers = kind & 2 ? min_u64(length, size * 8) : 0;
	unsigned bytes;

	for (size_t i = 0; !payload[0] || i < sizeof(payload); i++)
		payload[i] = "PUB x9 1\n"[i % 9];
	if (kind & 0x80)
		bytes = sprintf(line, "%s", kind & 1 ? "PING\r\n" : "SUB a.1.* 7\r\n");
	else if (kind & 2)
		bytes = sprintf(line, "H%s a1.b 12 %s %u %u\r\n", kind & 1 ? "PUB" : "MSG",
				kind & 0x20 ? inbox : inbox + 120, headers, length);
	else
		bytes = sprintf(line, "%s a9 %u %s\r\n", kind & 1 ? "pub" : "MSG", length,
				kind & 0x20 ? "" : " ");
	append(line, bytes, bytes);
	if (kind & 0x80)
		return;
	append(payload, length, min_u64(headers, 4096));
	append("\r\n", 2, 0);
}

static void play_call(struct conn *conn, uint8_t how, size_t at, size_t bytes)
{
	uint8_t *memory = malloc(memory_of(bytes));
	struct call call = { .bytes = bytes, .position = at, .direction = DIRECTION_IN };

	memcpy(memory, sent + at, bytes);
	set_user_memory(memory, memory_of(bytes));
	call.source = source_of(how | 0x20, memory, bytes);
	call.now = bpf_ktime_get_boot_ns();
	stamp(&conn->head, call.now);
	on_bytes(conn, &call);
	set_user_memory(0, 0);
	free(memory);
}

static void play(struct conn *conn, const uint8_t *data, size_t size)
{
	size_t at = 0;

	conn->head.role = ROLE_SERVER;
	for (size_t i = 0; at < sent_bytes; i += 2) {
		uint8_t how = size ? data[i % size] : 0, length = size ? data[(i + 1) % size] : 0;
		/* The opening comes whole: it tells what this is. */
		size_t bytes = (1 + (size_t)length) << (how & 15);

		if (bytes > CALL_MAX || i > 2 * CALLS_MAX)
			bytes = CALL_MAX;
		bytes = min_u64(bytes, sent_bytes - at);
		if (!at && bytes < sizeof(opening) - 1)
			bytes = sizeof(opening) - 1;
		play_call(conn, how, at, bytes);
		at += bytes;
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct conn_key key = { .object = 1 };
	struct conn *conn;

	reset_kernel();
	conn = new_conn(&key);
	on_record = check_record;
	told = sent_bytes = 0;
	append(opening, sizeof(opening) - 1, sizeof(opening) - 1);
	for (size_t i = 0; i + 1 < size && sent_bytes + (1 << 16) < STREAM_MAX; i += 2)
		append_line(data[i], data[i + 1]);
	memset(captured, 0, sent_bytes);
	play(conn, data, size);
	check(told + conn->in.frames.passed == sent_bytes, "all that moved was told, or left out");
	check(!counters[STAT_FRAMES_LOST], "lines are followed");
	for (size_t i = 0; i < sent_bytes; i++)
		check(captured[i] || !wanted[i], "lines are captured, and headers");
	return 0;
}
