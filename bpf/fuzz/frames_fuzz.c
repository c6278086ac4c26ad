// SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0
/*
 * Plays frames of HTTP/2: every head and all that is not DATA must be captured, and of DATA what
 * user space reads. An input is a row of frames and of the lengths of calls, two bytes each.
 */
#include <stdint.h>

#include "kernel.c"
#include "sources.h"
#include "stream.h"

/* Of DATA, what user space wants: the length of its padding, and what gRPC has in front. */
#define WANTED_OF_DATA 6

static const char preface[] = "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n";

/* WINDOW_UPDATE, of which nothing is wanted. */
static void append_passed(void)
{
	static const uint8_t frame[] = { 0, 0, 4, 8, 0, 0, 0, 0, 1, 0, 0, 1, 0 };

	begin_frame();
	append(frame, sizeof(frame), 0);
}

/* A frame by two bytes of input: DATA of any length, or another that is shorter. */
static void append_frame(uint8_t kind, uint8_t size)
{
	static const uint8_t payload[APPEND_MAX];
	__u32 length = kind & 1 ? size << (kind >> 1 & 7) : size << (kind >> 1 & 3);
	uint8_t head[] = { length >> 16, length >> 8, length, kind & 1 ? 0 : 1, 4, 0, 0, 0, 1 };
	__u32 front = kind & 1 ? min_u64(length, WANTED_OF_DATA) : length;

	begin_frame();
	append(head, sizeof(head), sizeof(head));
	append(payload, length, front);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct conn *conn = begin_stream(preface, sizeof(preface) - 1);

	for (size_t i = 0; i + 1 < size && has_room(); i += 2) {
		if (data[i] & 0x80)
			append_passed();
		else
			append_frame(data[i], data[i + 1]);
	}
	play_stream(conn, sizeof(preface) - 1, data, size);
	return 0;
}
