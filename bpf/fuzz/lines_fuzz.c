// SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0
/*
 * Plays lines of NATS: every line, and headers up to a bound, must be captured. An input is a row
 * of messages and of the lengths of calls, two bytes each.
 */
#include <stdint.h>
#include <stdio.h>

#include "kernel.c"
#include "sources.h"
#include "stream.h"

static const char opening[] = "CONNECT {\"name\":\"x\"}\r\n";

/* A line without a message, or a message by two bytes of input; its payload has lines in it. */
static void append_line(uint8_t kind, uint8_t size)
{
	static char payload[APPEND_MAX], inbox[] = { [0 ... 129] = 'i', 0 }, line[200];
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
	begin_frame();
	append(line, bytes, bytes);
	if (kind & 0x80)
		return;
	append(payload, length, min_u64(headers, LINE_HEADERS_BYTES));
	append("\r\n", 2, 0);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct conn *conn = begin_stream(opening, sizeof(opening) - 1);

	for (size_t i = 0; i + 1 < size && has_room(); i += 2)
		append_line(data[i], data[i + 1]);
	play_stream(conn, sizeof(opening) - 1, data, size);
	return 0;
}
