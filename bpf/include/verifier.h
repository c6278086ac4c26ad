/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0 */
/* Small things that make bounds visible to the verifier. */
#ifndef WEIR_VERIFIER_H
#define WEIR_VERIFIER_H

#include <linux/types.h>

/* Hides a value from the compiler, which else tests one copy of it and uses another: the verifier then
 * knows no bound of the one that counts. */
#define opaque(x) asm volatile("" : "+r"(x))

static __always_inline __u64 min_u64(__u64 a, __u64 b)
{
	return a < b ? a : b;
}

#endif
