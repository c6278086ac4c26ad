/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0 */
/* The kernel's pairing, compiled for the host. Its maps are declared by each file that includes it;
 * only kernel.c's are used, so the harness includes kernel.c itself. */
#ifndef WEIR_FUZZ_PAIRING_H
#define WEIR_FUZZ_PAIRING_H

#include "../include/ends.h"

#endif
