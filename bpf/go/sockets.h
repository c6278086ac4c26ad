/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0 */
/*
 * From a Go tls.Conn to its socket, through the process's memory:
 *
 *     tls.Conn { conn net.Conn ... }          an interface: { itab, data }
 *     net.TCPConn { fd *netFD }               where `data` points
 *     netFD { pfd poll.FD; family, sotype int ... }
 *     poll.FD { fdmu fdMutex; Sysfd int ... }
 *
 * The same in Go 1.17 to 1.26 (src/crypto/tls/conn.go, src/net/fd_posix.go,
 * src/internal/poll/fd_unix.go). Nothing of it is believed: what is found must say that it is a
 * stream of the family that the kernel knows the socket by.
 */
#ifndef WEIR_GO_SOCKETS_H
#define WEIR_GO_SOCKETS_H

#include "files.h"
#include "tls.h"

/* A program may have put a connection of its own around the socket's, which begins with it:
 * struct { net.Conn ... }. A tls.Conn over a tls.Conn does. */
#define CONNS_MAX 3

struct go_interface {
	__u64 itab;
	__u64 data;
};

struct go_net_fd {
	__u64 mutex[2];
	__s64 sysfd;
	__u8 poll[32];
	__u64 family;
	__u64 sotype;
};

/* What is known of a connection's socket. */
enum go_socket_kind {
	GO_SOCKET_UNKNOWN = 0, /* its layout is none that we know */
	GO_SOCKET_CLOSED = 1,  /* no byte moves any more */
	GO_SOCKET_OPEN = 2,
};

struct go_socket {
	struct sock *sk; /* of an open one */
	__u32 kind;	 /* enum go_socket_kind */
	__u32 pad;
};

/* The netFD of a net.TCPConn at this address, if it is one. */
static __always_inline bool read_net_fd(__u64 address, struct go_net_fd *fd)
{
	__u64 at = 0;

	if (bpf_probe_read_user(&at, sizeof(at), (const void *)address) ||
	    bpf_probe_read_user(fd, sizeof(*fd), (const void *)at))
		return false;
	return (fd->family == AF_INET || fd->family == AF_INET6) && fd->sotype == SOCK_STREAM;
}

static __always_inline struct go_socket socket_of_fd(const struct go_net_fd *fd)
{
	struct sock *sk;

	if (fd->sysfd < 0 || fd->sysfd > 0x7fffffff)
		return (struct go_socket){ .kind = GO_SOCKET_CLOSED };
	sk = tcp_socket_of(fd->sysfd);
	if (!sk || BPF_CORE_READ(sk, __sk_common.skc_family) != fd->family)
		return (struct go_socket){ .kind = GO_SOCKET_UNKNOWN };
	return (struct go_socket){ .sk = sk,
				   .kind = is_open(sk) ? GO_SOCKET_OPEN : GO_SOCKET_CLOSED };
}

/* `object`: the address of a tls.Conn. */
static __always_inline struct go_socket go_socket_of(__u64 object)
{
	struct go_interface conn = { .data = object };
	struct go_net_fd fd;

	for (int i = 0; i < CONNS_MAX; i++) {
		if (bpf_probe_read_user(&conn, sizeof(conn), (const void *)conn.data))
			break;
		if (read_net_fd(conn.data, &fd))
			return socket_of_fd(&fd);
	}
	return (struct go_socket){};
}

/* The plaintext takes its socket's place; one that is older than the agent is entered with it. */
static __always_inline void prove_socket(struct conn *plain, const struct sock *sk, __u32 direction)
{
	struct conn_key key = socket_key(sk);
	struct conn *socket = find_conn(&key) ?: adopt_socket(sk, direction, 0);

	if (socket)
		take_socket(plain, socket);
}

#endif
