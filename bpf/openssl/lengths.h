/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0 */
/* How long plaintext becomes in TLS records. */
#ifndef WEIR_OPENSSL_LENGTHS_H
#define WEIR_OPENSSL_LENGTHS_H

#include "tls.h"

#define RECORD_PLAINTEXT_MAX 16384

/* What a record adds to its plaintext: header, content type, nonce, tag. */
#define TLS13_OVERHEAD 22
#define TLS12_GCM_OVERHEAD 29
#define TLS12_CHACHA20_OVERHEAD 21

/* A client's Finished, encrypted, for a digest of 32 or 48 bytes, and the change_cipher_spec that
 * may lead it: arrives with the first request. */
#define FINISHED_32 58
#define FINISHED_48 74
#define CHANGE_CIPHER_SPEC 6

/* Sources: RFC 8446 5.2 and 4.4.4, RFC 5246 6.2.3.3, RFC 5288 3, RFC 7905 2 */
static __always_inline bool fits(__u64 ciphertext, __u64 plaintext, __u64 records)
{
	__u64 added = ciphertext - plaintext, first = added - TLS13_OVERHEAD * records;

	return added == TLS13_OVERHEAD * records || added == TLS12_GCM_OVERHEAD * records ||
	       added == TLS12_CHACHA20_OVERHEAD * records || first == FINISHED_32 ||
	       first == FINISHED_48 || first == FINISHED_32 + CHANGE_CIPHER_SPEC ||
	       first == FINISHED_48 + CHANGE_CIPHER_SPEC;
}

/* Is any length among the lost ones that the plaintext may have become? */
static __always_inline bool may_be_lost(const struct lost_lengths *lost, __u64 plaintext,
					__u64 records)
{
	__u64 first = plaintext + TLS13_OVERHEAD * records;

	return is_lost(lost, first) || is_lost(lost, plaintext + TLS12_GCM_OVERHEAD * records) ||
	       is_lost(lost, plaintext + TLS12_CHACHA20_OVERHEAD * records) ||
	       is_lost(lost, first + FINISHED_32) || is_lost(lost, first + FINISHED_48) ||
	       is_lost(lost, first + FINISHED_32 + CHANGE_CIPHER_SPEC) ||
	       is_lost(lost, first + FINISHED_48 + CHANGE_CIPHER_SPEC);
}

#endif
