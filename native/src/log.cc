#include "log.h"

#include <algorithm>
#include <cstdio>
#include <mutex>
#include <string_view>
#include <utility>

namespace weir {

namespace {

constexpr size_t kMessageMaxBytes = 256 << 10;  // a verifier log may have 16 MiB; its end tells

constexpr std::string_view kPrefix = "libbpf: ";

thread_local LogScope* current_scope = nullptr;

// Which environments rely on our print function; the first puts it in, the last takes it out, since
// the code goes away with the last environment.
std::mutex print_mutex;
int print_users = 0;
libbpf_print_fn_t print_before = nullptr;

std::string Format(const char* format, va_list args) {
  va_list measure;
  va_copy(measure, args);
  const int length = vsnprintf(nullptr, 0, format, measure);
  va_end(measure);
  if (length <= 0) return {};
  std::string text(static_cast<size_t>(length), '\0');
  vsnprintf(text.data(), text.size() + 1, format, args);
  if (text.back() == '\n') text.pop_back();
  return text.starts_with(kPrefix) ? text.substr(kPrefix.size()) : text;
}

/** Takes bytes out of the middle: the beginning names the program, the end has the verdict. */
void Shorten(std::string& text) {
  constexpr size_t kHead = 4 << 10;
  if (text.size() <= kMessageMaxBytes) return;
  text.replace(kHead, text.size() - kMessageMaxBytes, "\n...\n");
}

}  // namespace

int Print(libbpf_print_level level, const char* format, va_list args) {
  LogScope* scope = current_scope;
  if (scope == nullptr || level > scope->wanted_) return 0;
  std::string text = Format(format, args);
  Shorten(text);
  scope->messages_.push_back({level, std::move(text)});
  return 0;
}

namespace {

void AddPrintUser() {
  const std::lock_guard lock(print_mutex);
  if (print_users++ == 0) print_before = libbpf_set_print(Print);
}

void RemovePrintUser() {
  const std::lock_guard lock(print_mutex);
  if (--print_users == 0) libbpf_set_print(print_before);
}

Napi::Value SetLog(const Napi::CallbackInfo& info) {
  EnvData& data = EnvData::Of(info.Env());
  data.log_level = static_cast<libbpf_print_level>(info[0].As<Napi::Number>().Int32Value());
  data.log = Napi::Persistent(info[1].As<Napi::Function>());
  return info.Env().Undefined();
}

}  // namespace

LogScope::LogScope(Napi::Env env)
    : env_(env),
      wanted_(std::max(LIBBPF_WARN, EnvData::Of(env).log_level)),
      outer_(std::exchange(current_scope, this)) {}

LogScope::~LogScope() { End(); }

void LogScope::End() {
  if (!std::exchange(ended_, true)) current_scope = outer_;
}

std::vector<std::string> LogScope::Warnings() const {
  std::vector<std::string> warnings;
  for (const LogMessage& message : messages_) {
    if (message.level == LIBBPF_WARN) warnings.push_back(message.text);
  }
  return warnings;
}

void LogScope::Deliver() {
  End();
  const Napi::FunctionReference& log = EnvData::Of(env_).log;
  if (log.IsEmpty()) return;
  for (const LogMessage& message : messages_) {
    log.Call({Napi::Number::New(env_, message.level), Napi::String::New(env_, message.text)});
    // A log that throws must not look like the failure of what is logged.
    if (env_.IsExceptionPending()) env_.GetAndClearPendingException();
  }
}

void InitLog(Napi::Env env, Napi::Object exports) {
  AddPrintUser();
  env.AddCleanupHook(RemovePrintUser);
  exports.Set("setLog", Napi::Function::New<SetLog>(env, "setLog"));
}

}  // namespace weir
