/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0 */
/*
 * Plaintext at libssl. User space attaches these once per file, for all processes: where, native/
 * finds by disassembly (call_plan.h, x86_flow.h). Of a pair of probes the first stands where a
 * call's arguments are in their registers, the second where its result is; ssl_read_done does with
 * one.
 */
#include "vmlinux.h"
#include <bpf/bpf_helpers.h>
#include <bpf/bpf_tracing.h>
#include "hits.h"
#include "read_point.h"
#include "sockets.h"

char LICENSE[] SEC("license") = "Dual BSD/GPL";

static __always_inline void on_result(struct ssl_thread *thread, const struct ssl_call *call,
				      tgid_t tgid, __u64 bytes)
{
	struct conn_key key = { .object = call->object, .tgid = tgid };
	struct conn *conn = plaintext_conn(&key);

	if (!conn)
		return;
	if (conn->head.flags & CONN_NO_ADDRESS) {
		set_proved(call->object, tgid, false);
		find_socket(conn, thread, call, bytes);
	}
	if (call->entered && !(conn->head.flags & CONN_NO_ADDRESS))
		set_proved(call->object, tgid, true);
	on_plaintext(conn, call->direction, (const void *)call->buffer, bytes, call->began);
}

static __always_inline void begin_call(struct pt_regs *ctx, __u64 pid_tgid, __u32 direction,
				       __u64 buffer, __u64 count_at)
{
	struct ssl_thread *thread = ssl_thread(pid_tgid, true);
	struct ssl_call *call;

	if (!thread)
		return;
	call = push_call(thread, PT_REGS_SP(ctx));
	if (!call) {
		count(STAT_RETURN_MISSED);
		return;
	}
	call->object = PT_REGS_PARM1(ctx);
	call->buffer = buffer;
	call->count_at = count_at;
	call->stack = PT_REGS_SP(ctx);
	call->direction = direction;
	/* What is written may be answered before the call returns. */
	call->began = direction == DIRECTION_OUT ? bpf_ktime_get_boot_ns() : 0;
	call->entered = !is_proved(call->object, pid_tgid >> 32);
	if (call->entered)
		note_tls_user(PT_REGS_IP(ctx));
	if (call->entered || thread->searches)
		begin_search(thread, call, pid_tgid);
}

static __always_inline void enter_call(struct pt_regs *ctx, __u32 direction, __u64 buffer,
				       __u64 count_at)
{
	__u64 pid_tgid = bpf_get_current_pid_tgid();
	struct probe_hits *hits;

	if (!is_selected(pid_tgid >> 32))
		return;
	hits = begin_hit(pid_tgid);
	if (!hits)
		return;
	begin_call(ctx, pid_tgid, direction, buffer, count_at);
	end_hit(hits, pid_tgid);
}

static __always_inline void end_call(struct pt_regs *ctx, struct ssl_thread *thread, __u64 pid_tgid)
{
	int result = PT_REGS_RC(ctx);
	__u64 bytes = result;
	struct ssl_call *call;

	call = pop_call(thread, PT_REGS_SP(ctx));
	if (!call)
		return;
	/* SSL_write_early_data writes by SSL_write_ex: the outer call will tell of it. */
	if (thread->depth && thread->outer.object == call->object)
		return;
	if (call->entered)
		leave_tls();
	if (result <= 0)
		return;
	if (call->count_at &&
	    bpf_probe_read_user(&bytes, sizeof(bytes), (const void *)call->count_at)) {
		count(STAT_UNREADABLE);
		return;
	}
	on_result(thread, call, pid_tgid >> 32, bytes);
}

static __always_inline void leave_call(struct pt_regs *ctx)
{
	__u64 pid_tgid = bpf_get_current_pid_tgid();
	struct ssl_thread *thread = ssl_thread(pid_tgid, false);
	struct probe_hits *hits;

	if (!thread)
		return;
	hits = begin_hit(pid_tgid);
	if (!hits)
		return;
	end_call(ctx, thread, pid_tgid);
	end_hit(hits, pid_tgid);
}

SEC("uprobe/ssl_read")
int ssl_read(struct pt_regs *ctx)
{
	enter_call(ctx, DIRECTION_IN, PT_REGS_PARM2(ctx), 0);
	return 0;
}

SEC("uprobe/ssl_read_rcx")
int ssl_read_rcx(struct pt_regs *ctx)
{
	enter_call(ctx, DIRECTION_IN, PT_REGS_PARM2(ctx), PT_REGS_PARM4(ctx));
	return 0;
}

SEC("uprobe/ssl_write")
int ssl_write(struct pt_regs *ctx)
{
	enter_call(ctx, DIRECTION_OUT, PT_REGS_PARM2(ctx), 0);
	return 0;
}

SEC("uprobe/ssl_write_rcx")
int ssl_write_rcx(struct pt_regs *ctx)
{
	enter_call(ctx, DIRECTION_OUT, PT_REGS_PARM2(ctx), PT_REGS_PARM4(ctx));
	return 0;
}

SEC("uprobe/ssl_write_r8")
int ssl_write_r8(struct pt_regs *ctx)
{
	enter_call(ctx, DIRECTION_OUT, PT_REGS_PARM2(ctx), PT_REGS_PARM5(ctx));
	return 0;
}

/* ssize_t SSL_sendfile(SSL *s, int fd, off_t offset, size_t size, int flags): what it sends lies in
 * a file, and is counted, not captured. */
SEC("uprobe/ssl_sendfile")
int ssl_sendfile(struct pt_regs *ctx)
{
	enter_call(ctx, DIRECTION_OUT, 0, 0);
	return 0;
}

SEC("uprobe/ssl_result")
int ssl_result(struct pt_regs *ctx)
{
	leave_call(ctx);
	return 0;
}

SEC("uretprobe/ssl_return")
int ssl_return(struct pt_regs *ctx)
{
	leave_call(ctx);
	return 0;
}

/* The peer has ended its direction: by close_notify, or, as some options allow, by the end of its
 * stream. */
static __always_inline void on_peer_end(const struct conn_key *key)
{
	struct conn *conn = find_conn(key);

	if (!conn || conn->ends & (1 << DIRECTION_IN))
		return;
	conn->ends |= 1 << DIRECTION_IN;
	on_end(conn, bpf_ktime_get_boot_ns(), END_IN);
}

/* Its socket is found by a write, or by a receipt: nothing here marks the thread as inside. */
static __always_inline void read_done(struct pt_regs *ctx, __u64 pid_tgid, int status)
{
	struct ssl_call call = { .direction = DIRECTION_IN };
	const struct read_point *point = read_point_at(ctx);
	__u64 bytes = 0, count_at;
	struct kept_registers kept;
	struct ssl_thread *thread;

	if (!point)
		return;
	kept = kept_registers(ctx);
	if ((__u32)kept_register(&kept, point->peek))
		return;
	call.object = kept_register(&kept, point->object);
	if (!status) {
		struct conn_key key = { .object = call.object, .tgid = pid_tgid >> 32 };

		if (kept_register(&kept, point->length))
			on_peer_end(&key);
		return;
	}
	thread = ssl_thread(pid_tgid, true);
	if (!thread)
		return;
	count_at = kept_register(&kept, point->count);
	if (bpf_probe_read_user(&bytes, sizeof(bytes), (const void *)count_at)) {
		count(STAT_UNREADABLE);
		return;
	}
	call.buffer = kept_register(&kept, point->buffer);
	if (thread->searches)
		begin_search(thread, &call, pid_tgid);
	on_result(thread, &call, pid_tgid >> 32, bytes);
	if (!is_proved(call.object, pid_tgid >> 32))
		note_tls_user(PT_REGS_IP(ctx));
}

SEC("uprobe/ssl_read_done")
int ssl_read_done(struct pt_regs *ctx)
{
	__u64 pid_tgid = bpf_get_current_pid_tgid();
	int status = PT_REGS_RC(ctx);
	struct probe_hits *hits;

	if (!is_selected(pid_tgid >> 32))
		return 0;
	hits = begin_hit(pid_tgid);
	if (!hits)
		return 0;
	if (status >= 0)
		read_done(ctx, pid_tgid, status);
	end_hit(hits, pid_tgid);
	return 0;
}

SEC("uprobe/ssl_shutdown")
int ssl_shutdown(struct pt_regs *ctx)
{
	struct conn_key key = { .object = PT_REGS_PARM1(ctx), .tgid = current_tgid() };
	struct conn *conn;

	if (!is_selected(key.tgid))
		return 0;
	conn = find_conn(&key);
	if (!conn || conn->ends & (1 << DIRECTION_OUT))
		return 0;
	conn->ends |= 1 << DIRECTION_OUT;
	on_end(conn, bpf_ktime_get_boot_ns(), END_OUT);
	return 0;
}

SEC("uprobe/ssl_free")
int ssl_free(struct pt_regs *ctx)
{
	struct conn_key key = { .object = PT_REGS_PARM1(ctx), .tgid = current_tgid() };

	if (!is_selected(key.tgid))
		return 0;
	forget_object(key.object, bpf_get_current_pid_tgid());
	end_plaintext(&key, END_CLOSED);
	return 0;
}
