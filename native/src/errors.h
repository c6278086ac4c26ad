#ifndef WEIR_NATIVE_ERRORS_H_
#define WEIR_NATIVE_ERRORS_H_

#include <napi.h>

#include <string>

namespace weir {

/** "EPERM" for EPERM, also for the kernel's internal ENOTSUPP and for libbpf's own codes. */
std::string ErrnoName(int err);

/** "<message>: <what the errno says>", with `errno` (negative, as Node has it) and `code`. */
Napi::Error MakeErrno(Napi::Env env, int err, const std::string& message);

/** Throws `MakeErrno` in JavaScript. Returns an empty value, to be returned at once. */
Napi::Value ThrowErrno(Napi::Env env, int err, const std::string& message);

}  // namespace weir

#endif  // WEIR_NATIVE_ERRORS_H_
