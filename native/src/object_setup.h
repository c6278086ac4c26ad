#ifndef WEIR_NATIVE_OBJECT_SETUP_H_
#define WEIR_NATIVE_OBJECT_SETUP_H_

#include <bpf/libbpf.h>
#include <napi.h>

#include <string>

namespace weir {

/** What must be said of an object between its opening and its loading. */
class ObjectSetup {
 public:
  explicit ObjectSetup(bpf_object* object) : object_(object) {}

  /** Does all that `options` ask for, see BpfObject's constructor. Returns 0, or an errno, and
   * `what` names the culprit. */
  int Apply(const Napi::Object& options);
  const std::string& what() const { return what_; }
  /** Programs with SEC("uprobe...") are to be attached by AttachUprobeMulti, and can be attached in
   * no other way. */
  bool uprobe_multi() const { return uprobe_multi_; }

 private:
  using SetSize = int (*)(bpf_map*, uint32_t);

  // Each returns an errno, or 0.
  int SetSizes(const Napi::Array& sizes, SetSize set, const std::string& what);
  int SetAutoload(const Napi::Array& programs);
  int ReuseMaps(const Napi::Array& objects);
  int ReuseMap(const bpf_map* shared);
  int SetRodata(const Napi::Array& values);
  int Fail(int err, const std::string& what);
  void ChooseUprobes();

  bpf_object* object_;
  std::string what_;
  bool uprobe_multi_ = false;
};

}  // namespace weir

#endif  // WEIR_NATIVE_OBJECT_SETUP_H_
