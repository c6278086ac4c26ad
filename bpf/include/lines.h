/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0 */
/*
 * Where NATS' lines begin: they are followed through all calls of a connection, so that the
 * payloads between them need not be captured. Of a message the line, its headers up to a bound and
 * a front of its payload leave. `frames` keeps where the next line begins, as it does of HTTP/2's
 * frames (frames.h); of a line that is not whole `head` is the last number in it.
 *
 *     PUB subject [reply] bytes CR LF payload CR LF      HPUB ... headers bytes CR LF ...
 *
 * Source: https://docs.nats.io/reference/reference-protocols/nats-protocol
 */
#ifndef WEIR_LINES_H
#define WEIR_LINES_H

#include "frames.h"
#include "../classify/nats.h"

/* What `seen` says of a line that is not whole, or of the headers behind one. */
#define LINE_BEGUN 1
#define LINE_BLANK 2   /* the last byte was one */
#define LINE_WORDS 4   /* there are words behind its verb */
#define LINE_MESSAGE 8 /* a message is behind it, by its first letter */
#define LINE_HEADERS 16
#define LINE_BLOCK 32 /* over: its headers go on until `next`, and `head` is what comes then */

/* Bytes of a line that are read by one step, and steps in one piece: the shortest line has 5. */
#define LINE_STEP_BYTES 128
#define LINE_STEPS 256
/* Headers in which user space looks for a trace. */
#define LINE_HEADERS_BYTES 4096
/* The server's own limit can be raised to this. */
#define LINE_PAYLOAD_BYTES (64 << 20)
#define LINE_NUMBER_MASK 0xfffffff
/* In place of a head: DATA of no type, longer than any that leaves whole. */
#define LINE_PAYLOAD 0xffffffff

/* Begins to follow them at the front of a call, of which `bytes` lie at `data`. */
static __always_inline bool begin_lines(struct frames *frames, const __u8 *data, __u32 bytes,
					__u32 position)
{
	if (bytes < 4 || !nats_line(data))
		return false;
	frames->next = position;
	frames->head = 0;
	frames->seen = 0;
	frames->state = FRAMES_OTHER;
	return true;
}

/* A line, as far as it was read. Words are numbers or 0 or 1, so that the verifier has one way. */
struct line {
	__u64 number; /* in its last word */
	__u64 before; /* in the one before; 0: not known */
	__u64 blank;
	__u64 words;
};

static __always_inline void take_byte(struct line *line, __u64 byte)
{
	__u64 digit = byte ^ '0', blank = (byte - '!') >> 63, same, is_digit;

	opaque(digit);
	opaque(blank);
	same = (line->blank & ~blank) - 1; /* all bits but where a word begins */
	is_digit = -((digit - 10) >> 63);
	opaque(same);
	opaque(is_digit);
	line->before = (line->before & same) | (line->number & ~same);
	line->number &= same;
	line->number += (line->number * 9 + digit) & is_digit;
	line->number &= LINE_NUMBER_MASK;
	line->words |= ~same & 1;
	line->blank = blank;
}

/* Its first letter says whether a message is behind it. */
static __always_inline __u32 begin_line(__u8 letter)
{
	__u32 verb = letter & 0x5f;

	if (verb == 'H')
		return LINE_BEGUN | LINE_MESSAGE | LINE_HEADERS;
	return verb == 'P' || verb == 'M' ? LINE_BEGUN | LINE_MESSAGE : LINE_BEGUN;
}

/* The payload begins at `at` in the piece, and its end is `left` bytes behind that. */
static __always_inline void begin_payload(struct piece *piece, __u32 at, __u32 left)
{
	struct frames *frames = &piece->frames;

	piece->front = at;
	frames->next = (__u32)piece->run.position + at + left;
	frames->head = LINE_PAYLOAD;
	frames->seen = 0;
	frames->state = FRAMES_DATA;
}

/* A line ends before `at` in the piece. */
static __always_inline void end_line(struct piece *piece, const struct line *line, __u32 seen,
				     __u32 at)
{
	struct frames *frames = &piece->frames;
	__u32 bytes = line->number, headers = 0;

	frames->next = (__u32)piece->run.position + at;
	frames->seen = 0;
	if (!(seen & LINE_MESSAGE) || !line->words)
		return;
	if (bytes > LINE_PAYLOAD_BYTES) {
		lose_frames(frames);
		return;
	}
	if (seen & LINE_HEADERS) {
		headers = line->before ? line->before : bytes;
		if (headers > LINE_HEADERS_BYTES)
			headers = LINE_HEADERS_BYTES;
		if (headers > bytes)
			headers = bytes;
	}
	bytes += 2; /* CR LF */
	if (at + headers <= piece->run.captured) {
		begin_payload(piece, at + headers, bytes - headers);
		return;
	}
	frames->next += headers;
	frames->head = bytes - headers;
	frames->seen = LINE_BLOCK;
}

/* Reads on in the slot's piece, a step of a line or past headers; returns whether more of it is to
 * be read. A global function, as walk_step. */
__attribute__((noinline)) int follow_line(__u32 index)
{
	struct slot *slot = bpf_map_lookup_elem(&heads, &index);
	struct line line = {};
	struct frames *frames;
	struct piece *piece;
	__u32 at, bytes;
	__u64 byte = 0;

	if (!slot)
		return 0;
	piece = &slot->piece;
	frames = &piece->frames;
	at = frames->next - (__u32)piece->run.position;
	bytes = piece->run.captured;
	if (frames->state == FRAMES_LOST || at >= bytes)
		return 0;
	piece->is_read = 1;
	if (frames->seen & LINE_BLOCK) {
		begin_payload(piece, at, frames->head);
		return 1;
	}
	piece->front = 0;
	frames->state = FRAMES_OTHER;
	if (!frames->seen) {
		opaque(at);
		if (at > request_head || !nats_letter(slot->data[at])) {
			lose_frames(frames);
			return 0;
		}
		frames->seen = begin_line(slot->data[at]);
		frames->head = 0;
	}
	line.number = frames->head;
	line.blank = !!(frames->seen & LINE_BLANK);
	line.words = !!(frames->seen & LINE_WORDS);
	for (int i = 0; i < LINE_STEP_BYTES; i++) {
		opaque(at);
		if (at >= bytes || at > request_head)
			break;
		byte = slot->data[at];
		at++;
		if (byte == '\n')
			break;
		take_byte(&line, byte);
	}
	if (byte == '\n') {
		end_line(piece, &line, frames->seen, at);
		return 1;
	}
	frames->next = (__u32)piece->run.position + at;
	frames->head = line.number;
	frames->seen &= ~LINE_BLANK;
	frames->seen |= line.blank * LINE_BLANK | line.words * LINE_WORDS;
	return at < bytes;
}

/* Follows the lines in what is captured of the piece. Its `front` is as follow_frames has it. */
static __always_inline void follow_lines(__u32 index, struct piece *piece)
{
	piece->front = 0;
	for (int i = 0; i < LINE_STEPS; i++)
		if (!follow_line(index))
			break;
}

#endif
