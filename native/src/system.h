#ifndef WEIR_NATIVE_SYSTEM_H_
#define WEIR_NATIVE_SYSTEM_H_

#include <napi.h>

namespace weir {

/** The bits of the system that Node lacks: flock, clocks, limits, bpf_stats. */
void InitSystem(Napi::Env env, Napi::Object exports);

}  // namespace weir

#endif  // WEIR_NATIVE_SYSTEM_H_
