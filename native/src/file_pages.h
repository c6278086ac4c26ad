#ifndef WEIR_NATIVE_FILE_PAGES_H_
#define WEIR_NATIVE_FILE_PAGES_H_

#include <napi.h>

namespace weir {

/** What this process keeps mapped of programs and libraries. */
void InitFilePages(Napi::Env env, Napi::Object exports);

}  // namespace weir

#endif  // WEIR_NATIVE_FILE_PAGES_H_
