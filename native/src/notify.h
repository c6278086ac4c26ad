#ifndef WEIR_NATIVE_NOTIFY_H_
#define WEIR_NATIVE_NOTIFY_H_

#include <napi.h>

namespace weir {

/** What a service tells the manager that started it, by a unix datagram: Node has none. */
void InitNotify(Napi::Env env, Napi::Object exports);

}  // namespace weir

#endif  // WEIR_NATIVE_NOTIFY_H_
