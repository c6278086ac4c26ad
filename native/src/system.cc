#include "system.h"

#include <bpf/bpf.h>
#include <errno.h>
#include <linux/bpf.h>
#include <sys/file.h>
#include <sys/resource.h>
#include <time.h>

#include <cstdint>
#include <limits>

#include "errors.h"

namespace weir {

namespace {

constexpr int64_t kNsPerSecond = 1'000'000'000;

int64_t NowNs(clockid_t clock) {
  timespec now{};
  clock_gettime(clock, &now);
  return now.tv_sec * kNsPerSecond + now.tv_nsec;
}

/** tryLock(fd: number): boolean. Takes flock(2)'s exclusive lock; false when another process has
 * it. */
Napi::Value TryLock(const Napi::CallbackInfo& info) {
  const Napi::Env env = info.Env();
  if (flock(info[0].As<Napi::Number>().Int32Value(), LOCK_EX | LOCK_NB) == 0) {
    return Napi::Boolean::New(env, true);
  }
  if (errno == EWOULDBLOCK) return Napi::Boolean::New(env, false);
  return ThrowErrno(env, errno, "lock file");
}

/**
 * readClocks(enoughNs: number): {bootNs: bigint, realNs: bigint, windowNs: number}
 *
 * Both clocks at one moment: the wall clock was read within windowNs around bootNs. The tightest of
 * several tries, since the thread may be put aside between two readings; the first one that is not
 * wider than enoughNs is the last.
 */
Napi::Value ReadClocks(const Napi::CallbackInfo& info) {
  constexpr int kTries = 8;
  const int64_t enough = info[0].As<Napi::Number>().Int64Value();
  int64_t boot = 0;
  int64_t real = 0;
  int64_t window = std::numeric_limits<int64_t>::max();
  for (int i = 0; i < kTries && window > enough; i++) {
    const int64_t before = NowNs(CLOCK_BOOTTIME);
    const int64_t between = NowNs(CLOCK_REALTIME);
    const int64_t after = NowNs(CLOCK_BOOTTIME);
    if (after - before >= window) continue;
    window = after - before;
    boot = before + window / 2;
    real = between;
  }
  Napi::Object result = Napi::Object::New(info.Env());
  result.Set("bootNs", Napi::BigInt::New(info.Env(), boot));
  result.Set("realNs", Napi::BigInt::New(info.Env(), real));
  result.Set("windowNs", static_cast<double>(window));
  return result;
}

/** bootNow(epochNs: bigint): number. Nanoseconds on the boot clock since that moment of it. */
Napi::Value BootNow(const Napi::CallbackInfo& info) {
  bool lossless = false;
  const int64_t epoch = info[0].As<Napi::BigInt>().Int64Value(&lossless);
  return Napi::Number::New(info.Env(), static_cast<double>(NowNs(CLOCK_BOOTTIME) - epoch));
}

/** memlockLimit(): number. The soft limit of RLIMIT_MEMLOCK in bytes, or Infinity. */
Napi::Value MemlockLimit(const Napi::CallbackInfo& info) {
  rlimit limit{};
  if (getrlimit(RLIMIT_MEMLOCK, &limit) != 0) {
    return ThrowErrno(info.Env(), errno, "read RLIMIT_MEMLOCK");
  }
  const double bytes = limit.rlim_cur == RLIM_INFINITY ? std::numeric_limits<double>::infinity()
                                                       : static_cast<double>(limit.rlim_cur);
  return Napi::Number::New(info.Env(), bytes);
}

/**
 * enableStats(): number
 *
 * Makes the kernel count runs and run time of all BPF programs as long as the returned fd is open;
 * the caller closes it.
 */
Napi::Value EnableStats(const Napi::CallbackInfo& info) {
  const int fd = bpf_enable_stats(BPF_STATS_RUN_TIME);
  if (fd < 0) return ThrowErrno(info.Env(), errno, "enable BPF statistics");
  return Napi::Number::New(info.Env(), fd);
}

}  // namespace

void InitSystem(Napi::Env env, Napi::Object exports) {
  exports.Set("tryLock", Napi::Function::New<TryLock>(env, "tryLock"));
  exports.Set("readClocks", Napi::Function::New<ReadClocks>(env, "readClocks"));
  exports.Set("bootNow", Napi::Function::New<BootNow>(env, "bootNow"));
  exports.Set("memlockLimit", Napi::Function::New<MemlockLimit>(env, "memlockLimit"));
  exports.Set("enableStats", Napi::Function::New<EnableStats>(env, "enableStats"));
}

}  // namespace weir
