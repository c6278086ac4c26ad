#ifndef WEIR_NATIVE_RING_READER_H_
#define WEIR_NATIVE_RING_READER_H_

#include <napi.h>

#include <cstdint>
#include <memory>
#include <vector>

#include "env_data.h"
#include "map_handle.h"
#include "ring_buffer.h"

namespace weir {

/** Some rings, read in turn. Lives on after its object is closed, so that the last
 * records can be read. */
class RingReader final : public Napi::ObjectWrap<RingReader>, public Closable {
 public:
  static void Init(Napi::Env env, Napi::Object exports);

  explicit RingReader(const Napi::CallbackInfo& info);
  ~RingReader() override;
  RingReader(const RingReader&) = delete;
  RingReader& operator=(const RingReader&) = delete;

  void Release() override;

 private:
  /** Returns an errno, or 0. */
  int Open(const MapHandle& map);

  Napi::Value Drain(const Napi::CallbackInfo& info);
  Napi::Value Positions(const Napi::CallbackInfo& info);
  Napi::Value Skipped(const Napi::CallbackInfo& info);
  Napi::Value RingCount(const Napi::CallbackInfo& info);
  Napi::Value Close(const Napi::CallbackInfo& info);

  Napi::Value ThrowClosed(Napi::Env env) const;

  EnvData& data_;
  std::vector<std::unique_ptr<RingBuffer>> rings_;  // empty once closed
  uint32_t first_ = 0;                              // the ring whose turn it is
  uint64_t skipped_ = 0;
};

}  // namespace weir

#endif  // WEIR_NATIVE_RING_READER_H_
