#include "ring_buffer.h"

#include <linux/bpf.h>
#include <sys/mman.h>
#include <unistd.h>

#include <algorithm>
#include <cstring>
#include <utility>

namespace weir {

namespace {

constexpr size_t kOutHeaderBytes = 8;  // what we write in front of a payload

constexpr size_t Align8(size_t bytes) { return (bytes + 7) & ~size_t{7}; }

// The kernel stores with release what we load with acquire, and the other way round: positions and
// record lengths are words that both sides see at once, everything else is ordered by them, also on
// arm64.
template <typename Word>
Word LoadAcquire(const void* address) {
  return __atomic_load_n(static_cast<const Word*>(address), __ATOMIC_ACQUIRE);
}

void StoreRelease(void* address, unsigned long value) {
  __atomic_store_n(static_cast<unsigned long*>(address), value, __ATOMIC_RELEASE);
}

void WriteHeader(uint8_t* to, uint32_t length, uint32_t index) {
  std::memcpy(to, &length, sizeof(length));
  std::memcpy(to + sizeof(length), &index, sizeof(index));
}

}  // namespace

/*
 * The mapping:  page 0: consumer position, writable | page 1: producer position | data | data
 * again. A record: u32 length with two flag bits, u32 page offset, payload, all rounded up to 8.
 * The second copy, by which no record is cut by the end, is not mapped: its pages would count as
 * resident once more.
 */
std::unique_ptr<RingBuffer> RingBuffer::Map(UniqueFd fd, size_t bytes) {
  const auto page = static_cast<size_t>(sysconf(_SC_PAGESIZE));
  Mapping consumer(page, PROT_READ | PROT_WRITE, fd.get(), 0);
  if (consumer.get() == nullptr) return nullptr;
  Mapping producer(page + bytes, PROT_READ, fd.get(), static_cast<off_t>(page));
  if (producer.get() == nullptr) return nullptr;
  return std::unique_ptr<RingBuffer>(
      new RingBuffer(std::move(fd), std::move(consumer), std::move(producer), bytes));
}

RingBuffer::RingBuffer(UniqueFd fd, Mapping consumer, Mapping producer, size_t bytes)
    : fd_(std::move(fd)),
      consumer_(std::move(consumer)),
      producer_(std::move(producer)),
      data_(static_cast<const uint8_t*>(producer_.get()) + sysconf(_SC_PAGESIZE)),
      mask_(bytes - 1) {}

uint64_t RingBuffer::producer_position() const {
  return LoadAcquire<unsigned long>(producer_.get());
}

uint64_t RingBuffer::consumer_position() const {
  return LoadAcquire<unsigned long>(consumer_.get());
}

void RingBuffer::CopyPayload(uint8_t* to, uint64_t position, size_t length) const {
  const uint64_t offset = position & mask_;
  const size_t before_end = std::min<uint64_t>(length, mask_ + 1 - offset);
  std::memcpy(to, data_ + offset, before_end);
  std::memcpy(to + before_end, data_, length - before_end);
  std::memset(to + length, 0, Align8(length) - length);
}

RingBuffer::Drained RingBuffer::Drain(std::span<uint8_t> to, uint32_t index, size_t most) {
  const uint64_t end = producer_position();
  const uint64_t start = consumer_position();
  uint64_t position = start;
  Drained drained;
  while (position < end) {
    const uint8_t* record = data_ + (position & mask_);
    const auto header = LoadAcquire<uint32_t>(record);
    if ((header & BPF_RINGBUF_BUSY_BIT) != 0) break;  // reserved and not submitted yet
    const uint32_t length = header & ~(BPF_RINGBUF_BUSY_BIT | BPF_RINGBUF_DISCARD_BIT);
    const size_t out_bytes = kOutHeaderBytes + Align8(length);
    if ((header & BPF_RINGBUF_DISCARD_BIT) == 0) {
      if (out_bytes > most) {
        drained.skipped++;
      } else if (drained.bytes + out_bytes > to.size()) {
        drained.full = true;
        break;
      } else {
        uint8_t* const out = to.data() + drained.bytes;
        WriteHeader(out, length, index);
        CopyPayload(out + kOutHeaderBytes, position + BPF_RINGBUF_HDR_SZ, length);
        drained.bytes += out_bytes;
        drained.records++;
      }
    }
    position += Align8(BPF_RINGBUF_HDR_SZ + size_t{length});
  }
  if (position != start) StoreRelease(consumer_.get(), position);
  return drained;
}

}  // namespace weir
