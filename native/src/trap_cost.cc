#include "trap_cost.h"

#include <time.h>

#include <cstdint>

// The kernel emulates the first instruction of one, and single-steps that of the other.
#if defined(__x86_64__)
#define STEPPED "sub $0x18, %rsp\nadd $0x18, %rsp\n"
#elif defined(__aarch64__)
#define STEPPED "add x0, x0, #0\n"
#else
#error "which instruction is single-stepped here?"
#endif

asm(".text\n"
    ".p2align 4\n"
    ".hidden weir_trap_emulated\n"
    ".globl weir_trap_emulated\n"
    ".type weir_trap_emulated, %function\n"
    "weir_trap_emulated:\nnop\nret\n"
    ".size weir_trap_emulated, .-weir_trap_emulated\n"
    ".p2align 4\n"
    ".hidden weir_trap_stepped\n"
    ".globl weir_trap_stepped\n"
    ".type weir_trap_stepped, %function\n"
    "weir_trap_stepped:\n" STEPPED
    "ret\n"
    ".size weir_trap_stepped, .-weir_trap_stepped\n");

extern "C" {
void weir_trap_emulated();
void weir_trap_stepped();
}

namespace weir {

namespace {

using Target = void (*)();

Target TargetOf(const Napi::CallbackInfo& info) {
  return info[0].As<Napi::Boolean>() ? weir_trap_emulated : weir_trap_stepped;
}

/** trapTarget(emulated: boolean): number. Its address in this process. */
Napi::Value TrapTarget(const Napi::CallbackInfo& info) {
  const auto address = reinterpret_cast<uintptr_t>(TargetOf(info));
  return Napi::Number::New(info.Env(), static_cast<double>(address));
}

/** callTrapTarget(emulated: boolean, times: number): number. Calls it, and returns the nanoseconds
 * of CPU that took. */
Napi::Value CallTrapTarget(const Napi::CallbackInfo& info) {
  const Target volatile target = TargetOf(info);
  const uint32_t times = info[1].As<Napi::Number>().Uint32Value();
  timespec before{};
  timespec after{};
  clock_gettime(CLOCK_THREAD_CPUTIME_ID, &before);
  for (uint32_t i = 0; i < times; i++) target();
  clock_gettime(CLOCK_THREAD_CPUTIME_ID, &after);
  const double seconds = static_cast<double>(after.tv_sec - before.tv_sec);
  return Napi::Number::New(info.Env(),
                           seconds * 1e9 + static_cast<double>(after.tv_nsec - before.tv_nsec));
}

}  // namespace

void InitTrapCost(Napi::Env env, Napi::Object exports) {
  exports.Set("trapTarget", Napi::Function::New<TrapTarget>(env, "trapTarget"));
  exports.Set("callTrapTarget", Napi::Function::New<CallTrapTarget>(env, "callTrapTarget"));
}

}  // namespace weir
