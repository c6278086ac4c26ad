#ifndef WEIR_NATIVE_LOG_H_
#define WEIR_NATIVE_LOG_H_

#include <bpf/libbpf.h>
#include <napi.h>

#include <string>
#include <vector>

#include "env_data.h"

namespace weir {

struct LogMessage {
  libbpf_print_level level;
  std::string text;
};

/**
 * Collects what libbpf prints on this thread as long as it lives. libbpf knows one print function
 * per process, and we may run in several threads: ours is stateless and finds the scope of its
 * thread.
 */
class LogScope {
 public:
  explicit LogScope(Napi::Env env);
  LogScope(const LogScope&) = delete;
  LogScope& operator=(const LogScope&) = delete;
  ~LogScope();

  /** Ends the collecting and hands the messages to the JavaScript log, which may call us again. */
  void Deliver();
  /** All warnings so far, in order. */
  std::vector<std::string> Warnings() const;

 private:
  friend int Print(libbpf_print_level level, const char* format, va_list args);
  void End();

  Napi::Env env_;
  libbpf_print_level wanted_;
  std::vector<LogMessage> messages_;
  LogScope* outer_;
  bool ended_ = false;
};

/** setLog(level: 0 | 1 | 2, log: (level, message) => void): void */
void InitLog(Napi::Env env, Napi::Object exports);

}  // namespace weir

#endif  // WEIR_NATIVE_LOG_H_
