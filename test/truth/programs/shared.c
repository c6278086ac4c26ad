// Connections that others serve than the process that accepted them, or whose port several processes share. Each serves one
// HTTP exchange whose path names the case. Usage: shared. Prints a path per line for each exchange that both sides completed.
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <netinet/in.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

enum { WORKERS = 3, REQUESTS = 12, BODY = 3000 };

static void die(const char *what)
{
	perror(what);
	exit(1);
}

static int listener_on(struct sockaddr_in *address, int shared)
{
	int fd = socket(AF_INET, SOCK_STREAM, 0), on = 1;
	socklen_t size = sizeof(*address);

	if (shared && setsockopt(fd, SOL_SOCKET, SO_REUSEPORT, &on, sizeof(on)))
		die("SO_REUSEPORT");
	if (bind(fd, (struct sockaddr *)address, size) || listen(fd, 16))
		die("listen");
	getsockname(fd, (struct sockaddr *)address, &size);
	return fd;
}

/* Serves requests until the client has gone. */
static void serve(int fd)
{
	static char request[65536], response[65536];
	int head = sprintf(response, "HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n", BODY);

	memset(response + head, 'b', BODY);
	while (read(fd, request, sizeof(request)) > 0)
		if (write(fd, response, head + BODY) != head + BODY)
			die("write");
	close(fd);
}

static void accept_and_serve(int listener)
{
	for (;;)
		serve(accept(listener, NULL, NULL));
}

static void send_fd(int channel, int fd)
{
	char byte = 0, room[CMSG_SPACE(sizeof(fd))] = { 0 };
	struct iovec data = { &byte, 1 };
	struct msghdr message = { .msg_iov = &data,
				  .msg_iovlen = 1,
				  .msg_control = room,
				  .msg_controllen = sizeof(room) };
	struct cmsghdr *control = CMSG_FIRSTHDR(&message);

	control->cmsg_level = SOL_SOCKET;
	control->cmsg_type = SCM_RIGHTS;
	control->cmsg_len = CMSG_LEN(sizeof(fd));
	memcpy(CMSG_DATA(control), &fd, sizeof(fd));
	if (sendmsg(channel, &message, 0) != 1)
		die("pass");
}

static int receive_fd(int channel)
{
	char byte, room[CMSG_SPACE(sizeof(int))];
	struct iovec data = { &byte, 1 };
	struct msghdr message = { .msg_iov = &data,
				  .msg_iovlen = 1,
				  .msg_control = room,
				  .msg_controllen = sizeof(room) };
	int fd;

	if (recvmsg(channel, &message, 0) != 1)
		_exit(0);
	memcpy(&fd, CMSG_DATA(CMSG_FIRSTHDR(&message)), sizeof(fd));
	return fd;
}

/* One accepts and hands on; the other never sees the port. */
static void accept_and_pass(int listener)
{
	int ends[2];

	if (socketpair(AF_UNIX, SOCK_STREAM, 0, ends))
		die("socketpair");
	if (fork() == 0) {
		close(listener);
		close(ends[0]);
		for (;;)
			serve(receive_fd(ends[1]));
	}
	for (;;) {
		int fd = accept(listener, NULL, NULL);

		send_fd(ends[0], fd);
		close(fd);
	}
}

/* A child for each connection, as inetd does it. */
static void accept_and_fork(int listener)
{
	signal(SIGCHLD, SIG_IGN);
	for (;;) {
		int fd = accept(listener, NULL, NULL);

		if (fork() == 0) {
			serve(fd);
			_exit(0);
		}
		close(fd);
	}
}

static void ask(const struct sockaddr_in *address, const char *name)
{
	static char request[4096], response[65536];
	const int expected = sizeof("HTTP/1.1 200 OK\r\nContent-Length: 3000\r\n\r\n") - 1 + BODY;

	for (int i = 0; i < REQUESTS; i++) {
		int fd = socket(AF_INET, SOCK_STREAM, 0), have = 0;
		int length = sprintf(request, "GET /r/%s-%d/x HTTP/1.1\r\nHost: shared\r\n\r\n", name, i);

		if (connect(fd, (const struct sockaddr *)address, sizeof(*address)))
			die("connect");
		if (write(fd, request, length) != length)
			die("ask");
		while (have < expected) {
			int got = read(fd, response + have, sizeof(response) - have);

			if (got <= 0)
				die("answer");
			have += got;
		}
		close(fd);
		printf("/r/%s-%d/x\n", name, i);
	}
	fflush(stdout);
}

/* `workers` processes in a group of their own, which goes with the case. */
static void play(const char *name, int workers, int reuse, void (*work)(int listener))
{
	struct sockaddr_in address = { .sin_family = AF_INET,
				       .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
	int listener = listener_on(&address, reuse);
	pid_t group = 0;

	for (int i = 0; i < workers; i++) {
		int own = reuse && i > 0 ? listener_on(&address, 1) : listener;
		pid_t worker = fork();

		if (worker == 0) {
			setpgid(0, group);
			work(own);
		}
		setpgid(worker, group);
		group = group ? group : worker;
		if (own != listener)
			close(own);
	}
	close(listener);
	ask(&address, name);
	kill(-group, SIGKILL);
	while (waitpid(-group, NULL, 0) > 0)
		;
}

int main(void)
{
	play("reuseport", WORKERS, 1, accept_and_serve);
	play("prefork", WORKERS, 0, accept_and_serve);
	play("passed", 1, 0, accept_and_pass);
	play("forked", 1, 0, accept_and_fork);
	return 0;
}
