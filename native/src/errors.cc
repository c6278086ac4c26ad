#include "errors.h"

#include <bpf/libbpf.h>
#include <string.h>

#include <array>

namespace weir {

namespace {

constexpr int kEnotsupp = 524;  // include/linux/errno.h: internal, and yet what trampolines answer

std::string ErrnoText(int err) {
  if (err == kEnotsupp) return "not supported by this kernel";
  std::array<char, 128> text{};
  libbpf_strerror(err, text.data(), text.size());
  return text.data();
}

}  // namespace

std::string ErrnoName(int err) {
  if (err == kEnotsupp) return "ENOTSUPP";
  if (err >= __LIBBPF_ERRNO__START) return "ELIBBPF";
  const char* name = strerrorname_np(err);
  return name == nullptr ? "UNKNOWN" : name;
}

Napi::Error MakeErrno(Napi::Env env, int err, const std::string& message) {
  const std::string text = ErrnoText(err);
  // A message of libbpf may end with it already.
  Napi::Error error =
      Napi::Error::New(env, message.ends_with(text) ? message : message + ": " + text);
  error.Set("errno", Napi::Number::New(env, -err));
  error.Set("code", Napi::String::New(env, ErrnoName(err)));
  return error;
}

Napi::Value ThrowErrno(Napi::Env env, int err, const std::string& message) {
  MakeErrno(env, err, message).ThrowAsJavaScriptException();
  return {};
}

}  // namespace weir
