#ifndef WEIR_NATIVE_PROBE_POINTS_H_
#define WEIR_NATIVE_PROBE_POINTS_H_

#include <napi.h>

namespace weir {

/** Where uprobes stand best in a function: see native/probe_points.ts. */
void InitProbePoints(Napi::Env env, Napi::Object exports);

}  // namespace weir

#endif  // WEIR_NATIVE_PROBE_POINTS_H_
