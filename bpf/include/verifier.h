/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0 */
/* Small things that make bounds visible to the verifier. */
#ifndef WEIR_VERIFIER_H
#define WEIR_VERIFIER_H

#include <linux/types.h>

/* Hides a value from the compiler, which else tests one copy of it and uses another: the verifier
 * then knows no bound of the one that counts. */
#define opaque(x) asm volatile("" : "+r"(x))

/*
 * The verifier follows every value that a variable may have into all that comes after, so that a
 * few choices multiply into a million instructions. `zero`, a 0 read from a map, makes it forget: 0
 * to `mask` remains.
 */
#define forget(x, mask, zero)                      \
	({                                         \
		__u64 __sum = (__u64)(x) | (zero); \
		opaque(__sum);                     \
		__sum &(mask);                     \
	})

static __always_inline __u64 min_u64(__u64 a, __u64 b)
{
	return a < b ? a : b;
}

#endif
