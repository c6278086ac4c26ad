// SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0
/*
 * Plaintext at Go's crypto/tls. User space attaches these once per executable, for all processes:
 * where, native/ finds by disassembly (go_code.h).
 *
 * Goroutines move between threads, and their stacks in memory, so nothing is remembered from the
 * beginning of a call to its end: a write is told where it begins, which is before its answer can
 * come, and a read where it returns, where its arguments still lie in the caller's frame. A call
 * that was under way when the probe came is seen like any other.
 */
#include "vmlinux.h"
#include <bpf/bpf_helpers.h>
#include <bpf/bpf_tracing.h>
#include "hits.h"
#include "sockets.h"

char LICENSE[] SEC("license") = "Dual BSD/GPL";

/* (c *Conn) Read(b []byte) and Write(b []byte), without the slice's capacity. */
struct go_call {
	__u64 object;
	__u64 buffer;
	__u64 length;
};

struct go_registers {
	__u64 ax, bx, cx;
};

/* The first three words of arguments, or of results. Source: go/src/cmd/compile/abi-internal.md.
 * Elsewhere than on x86-64 user space attaches nothing. */
static __always_inline struct go_registers go_registers(const struct pt_regs *ctx)
{
#if defined(__TARGET_ARCH_x86)
	return (struct go_registers){ ctx->ax, ctx->bx, ctx->cx };
#else
	(void)ctx;
	return (struct go_registers){};
#endif
}

static __always_inline void on_go_bytes(const struct pt_regs *ctx, const struct go_call *call,
					__u32 direction, __u64 bytes)
{
	struct conn_key key = { .object = call->object, .tgid = current_tgid() };
	struct conn *conn = find_conn(&key);
	struct go_socket socket = {};

	if (!conn || conn->head.flags & CONN_NO_ADDRESS) {
		socket = go_socket_of(call->object);
		if (socket.kind == GO_SOCKET_CLOSED)
			return;
		note_tls_user(PT_REGS_IP(ctx));
		conn = plaintext_conn(&key);
		if (!conn)
			return;
		if (socket.kind == GO_SOCKET_OPEN)
			prove_socket(conn, socket.sk, direction);
		else
			count(STAT_TLS_NO_SOCKET);
	}
	on_plaintext(conn, direction, (const void *)call->buffer, bytes, 0);
}

static __always_inline void on_go_hit(const struct pt_regs *ctx, const struct go_call *call,
				      __u32 direction, __u64 bytes)
{
	__u64 pid_tgid = bpf_get_current_pid_tgid();
	struct probe_hits *hits = begin_hit(pid_tgid);

	if (!hits)
		return;
	on_go_bytes(ctx, call, direction, bytes);
	end_hit(hits, pid_tgid);
}

/* At each return of Read. Its caller leaves room above the return address, in which it keeps its
 * arguments. */
SEC("uprobe/go_read_done")
int go_read_done(struct pt_regs *ctx)
{
	__s64 bytes = go_registers(ctx).ax;
	struct go_call call;

	if (bytes <= 0 || !is_selected(current_tgid()))
		return 0;
	if (bpf_probe_read_user(&call, sizeof(call), (const void *)(PT_REGS_SP(ctx) + 8))) {
		count(STAT_UNREADABLE);
		return 0;
	}
	if ((__u64)bytes <= call.length)
		on_go_hit(ctx, &call, DIRECTION_IN, bytes);
	return 0;
}

/* Where Write has found room on its stack: it has begun for good, its arguments in registers. */
SEC("uprobe/go_write")
int go_write(struct pt_regs *ctx)
{
	struct go_registers registers = go_registers(ctx);
	struct go_call call = { registers.ax, registers.bx, registers.cx };

	if (call.length && is_selected(current_tgid()))
		on_go_hit(ctx, &call, DIRECTION_OUT, call.length);
	return 0;
}

/* Likewise of Close. */
SEC("uprobe/go_close")
int go_close(struct pt_regs *ctx)
{
	struct conn_key key = { .object = go_registers(ctx).ax, .tgid = current_tgid() };

	if (is_selected(key.tgid))
		end_plaintext(&key, END_CLOSED);
	return 0;
}
