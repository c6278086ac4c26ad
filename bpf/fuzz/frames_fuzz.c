// SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0
/*
 * Plays frames of HTTP/2, cut into calls of any length, against the pairing: every head and all
 * that is not DATA must be captured, and of DATA what user space reads. An input is a row of frames
 * and of the lengths of calls, two bytes each.
 */
#include <stdint.h>

#include "kernel.c"
#include "sources.h"

#define STREAM_MAX (512 << 10)
/* Of DATA, what user space wants: the length of its padding, and what gRPC has in front. */
#define WANTED_OF_DATA 6
/* Longer calls may have more pieces than are sent. */
#define CALL_MAX 200000
#define CALLS_MAX 512 /* of any length; then long ones */

static const char preface[] = "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n";
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
	told = run->position;
	check(run->captured <= run->bytes, "no more is captured than has moved");
	check(!memcmp(chunk + 1, sent + run->position, run->captured), "what is captured was sent");
	memset(captured + run->position, 1, run->captured);
	told += run->bytes;
}

static void append(const void *from, size_t bytes, uint8_t is_wanted)
{
	memcpy(sent + sent_bytes, from, bytes);
	memset(wanted + sent_bytes, is_wanted, bytes);
	sent_bytes += bytes;
}

/* WINDOW_UPDATE, of which nothing is wanted. */
static void append_passed(void)
{
	static const uint8_t frame[] = { 0, 0, 4, 8, 0, 0, 0, 0, 1, 0, 0, 1, 0 };

	append(frame, sizeof(frame), 0);
}

/* A frame by two bytes of input: DATA of any length, or another that is shorter. */
static void append_frame(uint8_t kind, uint8_t size)
{
	static const uint8_t payload[1 << 16];
	__u32 length = kind & 1 ? size << (kind >> 1 & 7) : size << (kind >> 1 & 3);
	uint8_t head[] = { length >> 16, length >> 8, length, kind & 1 ? 0 : 1, 4, 0, 0, 0, 1 };
	__u32 front = kind & 1 ? min_u64(length, WANTED_OF_DATA) : length;

	append(head, sizeof(head), 1);
	append(payload, front, 1);
	append(payload, length - front, 0);
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
		/* The preface comes whole: it tells what this is. */
		size_t bytes = (1 + (size_t)length) << (how & 15);

		if (bytes > CALL_MAX || i > 2 * CALLS_MAX)
			bytes = CALL_MAX;
		bytes = min_u64(bytes, sent_bytes - at);
		if (!at && bytes < sizeof(preface) - 1)
			bytes = sizeof(preface) - 1;
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
	append(preface, sizeof(preface) - 1, 1);
	for (size_t i = 0; i + 1 < size && sent_bytes + (1 << 16) < STREAM_MAX; i += 2) {
		if (data[i] & 0x80)
			append_passed();
		else
			append_frame(data[i], data[i + 1]);
	}
	memset(captured, 0, sent_bytes);
	play(conn, data, size);
	check(told + conn->in.frames.passed == sent_bytes, "all that moved was told, or left out");
	check(!counters[STAT_FRAMES_LOST], "frames are followed");
	for (size_t i = 0; i < sent_bytes; i++)
		check(captured[i] || !wanted[i], "heads are captured, and all that is not DATA");
	return 0;
}
