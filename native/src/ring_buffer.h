#ifndef WEIR_NATIVE_RING_BUFFER_H_
#define WEIR_NATIVE_RING_BUFFER_H_

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>

#include "owned.h"

namespace weir {

/** One BPF ring buffer, mapped, with us as its only consumer. Source: kernel/bpf/ringbuf.c */
class RingBuffer {
 public:
  /** Takes the fd of a ring of `bytes`. Null on failure, and errno says why. */
  static std::unique_ptr<RingBuffer> Map(UniqueFd fd, size_t bytes);

  /** What one drain of one ring did. */
  struct Drained {
    size_t bytes = 0;      // written
    uint32_t records = 0;  // written
    uint32_t skipped = 0;  // too large for any buffer of this size
    bool full = false;     // a record waits that did not fit
  };

  /**
   * Copies finished records as [u32 length][u32 index][payload, padded to 8], in order, until one
   * does not fit in `to`. A record that would not fit in `most` bytes either, an empty buffer, is
   * skipped.
   */
  Drained Drain(std::span<uint8_t> to, uint32_t index, size_t most);

  /** Bytes ever reserved by producers, and ever consumed by us. */
  uint64_t producer_position() const;
  uint64_t consumer_position() const;

 private:
  RingBuffer(UniqueFd fd, Mapping consumer, Mapping producer, size_t bytes);

  /** Copies a payload and pads it with zeros to 8. */
  void CopyPayload(uint8_t* to, uint64_t position, size_t length) const;

  UniqueFd fd_;
  Mapping consumer_;
  Mapping producer_;
  const uint8_t* data_;
  uint64_t mask_;
};

}  // namespace weir

#endif  // WEIR_NATIVE_RING_BUFFER_H_
