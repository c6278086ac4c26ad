#ifndef WEIR_NATIVE_BPF_OBJECT_H_
#define WEIR_NATIVE_BPF_OBJECT_H_

#include <bpf/libbpf.h>
#include <napi.h>

#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <unordered_map>

#include "env_data.h"
#include "link_reaper.h"
#include "log.h"
#include "map_handle.h"
#include "owned.h"

namespace weir {

/** A BPF object file: opened, then loaded whole or not at all, then attached program by program. */
class BpfObject final : public Napi::ObjectWrap<BpfObject>, public Closable {
 public:
  static void Init(Napi::Env env, Napi::Object exports);
  /** The object behind a JavaScript value, or null when it is something else. */
  static BpfObject* From(const Napi::Value& value);

  explicit BpfObject(const Napi::CallbackInfo& info);
  ~BpfObject() override;
  BpfObject(const BpfObject&) = delete;
  BpfObject& operator=(const BpfObject&) = delete;

  void Release() override;
  /** Null once closed. */
  bpf_object* object() const { return object_.get(); }
  /** True until closed. */
  bool loaded() const { return loaded_ && object_ != nullptr; }

 private:
  struct Link {
    Attachment attachment;
    std::string program;
  };

  Napi::Value Load(const Napi::CallbackInfo& info);
  Napi::Value Close(const Napi::CallbackInfo& info);
  Napi::Value Programs(const Napi::CallbackInfo& info);
  Napi::Value Attach(const Napi::CallbackInfo& info);
  Napi::Value AttachUprobe(const Napi::CallbackInfo& info);
  Napi::Value Detach(const Napi::CallbackInfo& info);
  Napi::Value Maps(const Napi::CallbackInfo& info);
  Napi::Value Map(const Napi::CallbackInfo& info);
  Napi::Value Layout(const Napi::CallbackInfo& info);

  Napi::Value FinishAttach(LogScope& log, Attachment attachment, const std::string& program,
                           const std::string& doing);
  Napi::Object Describe(Napi::Env env, const bpf_program* program) const;
  Napi::Value ThrowClosed(Napi::Env env) const;

  EnvData& data_;
  std::string path_;
  UniqueObject object_;
  bool loaded_ = false;
  bool uprobe_multi_ = false;
  std::unordered_map<uint32_t, Link> links_;
  LinkReaper reaper_;
  uint32_t next_link_ = 0;
  std::map<std::string, std::shared_ptr<MapHandle>> maps_;
};

}  // namespace weir

#endif  // WEIR_NATIVE_BPF_OBJECT_H_
