#ifndef WEIR_NATIVE_BPF_MAP_H_
#define WEIR_NATIVE_BPF_MAP_H_

#include <napi.h>

#include <memory>
#include <string>

#include "map_handle.h"

struct bpf_map;

namespace weir {

/** A map of a loaded object, valid until that object is closed. */
class BpfMap final : public Napi::ObjectWrap<BpfMap> {
 public:
  static void Init(Napi::Env env);
  static Napi::Value New(Napi::Env env, const std::shared_ptr<MapHandle>& handle);
  static std::shared_ptr<MapHandle> HandleOf(const bpf_map* map);
  /** The handle behind a JavaScript BpfMap, or null when it is something else. */
  static std::shared_ptr<MapHandle> From(const Napi::Value& value);
  /** Takes the mapped memory, if any, from its ArrayBuffer, whose length becomes 0. Calls into
   * JavaScript's heap. */
  static void DetachMemory(MapHandle& handle);

  explicit BpfMap(const Napi::CallbackInfo& info);

 private:
  Napi::Value Info(const Napi::CallbackInfo& info);
  Napi::Value Lookup(const Napi::CallbackInfo& info);
  Napi::Value LookupMany(const Napi::CallbackInfo& info);
  Napi::Value Update(const Napi::CallbackInfo& info);
  Napi::Value Delete(const Napi::CallbackInfo& info);
  Napi::Value Scan(const Napi::CallbackInfo& info);
  Napi::Value SumCounters(const Napi::CallbackInfo& info);
  Napi::Value Memory(const Napi::CallbackInfo& info);

  Napi::Value Throw(Napi::Env env, int err, const std::string& doing) const;

  std::shared_ptr<MapHandle> handle_;
};

}  // namespace weir

#endif  // WEIR_NATIVE_BPF_MAP_H_
