/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0 */
/* The kernel that the pairing runs in on the host, and what the harness sees of it. */
#ifndef WEIR_FUZZ_KERNEL_H
#define WEIR_FUZZ_KERNEL_H

#include <stddef.h>

/* Ends the run with a message: the property that does not hold. */
#define check(holds, what) ((holds) ? (void)0 : broken(what, __LINE__))
__attribute__((noreturn)) void broken(const char *what, int line);

/* Empties every map. */
void reset_kernel(void);

/* Memory of the process: reads outside of it fail. */
void set_user_memory(const void *memory, size_t bytes);

/* From now on, rings take nothing. */
void fill_rings(int full);

/* Given each record before anything else can change it. */
extern void (*on_record)(const void *record, size_t bytes);

#endif
