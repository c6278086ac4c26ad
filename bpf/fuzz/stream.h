/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0 */
/*
 * What one direction of a connection carries, cut into calls of any length and played against the
 * pairing: all that user space wants of it must be captured. Included behind kernel.c and
 * sources.h.
 */
#ifndef WEIR_FUZZ_STREAM_H
#define WEIR_FUZZ_STREAM_H

#define STREAM_MAX (512 << 10)
/* No more is appended at once. */
#define APPEND_MAX (1 << 16)
/* Longer calls may have more pieces than are sent. */
#define CALL_MAX 200000
#define CALLS_MAX 512 /* of any length; then long ones */

static uint8_t sent[STREAM_MAX];
static uint8_t wanted[STREAM_MAX];
static uint8_t begins[STREAM_MAX];
static uint8_t captured[STREAM_MAX];
static size_t sent_bytes;
static __u64 told;

/* User space reads on behind what was left out: where a frame begins, or within one whose front it
 * has seen. */
static bool is_known(size_t at)
{
	size_t front = at;

	while (!begins[front])
		front--;
	return front == at || captured[front];
}

static void check_record(const void *record, size_t bytes)
{
	const struct chunk *chunk = record;
	const struct run *run = &chunk->run;

	if (chunk->head.type != RECORD_CHUNK)
		return;
	check(bytes == sizeof(*chunk) + run->captured, "a chunk is as long as what it captured");
	check(run->position == told + chunk->passed,
	      "a chunk begins where the last has ended, or behind what was left out");
	check(!chunk->passed || is_known(run->position), "what is left out ends with a frame");
	told = run->position;
	check(run->captured <= run->bytes, "no more is captured than has moved");
	check(!memcmp(chunk + 1, sent + run->position, run->captured), "what is captured was sent");
	memset(captured + run->position, 1, run->captured);
	told += run->bytes;
}

/* A frame, or a line, begins with what is appended next. */
static void begin_frame(void)
{
	begins[sent_bytes] = 1;
}

/* Of these bytes so many, from the first on, are wanted. */
static void append(const void *from, size_t bytes, size_t wanted_bytes)
{
	memcpy(sent + sent_bytes, from, bytes);
	memset(wanted + sent_bytes, 0, bytes);
	memset(wanted + sent_bytes, 1, wanted_bytes);
	sent_bytes += bytes;
}

static bool has_room(void)
{
	return sent_bytes + APPEND_MAX < STREAM_MAX;
}

/* An opening tells what the connection is. */
static struct conn *begin_stream(const char *opening, size_t bytes)
{
	struct conn_key key = { .object = 1 };

	reset_kernel();
	on_record = check_record;
	told = sent_bytes = 0;
	memset(begins, 0, sizeof(begins));
	begin_frame();
	append(opening, bytes, bytes);
	return new_conn(&key);
}

static void play_call(struct conn *conn, uint8_t how, size_t at, size_t bytes)
{
	uint8_t *memory = malloc(memory_of(bytes));
	struct call call = { .bytes = bytes, .position = at, .direction = DIRECTION_IN };

	memcpy(memory, sent + at, bytes);
	set_user_memory(memory, memory_of(bytes));
	call.source = source_of(how | 0x20, memory, bytes);
	call.now = call.began = bpf_ktime_get_boot_ns();
	stamp(&conn->head, call.now);
	on_bytes(conn, &call);
	set_user_memory(0, 0);
	free(memory);
}

/* Plays what was appended, by calls whose lengths the input says; the first `opening` bytes come
 * whole. */
static void play_stream(struct conn *conn, size_t opening, const uint8_t *data, size_t size)
{
	size_t at = 0;

	memset(captured, 0, sent_bytes);
	conn->head.role = ROLE_SERVER;
	for (size_t i = 0; at < sent_bytes; i += 2) {
		uint8_t how = size ? data[i % size] : 0, length = size ? data[(i + 1) % size] : 0;
		size_t bytes = (1 + (size_t)length) << (how & 15);

		if (bytes > CALL_MAX || i > 2 * CALLS_MAX)
			bytes = CALL_MAX;
		bytes = min_u64(bytes, sent_bytes - at);
		if (!at && bytes < opening)
			bytes = opening;
		play_call(conn, how, at, bytes);
		at += bytes;
	}
	check(told + conn->in.frames.passed == sent_bytes, "all that moved was told, or left out");
	check(!counters[STAT_FRAMES_LOST], "frames or lines are followed");
	for (size_t i = 0; i < sent_bytes; i++)
		check(captured[i] || !wanted[i], "what is wanted is captured");
}

#endif
