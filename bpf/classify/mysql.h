/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0 */
/*
 * Does a run begin with the login of a MySQL or MariaDB client, protocol 4.1? Reads 37 bytes;
 * compiles on the host too. Prefers a miss: a request for TLS, which is the same without a user,
 * must be one, for what the kernel has to see next is TLS; and the server's greeting, which comes
 * before it, must be one for the same reason.
 *
 *     +-----------+-----+----------------+--------------+---------+-----------+---------+------+
 *     | length, 3 | 1 2 | capabilities 4 | max packet 4 | charset | zeros, 19 | more, 4 | user |
 *     +-----------+-----+----------------+--------------+---------+-----------+---------+------+
 *
 * Source: https://mariadb.com/kb/en/connection/#client-handshake-response
 */
#ifndef WEIR_CLASSIFY_MYSQL_H
#define WEIR_CLASSIFY_MYSQL_H

#include <linux/types.h>

#define MYSQL_SPEAKS_41 0x200U
#define MYSQL_LOGIN_MIN 33 /* a request for TLS has 32 */
#define MYSQL_LOGIN_MAX 4096

/* `data` has room for 37 bytes, of which `bytes` are the run's. */
static inline __attribute__((always_inline)) int is_mysql(const __u8 *data, __u64 bytes)
{
	__u32 head, capabilities, last;
	__u64 first, second;

	__builtin_memcpy(&head, data, 4);
	__builtin_memcpy(&capabilities, data + 4, 4);
	__builtin_memcpy(&first, data + 13, 8);
	__builtin_memcpy(&second, data + 21, 8);
	__builtin_memcpy(&last, data + 28, 4);
	if (bytes < 37 || !(capabilities & MYSQL_SPEAKS_41))
		return 0;
	if ((head >> 24) - 1 > 1 || (head & 0xffffff) - MYSQL_LOGIN_MIN > MYSQL_LOGIN_MAX)
		return 0;
	return !(first | second | last);
}

#endif
