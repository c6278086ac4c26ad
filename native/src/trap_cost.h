#ifndef WEIR_NATIVE_TRAP_COST_H_
#define WEIR_NATIVE_TRAP_COST_H_

#include <napi.h>

namespace weir {

/** Two functions of the addon that do nothing, to be probed: what a probe costs whoever passes it.
 */
void InitTrapCost(Napi::Env env, Napi::Object exports);

}  // namespace weir

#endif  // WEIR_NATIVE_TRAP_COST_H_
