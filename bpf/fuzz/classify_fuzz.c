// SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0
/*
 * The classifiers on the host. As a fuzzer: any bytes get at most one answer, and never a late
 * change of mind. With -DCLASSIFY_MAIN: reads a line of hex each from stdin, and writes `request`,
 * `response` or `neither` (of HTTP/1), and the number of the chunk protocol.
 */
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "../classify/http1.h"
#include "../classify/table.h"
#include "../classify/tls.h"

#define WORD_BYTES 8

static __u64 word_of(const uint8_t *data, size_t size)
{
	__u8 padded[WORD_BYTES] = {};

	memcpy(padded, data, size < WORD_BYTES ? size : WORD_BYTES);
	return first_bytes(padded, size);
}

/* As a slot has it: what lies behind the run's bytes is left from another. */
static __u32 protocol_of(const uint8_t *data, size_t size)
{
	__u8 slot[CLASSIFY_BYTES];

	memset(slot, '1', sizeof(slot));
	memcpy(slot, data, size < sizeof(slot) ? size : sizeof(slot));
	return chunk_protocol(slot, size);
}

#ifdef CLASSIFY_MAIN

static const char *http1_of(const uint8_t *data, size_t size)
{
	__u64 word = word_of(data, size);

	if (http1_request(word, size) == MATCH_YES)
		return "request";
	return http1_response(word, size) == MATCH_YES ? "response" : "neither";
}

static size_t read_hex(uint8_t *to, size_t room)
{
	char line[1024];
	unsigned byte;
	size_t size = 0;

	if (!fgets(line, sizeof(line), stdin))
		return SIZE_MAX;
	while (size < room && sscanf(line + 2 * size, "%2x", &byte) == 1)
		to[size++] = byte;
	return size;
}

int main(void)
{
	uint8_t data[64];
	size_t size;

	while ((size = read_hex(data, sizeof(data))) != SIZE_MAX) {
		printf("%s %u\n", http1_of(data, size), protocol_of(data, size));
	}
	return 0;
}

#else

static void check(int holds, const char *what)
{
	if (holds)
		return;
	fprintf(stderr, "does not hold: %s\n", what);
	abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	enum match request_before = MATCH_MORE, response_before = MATCH_MORE;

	for (size_t known = 1; known <= size && known <= WORD_BYTES; known++) {
		__u64 word = word_of(data, known);
		enum match request = http1_request(word, known),
			   response = http1_response(word, known);

		check(request == MATCH_NO || response == MATCH_NO || known < 2,
		      "two bytes tell a request from a response");
		check(!is_tls(word, known) || (request == MATCH_NO && response == MATCH_NO),
		      "TLS is no HTTP");
		check(request_before != MATCH_NO || request == MATCH_NO,
		      "what is no request stays none");
		check(response_before != MATCH_NO || response == MATCH_NO,
		      "what is no response stays none");
		check(known == WORD_BYTES || (request != MATCH_YES && response != MATCH_YES),
		      "8 bytes decide");
		check(!protocol_of(data, known) ||
			      (request == MATCH_NO && response == MATCH_NO && !is_tls(word, known)),
		      "a chunk protocol is neither HTTP nor TLS");
		request_before = request;
		response_before = response;
	}
	return 0;
}

#endif
