/* Looks up names as every program of its C library does. `dns 4|46 NAME ...`: IPv4 alone, or both. */
#include <netdb.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>

int main(int argc, char **argv)
{
	struct addrinfo hints = { .ai_socktype = SOCK_STREAM }, *found;

	hints.ai_family = strcmp(argv[1], "4") ? AF_UNSPEC : AF_INET;
	for (int i = 2; i < argc; i++) {
		int error = getaddrinfo(argv[i], NULL, &hints, &found);

		printf("%s %s\n", argv[i], error ? gai_strerror(error) : "found");
		if (!error)
			freeaddrinfo(found);
	}
	return 0;
}
