#include "uprobe_multi.h"

#include <bpf/bpf.h>
#include <errno.h>
#include <linux/bpf.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <iterator>

namespace weir {

namespace {

// Younger than the headers we build with. Source: include/uapi/linux/bpf.h@v6.6
constexpr uint32_t kBpfTraceUprobeMulti = 48;
constexpr uint32_t kBpfUprobeMultiReturn = 1;

/** `link_create` of union bpf_attr, as it is for uprobes. */
struct LinkCreate {
  uint32_t prog_fd;
  uint32_t target_fd;
  uint32_t attach_type;
  uint32_t flags;
  uint64_t path;
  uint64_t offsets;
  uint64_t ref_ctr_offsets;
  uint64_t cookies;
  uint32_t count;
  uint32_t uprobe_flags;
  uint32_t pid;
  uint32_t pad;
};

}  // namespace

/** A folder is the wrong thing to probe: a kernel that has come so far says EBADF, one that knows
 * no such link EINVAL. */
bool UprobeMultiSupported() {
  constexpr bpf_insn kReturnZero[] = {
      {.code = BPF_ALU64 | BPF_MOV | BPF_K, .dst_reg = BPF_REG_0, .src_reg = 0, .off = 0, .imm = 0},
      {.code = BPF_JMP | BPF_EXIT, .dst_reg = 0, .src_reg = 0, .off = 0, .imm = 0},
  };
  LIBBPF_OPTS(bpf_prog_load_opts, opts,
              .expected_attach_type = static_cast<bpf_attach_type>(kBpfTraceUprobeMulti));
  const UniqueFd program(bpf_prog_load(BPF_PROG_TYPE_KPROBE, "weir_multi", "GPL", kReturnZero,
                                       std::size(kReturnZero), &opts));
  if (program.get() < 0) return false;
  const UniqueFd link = AttachUprobeMulti(program.get(), "/", 0, false);
  return link.get() < 0 && errno == EBADF;
}

int UseUprobeMulti(bpf_program* program) {
  return bpf_program__set_expected_attach_type(program,
                                               static_cast<bpf_attach_type>(kBpfTraceUprobeMulti));
}

UniqueFd AttachUprobeMulti(int program_fd, const std::string& path, uint64_t offset,
                           bool retprobe) {
  LinkCreate attributes{};
  attributes.prog_fd = static_cast<uint32_t>(program_fd);
  attributes.attach_type = kBpfTraceUprobeMulti;
  attributes.path = reinterpret_cast<uintptr_t>(path.c_str());
  attributes.offsets = reinterpret_cast<uintptr_t>(&offset);
  attributes.count = 1;
  attributes.uprobe_flags = retprobe ? kBpfUprobeMultiReturn : 0;
  const long fd = syscall(SYS_bpf, BPF_LINK_CREATE, &attributes, sizeof(attributes));
  return UniqueFd(static_cast<int>(fd));
}

}  // namespace weir
