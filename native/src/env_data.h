#ifndef WEIR_NATIVE_ENV_DATA_H_
#define WEIR_NATIVE_ENV_DATA_H_

#include <bpf/libbpf.h>
#include <napi.h>

#include <unordered_set>

namespace weir {

/** Something that holds kernel objects and lets go of them when its JavaScript environment ends. */
class Closable {
 public:
  virtual ~Closable() = default;
  /** Gives everything back to the kernel; calls no JavaScript. Safe to call twice. */
  virtual void Release() = 0;
};

/** What one JavaScript environment (the main thread, a worker) has of this addon. */
class EnvData {
 public:
  static EnvData& Of(Napi::Env env) { return *env.GetInstanceData<EnvData>(); }
  /** Makes the data of `env`, to be called once, first of all. */
  static void Install(Napi::Env env);

  EnvData() = default;
  EnvData(const EnvData&) = delete;
  EnvData& operator=(const EnvData&) = delete;

  /** Until `Remove`, `object` is released when the environment ends. */
  void Add(Closable* object) { open_.insert(object); }
  void Remove(Closable* object) { open_.erase(object); }

  Napi::FunctionReference log;  // (level: number, message: string) => void
  libbpf_print_level log_level = LIBBPF_WARN;
  Napi::FunctionReference map_class;  // made by BpfObject alone, so not exported

 private:
  void ReleaseAll();

  std::unordered_set<Closable*> open_;
};

}  // namespace weir

#endif  // WEIR_NATIVE_ENV_DATA_H_
