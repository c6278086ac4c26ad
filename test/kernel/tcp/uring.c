// Sends by io_uring. Usage: uring FD TEXT
#include <linux/io_uring.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <unistd.h>

static void *map(int ring, size_t bytes, off_t what)
{
	void *at = mmap(NULL, bytes, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_POPULATE, ring, what);

	if (at == MAP_FAILED) {
		perror("mmap");
		exit(1);
	}
	return at;
}

int main(int argc, char **argv)
{
	struct io_uring_params params = { 0 };
	int ring = syscall(SYS_io_uring_setup, 1, &params);
	struct io_uring_sqe *entry;
	struct io_uring_cqe *done;
	char *submission, *completion;

	if (argc != 3 || ring < 0) {
		perror("io_uring_setup");
		return 1;
	}
	submission = map(ring, params.sq_off.array + sizeof(uint32_t), IORING_OFF_SQ_RING);
	completion = map(ring, params.cq_off.cqes + params.cq_entries * sizeof(*done),
			 IORING_OFF_CQ_RING);
	entry = map(ring, sizeof(*entry), IORING_OFF_SQES);
	*entry = (struct io_uring_sqe){ .opcode = IORING_OP_SEND,
					.fd = atoi(argv[1]),
					.addr = (uintptr_t)argv[2],
					.len = strlen(argv[2]) };
	*(uint32_t *)(submission + params.sq_off.array) = 0;
	__atomic_store_n((uint32_t *)(submission + params.sq_off.tail), 1, __ATOMIC_RELEASE);
	if (syscall(SYS_io_uring_enter, ring, 1, 1, IORING_ENTER_GETEVENTS, NULL, 0) != 1)
		return 1;
	done = (struct io_uring_cqe *)(completion + params.cq_off.cqes);
	return done->res != (int)strlen(argv[2]);
}
