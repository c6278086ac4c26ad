// A 32-bit program that sends by socketcall, without a C library: the build machine needs none for 32 bits.
// Usage: compat FD TEXT
enum { SYS_exit = 1, SYS_socketcall = 102, SOCKETCALL_SEND = 9 };

static int call(int number, int a, int b)
{
	int result;

	asm volatile("int $0x80" : "=a"(result) : "a"(number), "b"(a), "c"(b) : "memory");
	return result;
}

static int length(const char *text)
{
	int bytes = 0;

	while (text[bytes])
		bytes++;
	return bytes;
}

static int number(const char *text)
{
	int value = 0;

	while (*text)
		value = value * 10 + *text++ - '0';
	return value;
}

__attribute__((used)) static void run(int *stack)
{
	const char **arguments = (const char **)(stack + 1);
	int send[] = { number(arguments[1]), (int)arguments[2], length(arguments[2]), 0 };

	call(SYS_exit, call(SYS_socketcall, SOCKETCALL_SEND, (int)send) < 0, 0);
}

asm(".globl _start\n_start: mov %esp, %eax\npush %eax\ncall run\n");
