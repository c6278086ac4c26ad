/*
 * Many processes, for tests of an agent that watches them:
 *
 *   crowd sleepers N                 N children that sleep; says which is the last; ends them all when its input ends
 *   crowd starts N RATE PROGRAM      starts PROGRAM N times, RATE a second; says how many ms that took
 *   crowd https PORT PATH            one request by libssl, and out
 *   crowd serve                      answers HTTP on the port that it says
 */
#include <arpa/inet.h>
#include <signal.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

/* Of libssl 3, whose headers need not be here. */
void *TLS_client_method(void);
void *SSL_CTX_new(void *method);
void *SSL_new(void *context);
int SSL_set_fd(void *ssl, int fd);
int SSL_connect(void *ssl);
int SSL_write(void *ssl, const void *from, int bytes);
int SSL_read(void *ssl, void *to, int bytes);

extern char **environ;

static long now_ms(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

static int sleepers(int n)
{
	pid_t last = 0;
	char end;

	for (int i = 0; i < n; i++) {
		last = fork();
		if (last < 0)
			return perror("fork"), 1;
		if (last)
			continue;
		prctl(PR_SET_PDEATHSIG, SIGKILL);
		close(0);
		for (;;)
			pause();
	}
	printf("%d\n", last);
	fflush(stdout);
	while (read(0, &end, 1) > 0)
		;
	return 0;
}

static int starts(int n, int rate, char *program)
{
	char *arguments[] = { program, NULL };
	long since = now_ms();

	for (int i = 0; i < n; i++) {
		long due = since + 1000L * i / rate, wait = due - now_ms();
		pid_t pid;

		if (wait > 0)
			usleep(wait * 1000);
		if (posix_spawn(&pid, program, NULL, NULL, arguments, environ))
			return perror(program), 1;
		while (waitpid(-1, NULL, WNOHANG) > 0)
			;
	}
	while (wait(NULL) > 0)
		;
	printf("%ld\n", now_ms() - since);
	return 0;
}

static struct sockaddr_in loopback(int port)
{
	return (struct sockaddr_in){
		.sin_family = AF_INET,
		.sin_port = htons(port),
		.sin_addr.s_addr = htonl(INADDR_LOOPBACK),
	};
}

static int https(int port, const char *path)
{
	struct sockaddr_in to = loopback(port);
	int fd = socket(AF_INET, SOCK_STREAM, 0);
	void *ssl = SSL_new(SSL_CTX_new(TLS_client_method()));
	char text[1024];

	if (connect(fd, (struct sockaddr *)&to, sizeof(to)))
		return perror("connect"), 1;
	SSL_set_fd(ssl, fd);
	if (SSL_connect(ssl) != 1)
		return fprintf(stderr, "no TLS\n"), 1;
	snprintf(text, sizeof(text), "GET %s HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n",
		 path);
	SSL_write(ssl, text, strlen(text));
	while (SSL_read(ssl, text, sizeof(text)) > 0)
		;
	return 0;
}

static int serve(void)
{
	static const char answer[] = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\nConnection: close\r\n\r\nok";
	struct sockaddr_in at = loopback(0);
	socklen_t length = sizeof(at);
	int listening = socket(AF_INET, SOCK_STREAM, 0);
	char text[4096];

	if (bind(listening, (struct sockaddr *)&at, sizeof(at)) || listen(listening, 128) ||
	    getsockname(listening, (struct sockaddr *)&at, &length))
		return perror("listen"), 1;
	printf("%d\n", ntohs(at.sin_port));
	fflush(stdout);
	for (;;) {
		int fd = accept(listening, NULL, NULL);

		if (read(fd, text, sizeof(text)) > 0 && write(fd, answer, sizeof(answer) - 1) < 0)
			perror("write");
		close(fd);
	}
}

int main(int argc, char **argv)
{
	const char *what = argc > 1 ? argv[1] : "";

	if (!strcmp(what, "sleepers") && argc == 3)
		return sleepers(atoi(argv[2]));
	if (!strcmp(what, "starts") && argc == 5)
		return starts(atoi(argv[2]), atoi(argv[3]), argv[4]);
	if (!strcmp(what, "https") && argc == 4)
		return https(atoi(argv[2]), argv[3]);
	if (!strcmp(what, "serve") && argc == 2)
		return serve();
	fprintf(stderr, "crowd: see the top of crowd.c\n");
	return 2;
}
