#include "map_scan.h"

#include <bpf/bpf.h>
#include <errno.h>

#include <cstring>

namespace weir {

ScanResult ScanByBatch(const MapHandle& map, ScanCursor cursor, std::span<uint8_t> keys,
                       std::span<uint8_t> values, uint32_t capacity) {
  LIBBPF_OPTS(bpf_map_batch_opts, opts);
  __u32 count = capacity;
  void* in = cursor.first ? nullptr : cursor.bytes.data();
  if (bpf_map_lookup_batch(map.fd, in, cursor.bytes.data(), keys.data(), values.data(), &count,
                           &opts) == 0) {
    return {.count = count};
  }
  // ENOENT is the end, and may come with the last elements.
  if (errno == ENOENT) return {.count = count, .done = true};
  return {.err = errno};
}

ScanResult ScanByKey(const MapHandle& map, ScanCursor cursor, std::span<uint8_t> keys,
                     std::span<uint8_t> values, uint32_t capacity, size_t lookup_bytes) {
  uint8_t* last = cursor.bytes.data();
  ScanResult result;
  while (result.count < capacity) {
    uint8_t* key = keys.data() + size_t{result.count} * map.key_size;
    if (bpf_map_get_next_key(map.fd, cursor.first ? nullptr : last, key) != 0) {
      result.done = errno == ENOENT;
      result.err = result.done ? 0 : errno;
      return result;
    }
    cursor.first = false;
    std::memcpy(last, key, map.key_size);
    // The element may be gone since.
    if (bpf_map_lookup_elem(map.fd, key, values.data() + result.count * lookup_bytes) == 0) {
      result.count++;
    }
  }
  return result;
}

}  // namespace weir
