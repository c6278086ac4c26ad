/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0 */
/* Read-only settings: user space sets them in every object, by name, before it loads. */
#ifndef WEIR_CONFIG_H
#define WEIR_CONFIG_H

const volatile __u64 request_head =
	1024; /* bytes captured of a request; `heads` must have room, see maps.h */
const volatile __u64 response_head = 256; /* of a response; at most request_head */
const volatile __u64 stream_bytes =
	65536; /* of a run, of which calls are captured whole where a protocol asks for that */
const volatile __u32 cpus = 1; /* possible CPUs */
const volatile __u32 head_slots =
	2048; /* entries of `heads` that requests wait in; the rest is scratch */
const volatile __u32 verdict_mask = 65535; /* entries of `verdicts`, less one */
const volatile __u32 ring_mask = 3;	   /* rings in use, less one */
const volatile __u8 pair_in_kernel = 1;	   /* 0: everything leaves as chunks */

#endif
