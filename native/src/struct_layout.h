#ifndef WEIR_NATIVE_STRUCT_LAYOUT_H_
#define WEIR_NATIVE_STRUCT_LAYOUT_H_

#include <bpf/btf.h>
#include <napi.h>

#include <string>

namespace weir {

/** How `struct name` lies in memory, as BpfObject.layout() gives it. `types` may be null: none is
 * known. */
Napi::Value StructLayout(Napi::Env env, const btf* types, const std::string& name);

}  // namespace weir

#endif  // WEIR_NATIVE_STRUCT_LAYOUT_H_
