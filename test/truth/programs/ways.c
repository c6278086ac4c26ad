// Every way in and out of a TCP socket: for each pair of ways, one HTTP exchange whose path names them.
// Usage: ways. Prints a path per line for each exchange that both sides completed.
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/sendfile.h>
#include <sys/socket.h>
#include <sys/uio.h>
#include <sys/wait.h>
#include <unistd.h>

enum { SEGMENTS = 7, BODY = 3000 };

static void die(const char *what)
{
	perror(what);
	exit(1);
}

/* Cuts `size` bytes into up to SEGMENTS uneven pieces, the first of one byte. */
static int cut(struct iovec *segments, char *data, size_t size)
{
	int count = 0;
	size_t at = 0, step = 1;

	while (at < size && count < SEGMENTS) {
		size_t length = count == SEGMENTS - 1 || size - at < step ? size - at : step;

		segments[count++] = (struct iovec){ data + at, length };
		at += length;
		step = step * 3 + 1;
	}
	return count;
}

static ssize_t out_write(int fd, char *data, size_t size) { return write(fd, data, size); }
static ssize_t out_send(int fd, char *data, size_t size) { return send(fd, data, size, MSG_NOSIGNAL); }
static ssize_t out_sendto(int fd, char *data, size_t size) { return sendto(fd, data, size, 0, NULL, 0); }

static ssize_t out_writev(int fd, char *data, size_t size)
{
	struct iovec segments[SEGMENTS];

	return writev(fd, segments, cut(segments, data, size));
}

static ssize_t out_sendmsg(int fd, char *data, size_t size)
{
	struct iovec segments[SEGMENTS];
	struct msghdr message = { .msg_iov = segments, .msg_iovlen = cut(segments, data, size) };

	return sendmsg(fd, &message, 0);
}

/* Three messages: some of the head, some of the rest, and what is left. */
static ssize_t out_sendmmsg(int fd, char *data, size_t size)
{
	size_t bytes[] = { 11, (size - 11) / 2, 0 }, at = 0;
	struct iovec segments[3][SEGMENTS];
	struct mmsghdr messages[3] = { 0 };

	bytes[2] = size - bytes[0] - bytes[1];
	for (int i = 0; i < 3; i++) {
		messages[i].msg_hdr.msg_iov = segments[i];
		messages[i].msg_hdr.msg_iovlen = cut(segments[i], data + at, bytes[i]);
		at += bytes[i];
	}
	return sendmmsg(fd, messages, 3, 0) == 3 ? (ssize_t)size : -1;
}

static ssize_t out_zerocopy(int fd, char *data, size_t size)
{
	int on = 1;

	if (setsockopt(fd, SOL_SOCKET, SO_ZEROCOPY, &on, sizeof(on)))
		return -1;
	return send(fd, data, size, MSG_ZEROCOPY);
}

/* The head by send with MSG_MORE, what follows it from a file. */
static ssize_t out_sendfile(int fd, char *data, size_t size)
{
	char *body = memmem(data, size, "\r\n\r\n", 4);
	size_t head = body ? (size_t)(body + 4 - data) : size;
	int file = memfd_create("body", 0);
	off_t at = 0;
	ssize_t sent = send(fd, data, head, size > head ? MSG_MORE : 0);

	if (file < 0 || write(file, data + head, size - head) < 0)
		return -1;
	while ((size_t)at < size - head)
		if (sendfile(fd, file, &at, size - head - at) < 0)
			return -1;
	close(file);
	return sent + at;
}

static ssize_t out_splice(int fd, char *data, size_t size)
{
	char *body = memmem(data, size, "\r\n\r\n", 4);
	size_t head = body ? (size_t)(body + 4 - data) : size, moved = 0;
	int ends[2];
	ssize_t sent = send(fd, data, head, size > head ? MSG_MORE : 0);

	if (pipe(ends) || write(ends[1], data + head, size - head) < 0)
		return -1;
	while (moved < size - head) {
		ssize_t now = splice(ends[0], NULL, fd, NULL, size - head - moved, 0);

		if (now <= 0)
			return -1;
		moved += now;
	}
	close(ends[0]);
	close(ends[1]);
	return sent + moved;
}

static ssize_t in_read(int fd, char *data, size_t size) { return read(fd, data, size); }
static ssize_t in_recv(int fd, char *data, size_t size) { return recv(fd, data, size, 0); }
static ssize_t in_recvfrom(int fd, char *data, size_t size) { return recvfrom(fd, data, size, 0, NULL, NULL); }

static ssize_t in_readv(int fd, char *data, size_t size)
{
	struct iovec segments[SEGMENTS];

	return readv(fd, segments, cut(segments, data, size));
}

static ssize_t in_recvmsg(int fd, char *data, size_t size)
{
	struct iovec segments[SEGMENTS];
	struct msghdr message = { .msg_iov = segments, .msg_iovlen = cut(segments, data, size) };

	return recvmsg(fd, &message, 0);
}

/* The first message takes a few bytes, the second what there is. */
static ssize_t in_recvmmsg(int fd, char *data, size_t size)
{
	struct iovec segments[] = { { data, 7 }, { data + 7, size - 7 } };
	struct mmsghdr messages[2] = { 0 };
	int got;

	for (int i = 0; i < 2; i++) {
		messages[i].msg_hdr.msg_iov = &segments[i];
		messages[i].msg_hdr.msg_iovlen = 1;
	}
	got = recvmmsg(fd, messages, size > 7 ? 2 : 1, MSG_WAITFORONE, NULL);
	return got < 1 ? -1 : (ssize_t)(messages[0].msg_len + (got > 1 ? messages[1].msg_len : 0));
}

static ssize_t in_peek(int fd, char *data, size_t size)
{
	if (recv(fd, data, size, MSG_PEEK) < 0)
		return -1;
	return recv(fd, data, size, 0);
}

static ssize_t in_nonblocking(int fd, char *data, size_t size)
{
	ssize_t got;

	while ((got = recv(fd, data, size, MSG_DONTWAIT)) < 0 && errno == EAGAIN)
		usleep(100);
	return got;
}

static ssize_t in_duplicate(int fd, char *data, size_t size)
{
	int other = dup(fd);
	ssize_t got = read(other, data, size);

	close(other);
	return got;
}

struct way {
	const char *name;
	ssize_t (*move)(int fd, char *data, size_t size);
};

static const struct way outs[] = {
	{ "write", out_write },	      { "send", out_send },	    { "sendto", out_sendto },
	{ "writev", out_writev },     { "sendmsg", out_sendmsg },   { "sendmmsg", out_sendmmsg },
	{ "zerocopy", out_zerocopy }, { "sendfile", out_sendfile }, { "splice", out_splice },
};

static const struct way ins[] = {
	{ "read", in_read },	     { "recv", in_recv },	  { "recvfrom", in_recvfrom },
	{ "readv", in_readv },	     { "recvmsg", in_recvmsg },	  { "recvmmsg", in_recvmmsg },
	{ "peek", in_peek },	     { "nonblocking", in_nonblocking }, { "dup", in_duplicate },
};

enum { OUTS = sizeof(outs) / sizeof(outs[0]), INS = sizeof(ins) / sizeof(ins[0]) };

/* Reads until a whole message of `size` bytes, or a head without a body when `size` is 0, is there. */
static size_t receive(int fd, const struct way *way, char *data, size_t room, size_t size)
{
	size_t have = 0;

	while (size ? have < size : !memmem(data, have, "\r\n\r\n", 4)) {
		ssize_t got = way->move(fd, data + have, room - have);

		if (got <= 0)
			die(way->name);
		have += got;
	}
	return have;
}

static void serve(int listener)
{
	static char request[65536], response[65536];

	for (int in = 0; in < INS; in++) {
		for (int out = 0; out < OUTS; out++) {
			int fd = accept(listener, NULL, NULL);
			int head;

			receive(fd, &ins[in], request, sizeof(request), 0);
			head = sprintf(response, "HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n", BODY);
			memset(response + head, 'b', BODY);
			if (outs[out].move(fd, response, head + BODY) != head + BODY)
				die(outs[out].name);
			read(fd, request, 1);
			close(fd);
		}
	}
	_exit(0); /* what the parent has buffered is the parent's */
}

static void ask(const struct sockaddr *address, socklen_t size, const char *family)
{
	static char request[65536], response[65536];
	const int expected = sizeof("HTTP/1.1 200 OK\r\nContent-Length: 3000\r\n\r\n") - 1 + BODY;

	for (int in = 0; in < INS; in++) {
		for (int out = 0; out < OUTS; out++) {
			int fd = socket(address->sa_family, SOCK_STREAM, 0);
			int length = sprintf(request, "GET /r/%s-%s-%s/x HTTP/1.1\r\nHost: ways\r\n\r\n", family,
					     ins[in].name, outs[out].name);

			if (connect(fd, address, size))
				die("connect");
			if (outs[out].move(fd, request, length) != length)
				die(outs[out].name);
			receive(fd, &ins[in], response, sizeof(response), expected);
			close(fd);
			printf("/r/%s-%s-%s/x\n", family, ins[in].name, outs[out].name);
		}
	}
}

/* `listen_on` and `connect_to` differ for v4-mapped: a v4 client of a v6 socket. */
static void play(const char *family, struct sockaddr_storage listen_on, struct sockaddr_storage connect_to)
{
	int listener = socket(listen_on.ss_family, SOCK_STREAM, 0), off = 0;
	socklen_t size = listen_on.ss_family == AF_INET ? sizeof(struct sockaddr_in) : sizeof(struct sockaddr_in6);
	socklen_t to = connect_to.ss_family == AF_INET ? sizeof(struct sockaddr_in) : sizeof(struct sockaddr_in6);
	struct sockaddr_storage bound;
	pid_t server;

	if (listen_on.ss_family == AF_INET6)
		setsockopt(listener, IPPROTO_IPV6, IPV6_V6ONLY, &off, sizeof(off));
	if (bind(listener, (struct sockaddr *)&listen_on, size) || listen(listener, 16))
		die("listen");
	getsockname(listener, (struct sockaddr *)&bound, &size);
	/* The port lies at the same place in both families. */
	((struct sockaddr_in *)&connect_to)->sin_port = ((struct sockaddr_in *)&bound)->sin_port;
	server = fork();
	if (server == 0)
		serve(listener);
	close(listener);
	ask((struct sockaddr *)&connect_to, to, family);
	waitpid(server, NULL, 0);
}

int main(void)
{
	struct sockaddr_storage v4 = { 0 }, v6 = { 0 }, any = { 0 };

	((struct sockaddr_in *)&v4)->sin_family = AF_INET;
	((struct sockaddr_in *)&v4)->sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	((struct sockaddr_in6 *)&v6)->sin6_family = AF_INET6;
	((struct sockaddr_in6 *)&v6)->sin6_addr = in6addr_loopback;
	((struct sockaddr_in6 *)&any)->sin6_family = AF_INET6;
	play("v4", v4, v4);
	play("v6", v6, v6);
	play("mapped", any, v4);
	return 0;
}
