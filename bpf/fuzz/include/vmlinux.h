/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0 */
/* The kernel's structs on the host: their layout is whatever this compiler gives them. */
#ifndef __VMLINUX_H__
#define __VMLINUX_H__

/* CO-RE is for the BPF target alone; another attribute in its place does nothing. */
#define preserve_access_index annotate("core")
#include "../../include/vmlinux/kernel.h"

#endif
