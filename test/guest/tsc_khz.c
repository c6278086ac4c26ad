/* Prints the frequency of this machine's time stamp counter in kHz, right also when others take the processor. */
#include <stdint.h>
#include <stdio.h>
#include <time.h>
#include <x86intrin.h>

#define TRIES 100
#define NAP_NS 200000000L

struct moment {
	uint64_t tsc, ns;
};

static uint64_t now_ns(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC_RAW, &now);
	return now.tv_sec * 1000000000ULL + now.tv_nsec;
}

/* Both clocks at once: of many readings the one that took least. */
static struct moment this_moment(void)
{
	struct moment best = {};
	uint64_t least = UINT64_MAX;

	for (int i = 0; i < TRIES; i++) {
		uint64_t before = __rdtsc();
		uint64_t ns = now_ns();
		uint64_t took = __rdtsc() - before;

		if (took >= least)
			continue;
		least = took;
		best = (struct moment){ .tsc = before + took / 2, .ns = ns };
	}
	return best;
}

int main(void)
{
	struct moment from = this_moment(), to;

	nanosleep(&(struct timespec){ .tv_nsec = NAP_NS }, NULL);
	to = this_moment();
	printf("%.0f\n", (to.tsc - from.tsc) * 1e6 / (to.ns - from.ns));
	return 0;
}
