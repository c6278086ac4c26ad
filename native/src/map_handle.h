#ifndef WEIR_NATIVE_MAP_HANDLE_H_
#define WEIR_NATIVE_MAP_HANDLE_H_

#include <linux/bpf.h>
#include <napi.h>

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>

#include "owned.h"

namespace weir {

/** What BpfObject and the BpfMap objects made from it share. */
struct MapHandle {
  std::string name;
  int fd = -1;  // libbpf's; -1 once the object is closed
  uint32_t type = BPF_MAP_TYPE_UNSPEC;
  uint32_t key_size = 0;
  uint32_t value_size = 0;
  uint32_t max_entries = 0;
  uint32_t flags = 0;
  std::shared_ptr<Mapping> mapping;           // null until it is mapped
  Napi::Reference<Napi::ArrayBuffer> memory;  // the mapping, for JavaScript

  bool per_cpu() const {
    return type == BPF_MAP_TYPE_PERCPU_ARRAY || type == BPF_MAP_TYPE_PERCPU_HASH ||
           type == BPF_MAP_TYPE_LRU_PERCPU_HASH;
  }
  bool array() const { return type == BPF_MAP_TYPE_ARRAY || type == BPF_MAP_TYPE_PERCPU_ARRAY; }
  /** Bytes from one element to the next in the mapped memory, or from one CPU's value to the next.
   */
  size_t padded_bytes() const { return (size_t{value_size} + 7) & ~size_t{7}; }
  /** Bytes that one look-up writes. */
  size_t lookup_bytes(size_t cpus) const { return per_cpu() ? padded_bytes() * cpus : value_size; }
};

}  // namespace weir

#endif  // WEIR_NATIVE_MAP_HANDLE_H_
