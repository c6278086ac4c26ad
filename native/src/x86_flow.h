#ifndef WEIR_NATIVE_X86_FLOW_H_
#define WEIR_NATIVE_X86_FLOW_H_

#include <array>
#include <cstdint>
#include <optional>
#include <vector>

#include "x86_code.h"

namespace weir::x86 {

/** What is known of a register's content. The first four are the caller's arguments. */
enum class Held : uint8_t { kUnknown, kObject, kBuffer, kCountPointer, kLength, kZero, kOne };

/** By register number. */
using Registers = std::array<Held, 16>;

/** A place where a probe is emulated, and what the registers hold there. */
struct KnownPoint {
  uint32_t offset;
  Registers held;
};

/** A call, or a jump out of the code, at which some argument register holds the buffer. */
struct Work {
  uint32_t offset;
  std::optional<int64_t> target;        // from the start of the code
  std::optional<int64_t> displacement;  // of the table entry that it goes through
  Registers held;
  std::optional<KnownPoint> result;  // of a call: there, eax is what it has returned
};

/** Where the code hands the buffer on, and whether every way to that could be followed. */
struct WorkPlan {
  std::vector<Work> works;
  bool complete;
};

/** Follows every way from the start of the code, at which the registers hold this. The code may end
 * anywhere behind the function. */
WorkPlan FindWorks(const Function& function, const Registers& held);

}  // namespace weir::x86

#endif  // WEIR_NATIVE_X86_FLOW_H_
