#ifndef WEIR_NATIVE_GO_CODE_H_
#define WEIR_NATIVE_GO_CODE_H_

#include <cstdint>
#include <optional>
#include <span>
#include <vector>

#include "call_plan.h"

namespace weir {

/** What is proved of a function that Go's compiler has made. Offsets are bytes from its start. */
struct GoCallPlan {
  /** Behind the check for room on the stack, after which the function may begin again. Arguments
   * are in their registers. */
  std::optional<ProbePoint> begin;
  /** Every return; empty when the code could not be followed to its end. */
  std::vector<ProbePoint> returns;
  /** At each return the three words above the return address are the first three arguments. */
  bool keeps_arguments = false;
};

GoCallPlan PlanGoCall(std::span<const uint8_t> code);

}  // namespace weir

#endif  // WEIR_NATIVE_GO_CODE_H_
