#ifndef WEIR_NATIVE_CALL_PLAN_H_
#define WEIR_NATIVE_CALL_PLAN_H_

#include <cstdint>
#include <optional>
#include <span>

namespace weir {

/** Where the function's caller says that the count of bytes is to be written, if it does. */
enum class CountPointer : uint8_t { kNone, kRcx, kR8 };

/** One place for a uprobe, in bytes from the function's start. */
struct ProbePoint {
  uint32_t offset = 0;
  bool emulated = false;  // by the kernel: no single step
};

/** Two places in the middle of a function, both passed by each call that moves bytes. */
struct MidPlan {
  ProbePoint arguments;                        // rdi and rsi are still the function's
  CountPointer pointer = CountPointer::kNone;  // there, this register holds the count's address
  ProbePoint result;  // eax there: above 0 the call's success, and without `pointer` also its count
};

/** What is proved of a function with the signature of SSL_read, SSL_read_ex, or one of their kin.
 */
struct CallPlan {
  ProbePoint entry;  // for a uprobe and a uretprobe: nothing has been pushed yet
  std::optional<MidPlan> mid;
  bool tail_call = false;  // hands its caller's arguments on to another function, and is gone
};

CallPlan PlanCall(std::span<const uint8_t> code, CountPointer pointer);

/** A direct call, and a place behind it where eax is what it has returned, on the same stack. */
struct CallPoints {
  uint32_t call;
  uint32_t result;
};

/** The only call that the code makes of `target`, where the kernel emulates both places. */
std::optional<CallPoints> FindCall(std::span<const uint8_t> code, int64_t target);

/** The first place that is emulated and where rdi is still the first argument; else the start. */
ProbePoint FirstArgumentPoint(std::span<const uint8_t> code);

}  // namespace weir

#endif  // WEIR_NATIVE_CALL_PLAN_H_
