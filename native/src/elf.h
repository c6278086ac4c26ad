#ifndef WEIR_NATIVE_ELF_H_
#define WEIR_NATIVE_ELF_H_

#include <napi.h>

namespace weir {

/** What JavaScript asks of ELF files, off its thread: a cold disk must not hold up a drain. */
void InitElf(Napi::Env env, Napi::Object exports);

}  // namespace weir

#endif  // WEIR_NATIVE_ELF_H_
