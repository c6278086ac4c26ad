/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0 */
/*
 * Which socket carries an SSL's bytes. Ciphertext that moves inside a call of libssl is that
 * call's. With memory BIOs the program moves it itself, before or after, and may do so for many
 * connections in turn:
 *
 *     read:   recv(socket, n)        SSL_read(ssl) = p
 *     write:  SSL_write(ssl) = p     send(socket, n)
 *
 * Then a socket is taken only if n is what p bytes become in TLS, and of all that this thread has
 * recently received, or written, and that has found no partner, nothing else fits. Otherwise the
 * connection stays without an address. `write A, write B, send A, send B` of equal lengths is such
 * a case.
 */
#ifndef WEIR_OPENSSL_SOCKETS_H
#define WEIR_OPENSSL_SOCKETS_H

#include "lengths.h"
#include "proved.h"
#include "thread.h"

#define WRITES_MAX 8

/* Plaintext that has gone through one object since the thread last moved ciphertext that way. */
struct ssl_passage {
	__u64 object;
	__u64 bytes;
	__u64 records;
	boot_ns mark; /* when that was */
};

/* Entry of `ssl_searches`. */
struct ssl_search {
	struct ssl_passage read;
	struct ssl_passage writes[WRITES_MAX];
	struct lost_lengths
		lost; /* of ciphertext that those may have become that made room in `writes` */
	boot_ns sent; /* time of the last ciphertext sent that was compared with `writes` */
};

const struct ssl_search empty_ssl_search = {};

/* What threads have read and written whose sockets are not known. Key: pid_tgid. Writer, reader:
 * here. */
struct {
	__uint(type, BPF_MAP_TYPE_LRU_HASH);
	__uint(max_entries, 2048);
	__type(key, __u64);
	__type(value, struct ssl_search);
} ssl_searches SEC(".maps");

static __always_inline struct ssl_search *ssl_search(__u64 pid_tgid, bool make)
{
	struct ssl_search *search = bpf_map_lookup_elem(&ssl_searches, &pid_tgid);

	if (search || !make)
		return search;
	bpf_map_update_elem(&ssl_searches, &pid_tgid, &empty_ssl_search, BPF_NOEXIST);
	return bpf_map_lookup_elem(&ssl_searches, &pid_tgid);
}

static __always_inline bool same_key(const struct conn_key *a, const struct conn_key *b)
{
	return a->object == b->object && a->tgid == b->tgid;
}

/* The socket's connection, if it is still that one. */
static __always_inline struct conn *socket_of(const struct conn_key *key, conn_id_t conn_id)
{
	struct conn *socket = find_conn(key);

	return socket && socket->head.conn_id == conn_id ? socket : 0;
}

/* Ciphertext that moved inside the call proves the socket, whoever claimed it before. */
static __always_inline bool take_nested(struct conn *plain, const struct tls_transfer *transfer)
{
	struct conn *socket;

	if (!same_key(&transfer->inside, &plain->head.key))
		return false;
	socket = socket_of(&transfer->socket, transfer->conn_id);
	if (!socket)
		return false;
	take_socket(plain, socket);
	return true;
}

static __always_inline void add_passage(struct ssl_passage *passage, __u64 object, __u64 bytes,
					__u64 mark)
{
	if (passage->object != object || passage->mark != mark) {
		passage->bytes = 0;
		passage->records = 0;
	}
	passage->object = object;
	passage->mark = mark;
	passage->bytes += bytes;
	passage->records += (bytes + RECORD_PLAINTEXT_MAX - 1) / RECORD_PLAINTEXT_MAX;
}

/* The one recent receipt, of a socket still open and free, that fits what has been read; 0: none,
 * or several. */
static __always_inline struct tls_receipt *matching_receipt(struct tls_receipts *receipts,
							    const struct ssl_passage *read)
{
	struct tls_receipt *match = 0;

	for (int i = 0; i < TLS_RECEIPTS; i++) {
		struct tls_receipt *receipt = &receipts->last[i];

		if (!receipt->socket.object || !fits(receipt->bytes, read->bytes, read->records))
			continue;
		if (match)
			return 0;
		match = receipt;
	}
	return may_be_lost(&receipts->lost, read->bytes, read->records) ? 0 : match;
}

/* After SSL_read with data: was it received by the thread's last recv? */
static __always_inline void match_read(struct conn *plain, struct ssl_search *search,
				       const struct tls_thread *tls, __u64 bytes)
{
	__u64 pid_tgid = bpf_get_current_pid_tgid();
	struct tls_receipts *receipts = bpf_map_lookup_elem(&tls_receipts, &pid_tgid);
	struct tls_receipt *receipt;
	struct conn *socket;

	if (!receipts)
		return;
	add_passage(&search->read, plain->head.key.object, bytes, tls->in.time_ns);
	receipt = matching_receipt(receipts, &search->read);
	if (!receipt || !same_key(&receipt->socket, &tls->in.socket))
		return;
	socket = socket_of(&receipt->socket, receipt->conn_id);
	receipt->socket.object = 0;
	if (socket && !socket->twin.object)
		take_socket(plain, socket);
}

/* What was written makes room before it was seen to be sent. */
static __always_inline void lose_write(struct ssl_search *search, const struct ssl_passage *passage)
{
	__u64 first = passage->bytes + TLS13_OVERHEAD * passage->records;
	boot_ns now = bpf_ktime_get_boot_ns();

	lose_length(&search->lost, first, now);
	lose_length(&search->lost, first + FINISHED_32, now);
	lose_length(&search->lost, first + FINISHED_48, now);
	lose_length(&search->lost, first + FINISHED_32 + CHANGE_CIPHER_SPEC, now);
	lose_length(&search->lost, first + FINISHED_48 + CHANGE_CIPHER_SPEC, now);
	lose_length(&search->lost, passage->bytes + TLS12_GCM_OVERHEAD * passage->records, now);
	lose_length(&search->lost, passage->bytes + TLS12_CHACHA20_OVERHEAD * passage->records,
		    now);
}

/* After SSL_write: its ciphertext will be sent, now or later. */
static __always_inline void remember_write(struct ssl_search *search, const struct tls_thread *tls,
					   __u64 object, __u64 bytes)
{
	struct ssl_passage *place = &search->writes[0];

	for (int i = 0; i < WRITES_MAX; i++) {
		struct ssl_passage *passage = &search->writes[i];

		if (passage->object == object) {
			place = passage;
			break;
		}
		if (!passage->object)
			place = passage;
	}
	if (place->object && (place->object != object || place->mark != tls->out.time_ns))
		lose_write(search, place);
	add_passage(place, object, bytes, tls->out.time_ns);
}

/* The one passage that fits what was sent; 0: none, or several. */
static __always_inline struct ssl_passage *matching_write(struct ssl_search *search, __u64 sent)
{
	struct ssl_passage *match = 0;
	__u32 matches = 0;

	for (int i = 0; i < WRITES_MAX; i++) {
		struct ssl_passage *passage = &search->writes[i];

		if (!passage->object || !fits(sent, passage->bytes, passage->records))
			continue;
		match = passage;
		matches++;
	}
	return matches == 1 && !is_lost(&search->lost, sent) ? match : 0;
}

static __always_inline bool has_writes(const struct ssl_search *search)
{
	for (int i = 0; i < WRITES_MAX; i++) {
		if (search->writes[i].object)
			return true;
	}
	return false;
}

static __always_inline void take_sent(const struct ssl_passage *passage,
				      const struct tls_transfer *out, tgid_t tgid)
{
	struct conn_key key = { .object = passage->object, .tgid = tgid };
	struct conn *plain = find_conn(&key);
	struct conn *socket = socket_of(&out->socket, out->conn_id);

	if (plain && socket && !socket->twin.object && plain->head.flags & CONN_NO_ADDRESS)
		take_socket(plain, socket);
}

/* Whose ciphertext was it that the thread has sent? True if there are writes left to ask that for.
 */
static __always_inline bool match_write(struct ssl_search *search, const struct tls_thread *tls,
					tgid_t tgid)
{
	const struct tls_transfer *out = &tls->out;
	struct ssl_passage *passage;

	if (out->inside.object || !out->bytes || search->sent == out->time_ns)
		return true;
	search->sent = out->time_ns;
	passage = matching_write(search, out->bytes);
	if (passage) {
		take_sent(passage, out, tgid);
		passage->object = 0;
	}
	return has_writes(search);
}

/* After a call that moved plaintext of a connection whose socket is not known. */
static __always_inline void find_socket(struct conn *plain, struct ssl_thread *thread,
					const struct ssl_call *call, __u64 bytes)
{
	__u64 pid_tgid = bpf_get_current_pid_tgid();
	struct tls_thread *tls = tls_thread(pid_tgid, true);
	struct ssl_search *search;

	if (!tls || take_nested(plain, &tls->in) || take_nested(plain, &tls->out))
		return;
	search = ssl_search(pid_tgid, true);
	if (!search)
		return;
	if (call->direction == DIRECTION_IN) {
		match_read(plain, search, tls, bytes);
		return;
	}
	thread->searches = 1;
	remember_write(search, tls, call->object, bytes);
}

/* Before a call on an object whose socket is not known, or after this thread wrote through such a
 * one. */
static __always_inline void begin_search(struct ssl_thread *thread, const struct ssl_call *call,
					 __u64 pid_tgid)
{
	struct conn_key key = { .object = call->object, .tgid = pid_tgid >> 32 };
	struct tls_thread *tls = tls_thread(pid_tgid, true);
	struct ssl_search *search;

	if (!tls)
		return;
	if (thread->searches) {
		search = ssl_search(pid_tgid, false);
		thread->searches = search && match_write(search, tls, key.tgid);
	}
	if (call->entered)
		enter_tls(tls, &key);
}

/* The object is no more: its address may come again for another. */
static __always_inline void forget_object(__u64 object, __u64 pid_tgid)
{
	struct ssl_search *search = ssl_search(pid_tgid, false);

	set_proved(object, pid_tgid >> 32, false);
	if (!search)
		return;
	if (search->read.object == object)
		search->read.object = 0;
	for (int i = 0; i < WRITES_MAX; i++) {
		if (search->writes[i].object == object)
			search->writes[i].object = 0;
	}
}

#endif
