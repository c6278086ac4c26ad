/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0 */
/* CO-RE reads as plain loads: the harness hands in no kernel object, so they are compiled and never
 * run. */
#ifndef WEIR_FUZZ_BPF_CORE_READ_H
#define WEIR_FUZZ_BPF_CORE_READ_H

#include <string.h>

#define READ_1(p, a) ((p)->a)
#define READ_2(p, a, b) ((p)->a->b)
#define READ_3(p, a, b, c) ((p)->a->b->c)
#define READ_NTH(_1, _2, _3, name, ...) name
#define BPF_CORE_READ(p, ...) READ_NTH(__VA_ARGS__, READ_3, READ_2, READ_1)(p, __VA_ARGS__)
#define bpf_core_read(to, bytes, from) memcpy(to, from, bytes)
#define bpf_core_field_exists(...) 0
#define bpf_core_enum_value_exists(...) 0
#define bpf_core_enum_value(type, value) 0

#endif
