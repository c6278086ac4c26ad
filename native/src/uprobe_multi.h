#ifndef WEIR_NATIVE_UPROBE_MULTI_H_
#define WEIR_NATIVE_UPROBE_MULTI_H_

#include <bpf/libbpf.h>

#include <cstdint>
#include <string>

#include "owned.h"

namespace weir {

/**
 * Uprobes through a BPF link of their own (kernel 6.6), not through perf events. A hit costs the
 * same, but the kernel lets go of perf events one by one, 80 ms each (measured on 6.18), and of
 * these side by side: 8 took 104 ms. libbpf 1.1 does not know them.
 */
bool UprobeMultiSupported();

/** Before the object is loaded: `program` is to be attached by `AttachUprobeMulti` alone. */
int UseUprobeMulti(bpf_program* program);

/** One probe at a file `offset` of `path`, in every process. On failure the fd is -1, and errno
 * says why. */
UniqueFd AttachUprobeMulti(int program_fd, const std::string& path, uint64_t offset, bool retprobe);

}  // namespace weir

#endif  // WEIR_NATIVE_UPROBE_MULTI_H_
