#include "ring_reader.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/bpf.h>

#include <span>
#include <string>
#include <utility>

#include "bpf_map.h"
#include "errors.h"

namespace weir {

namespace {

constexpr napi_type_tag kTag = {0x51f3c0de8b2a4979, 0x8c64e1b70d93f52a};

}  // namespace

void RingReader::Init(Napi::Env env, Napi::Object exports) {
  exports.Set("RingReader", DefineClass(env, "RingReader",
                                        {InstanceMethod<&RingReader::Drain>("drain"),
                                         InstanceMethod<&RingReader::Positions>("positions"),
                                         InstanceMethod<&RingReader::Skipped>("skipped"),
                                         InstanceMethod<&RingReader::RingCount>("ringCount"),
                                         InstanceMethod<&RingReader::Close>("close")}));
}

/**
 * new RingReader(maps: BpfMap[])
 *
 * Each map is a ring buffer. Throws an Error with `errno`.
 */
RingReader::RingReader(const Napi::CallbackInfo& info)
    : Napi::ObjectWrap<RingReader>(info), data_(EnvData::Of(info.Env())) {
  info.This().As<Napi::Object>().TypeTag(&kTag);
  const auto maps = info[0].As<Napi::Array>();
  for (uint32_t i = 0; i < maps.Length(); i++) {
    const std::shared_ptr<MapHandle> map = BpfMap::From(maps.Get(i));
    const int err = map == nullptr ? EINVAL : Open(*map);
    if (err == 0) continue;
    rings_.clear();
    ThrowErrno(info.Env(), err, "read ring of BPF map " + (map == nullptr ? "?" : map->name));
    return;
  }
  data_.Add(this);
}

RingReader::~RingReader() { Release(); }

void RingReader::Release() {
  data_.Remove(this);
  rings_.clear();
}

int RingReader::Open(const MapHandle& map) {
  if (map.fd >= 0 && map.type != BPF_MAP_TYPE_RINGBUF) return EINVAL;
  UniqueFd fd(fcntl(map.fd, F_DUPFD_CLOEXEC, 0));
  if (fd.get() < 0) return errno;
  auto ring = RingBuffer::Map(std::move(fd), map.max_entries);
  if (ring == nullptr) return errno;
  rings_.push_back(std::move(ring));
  return 0;
}

Napi::Value RingReader::ThrowClosed(Napi::Env env) const {
  return ThrowErrno(env, EBADF, "ring reader is closed");
}

/**
 * drain(into: Uint8Array, maxBytes: number): number
 *
 * Copies records of all rings to the front of `into`, each as [u32 length][u32 ring][payload,
 * padded to 8], at most `maxBytes` in all, and returns the bytes written. A drain that ran out of
 * room begins the next one with the ring after.
 */
Napi::Value RingReader::Drain(const Napi::CallbackInfo& info) {
  const Napi::Env env = info.Env();
  if (rings_.empty()) return ThrowClosed(env);
  auto into = info[0].As<Napi::Uint8Array>();
  const std::span<uint8_t> to(into.Data(), info[1].As<Napi::Number>().Uint32Value());

  const auto count = static_cast<uint32_t>(rings_.size());
  const uint32_t first = first_;
  size_t written = 0;
  for (uint32_t i = 0; i < count; i++) {
    const uint32_t ring = (first + i) % count;
    const RingBuffer::Drained drained = rings_[ring]->Drain(to.subspan(written), ring, to.size());
    written += drained.bytes;
    skipped_ += drained.skipped;
    if (drained.full) {
      first_ = (ring + 1) % count;
      break;
    }
  }
  return Napi::Number::New(env, static_cast<double>(written));
}

/** positions(into: Float64Array): void. Of each ring: bytes ever consumed, bytes ever produced. */
Napi::Value RingReader::Positions(const Napi::CallbackInfo& info) {
  const Napi::Env env = info.Env();
  if (rings_.empty()) return ThrowClosed(env);
  auto into = info[0].As<Napi::Float64Array>();
  for (size_t i = 0; i < rings_.size(); i++) {
    into[2 * i] = static_cast<double>(rings_[i]->consumer_position());
    into[2 * i + 1] = static_cast<double>(rings_[i]->producer_position());
  }
  return env.Undefined();
}

/** skipped(): number. Records ever given up, since no drain had a buffer large enough for them. */
Napi::Value RingReader::Skipped(const Napi::CallbackInfo& info) {
  return Napi::Number::New(info.Env(), static_cast<double>(skipped_));
}

/** ringCount(): number. 0 once closed. */
Napi::Value RingReader::RingCount(const Napi::CallbackInfo& info) {
  return Napi::Number::New(info.Env(), static_cast<double>(rings_.size()));
}

Napi::Value RingReader::Close(const Napi::CallbackInfo& info) {
  Release();
  return info.Env().Undefined();
}

}  // namespace weir
