/* OpenSSL, linked statically. Begins when its input ends. Usage: fetch BASE PATH... */
#include <netdb.h>
#include <openssl/ssl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

static int connect_to(const char *name, const char *port)
{
	struct addrinfo hints = { .ai_socktype = SOCK_STREAM }, *found = NULL;
	int fd = -1;

	if (getaddrinfo(name, port, &hints, &found))
		exit(1);
	for (const struct addrinfo *one = found; one; one = one->ai_next) {
		fd = socket(one->ai_family, one->ai_socktype, 0);
		if (!connect(fd, one->ai_addr, one->ai_addrlen))
			break;
		close(fd);
		fd = -1;
	}
	freeaddrinfo(found);
	return fd;
}

/* Reads up to the end of one answer, whose length its head tells. */
static void read_answer(SSL *ssl)
{
	char buffer[4096] = "";
	const char *body, *length;
	int held = 0, got;
	long left;

	while (!(body = strstr(buffer, "\r\n\r\n"))) {
		got = SSL_read(ssl, buffer + held, (int)sizeof(buffer) - 1 - held);
		if (got <= 0)
			exit(1);
		held += got;
		buffer[held] = 0;
	}
	length = strcasestr(buffer, "content-length:");
	left = (length ? atol(length + strlen("content-length:")) : 0) -
	       (held - (body + 4 - buffer));
	for (; left > 0; left -= got) {
		got = SSL_read(ssl, buffer, sizeof(buffer));
		if (got <= 0)
			exit(1);
	}
}

int main(int argc, char **argv)
{
	SSL_CTX *context = SSL_CTX_new(TLS_client_method());
	const char *host = argc > 1 ? strstr(argv[1], "//") : NULL;
	char name[256], request[1024];
	SSL *ssl = SSL_new(context);
	const char *port;

	if (!host || !strchr(host, ':'))
		return 2;
	host += 2;
	port = strchr(host, ':') + 1;
	snprintf(name, sizeof(name), "%.*s", (int)(port - 1 - host), host);
	while (getchar() != EOF)
		;
	SSL_set_tlsext_host_name(ssl, name);
	SSL_set_fd(ssl, connect_to(name, port));
	if (SSL_connect(ssl) != 1)
		return 1;
	for (int i = 2; i < argc; i++) {
		int bytes = snprintf(request, sizeof(request),
				     "GET %s HTTP/1.1\r\nHost: %s\r\n\r\n", argv[i], host);

		if (SSL_write(ssl, request, bytes) != bytes)
			return 1;
		read_answer(ssl);
	}
	SSL_shutdown(ssl);
	SSL_free(ssl);
	return 0;
}
