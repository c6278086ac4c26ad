#ifndef WEIR_NATIVE_RODATA_H_
#define WEIR_NATIVE_RODATA_H_

#include <bpf/libbpf.h>
#include <napi.h>

#include <string>

namespace weir {

/** The `const volatile` variables of an object that is open and not loaded. */
class Rodata {
 public:
  explicit Rodata(bpf_object* object) : object_(object) {}

  /**
   * Writes a number, a bigint or bytes (zeros fill up the rest) over the variable's initial value.
   * Returns 0 or an errno: ENOENT no such variable, ERANGE or E2BIG the value does not fit in it.
   */
  int Set(const std::string& name, const Napi::Value& value);

 private:
  bpf_object* object_;
};

}  // namespace weir

#endif  // WEIR_NATIVE_RODATA_H_
