#ifndef WEIR_NATIVE_MAP_SCAN_H_
#define WEIR_NATIVE_MAP_SCAN_H_

#include <cstdint>
#include <span>

#include "map_handle.h"

namespace weir {

/** Where a scan of a map stands. The bytes are the kernel's batch token, or the last key seen. */
struct ScanCursor {
  std::span<uint8_t> bytes;  // at least 8, and the key's size
  bool first;
};

struct ScanResult {
  int err = 0;         // an errno, or 0
  uint32_t count = 0;  // elements written
  bool done = false;   // nothing follows
};

/**
 * Copies the next elements of a map into `keys` and `values`, as many as both can hold, and moves
 * `cursor` on. Elements that come or go meanwhile may be missed or seen twice. ENOSPC: give more
 * room, for a hash bucket must fit whole.
 */
ScanResult ScanByBatch(const MapHandle& map, ScanCursor cursor, std::span<uint8_t> keys,
                       std::span<uint8_t> values, uint32_t capacity);

/** The same, one system call or two per element, for kernels and maps without batches. */
ScanResult ScanByKey(const MapHandle& map, ScanCursor cursor, std::span<uint8_t> keys,
                     std::span<uint8_t> values, uint32_t capacity, size_t lookup_bytes);

}  // namespace weir

#endif  // WEIR_NATIVE_MAP_SCAN_H_
