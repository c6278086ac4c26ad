/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0 */
/*
 * Does a run begin with the preface that a client of HTTP/2 sends, or with that of a server, which
 * is a SETTINGS frame? Reads 24 bytes; compiles on the host too. Prefers a miss: a server's must
 * say something, and connections older than the agent go to user space.
 *
 *     "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"
 *
 *     +-----------+------+-------+-----------+---------+----------+
 *     | length, 3 | 0x04 | 0x00  | 0, 4      | id, 2   | value, 4 |   length below 256
 *     +-----------+------+-------+-----------+---------+----------+
 *
 * Source: https://www.rfc-editor.org/rfc/rfc9113#section-3.4 and section 6.5
 */
#ifndef WEIR_CLASSIFY_HTTP2_H
#define WEIR_CLASSIFY_HTTP2_H

#include <linux/types.h>

#define HTTP2_PREFACE_BYTES 24
#define HTTP2_SETTINGS_BYTES 15
/* As they are read, lowest byte first. */
#define HTTP2_PREFACE_1 0x5448202a20495250ULL /* "PRI * HT" */
#define HTTP2_PREFACE_2 0x0a0d302e322f5054ULL /* "TP/2.0\r\n" */
#define HTTP2_PREFACE_3 0x0a0d0a0d4d530a0dULL /* "\r\nSM\r\n\r\n" */
#define HTTP2_SETTINGS 0x0000000004000000ULL  /* of the first 8 bytes, all but the length's last */
#define HTTP2_SETTINGS_MASK 0xffffffffff00ffffULL
/* Of the next 7: the end of the stream's number, and an identifier that is registered. */
#define HTTP2_ID_MAX 9

static inline __attribute__((always_inline)) int is_http2_settings(const __u8 *data, __u64 first)
{
	__u8 length = data[2];

	if ((first & HTTP2_SETTINGS_MASK) != HTTP2_SETTINGS)
		return 0;
	if (length < 6 || length % 6 || data[8] || data[9])
		return 0;
	return (__u8)(data[10] - 1) < HTTP2_ID_MAX;
}

/* `data` has room for 24 bytes, of which `bytes` are the run's. */
static inline __attribute__((always_inline)) int is_http2(const __u8 *data, __u64 bytes)
{
	__u64 first, second, third;

	__builtin_memcpy(&first, data, 8);
	if (bytes < HTTP2_SETTINGS_BYTES)
		return 0;
	if (first != HTTP2_PREFACE_1)
		return is_http2_settings(data, first);
	__builtin_memcpy(&second, data + 8, 8);
	__builtin_memcpy(&third, data + 16, 8);
	if (bytes < HTTP2_PREFACE_BYTES)
		return 0;
	return second == HTTP2_PREFACE_2 && third == HTTP2_PREFACE_3;
}

#endif
