#include "go_code.h"

#include <array>

#include "x86_code.h"

namespace weir {

namespace {

using x86::Flow;
using x86::Function;
using x86::Instruction;

/** Source: https://github.com/golang/go/blob/go1.26.0/src/cmd/compile/abi-internal.md */
constexpr std::array kArguments = {x86::kRax, x86::kRbx, x86::kRcx};
constexpr int64_t kWord = 8;

bool WritesArgument(const Instruction& i) {
  for (const x86::Register r : kArguments) {
    if (i.Writes(r)) return true;
  }
  return false;
}

/** The first instruction that takes room on the stack, if none before touches an argument. */
std::optional<ProbePoint> Begin(const Function& function) {
  for (const auto& [offset, i] : function.all()) {
    if (i.stack_growth > 0) return ProbePoint{offset, i.emulated};
    const bool on = i.flow == Flow::kNext || i.flow == Flow::kBranch;
    if (!on || i.indirect_call || WritesArgument(i) || i.Writes(x86::kRsp)) return std::nullopt;
  }
  return std::nullopt;
}

/** Which of the arguments' words in the caller's frame the instruction touches: bits by number. */
uint8_t Touched(const std::optional<x86::Slot>& slot, int64_t bytes, int64_t frame) {
  uint8_t set = 0;
  if (!slot || slot->base != x86::kRsp) return set;
  for (size_t n = 0; n < kArguments.size(); n++) {
    const int64_t home = frame + kWord * static_cast<int64_t>(1 + n);
    if (slot->displacement < home + kWord && home < slot->displacement + bytes) set |= 1U << n;
  }
  return set;
}

/** The argument that the instruction puts whole where the caller has left room for it: a bit. */
uint8_t Kept(const Instruction& i, int64_t frame) {
  for (size_t n = 0; n < kArguments.size(); n++) {
    const x86::Slot home{x86::kRsp, frame + kWord * static_cast<int64_t>(1 + n)};
    if (i.store == home && i.stored_from == kArguments[n]) return 1U << n;
  }
  return 0;
}

/** What is called may take the address of any of them, but of the words above nobody is told. */
bool KeepsArguments(const Function& function, const ProbePoint& begin) {
  constexpr uint8_t kAll = (1U << kArguments.size()) - 1;
  int64_t frame = 0;
  uint8_t kept = 0;
  bool straight = true;  // no way leads around what has been passed, and no argument is gone
  for (const auto& [offset, i] : function.all()) {
    if (offset < begin.offset) continue;
    const uint8_t one = straight ? Kept(i, frame) : 0;
    if (one == 0 && Touched(i.store, i.stored_bytes, frame) != 0) return false;
    if (Touched(i.address, kWord, frame) != 0) return false;
    kept |= one;
    if (straight) frame += i.stack_growth;
    if (i.flow != Flow::kNext || i.indirect_call || WritesArgument(i)) straight = false;
  }
  return kept == kAll;
}

}  // namespace

GoCallPlan PlanGoCall(std::span<const uint8_t> code) {
  const Function function(code);
  GoCallPlan plan{.begin = Begin(function), .returns = {}, .keeps_arguments = false};
  if (!function.complete()) return plan;
  for (const auto& [offset, i] : function.all()) {
    if (i.flow == Flow::kReturn) plan.returns.push_back({offset, i.emulated});
  }
  plan.keeps_arguments = plan.begin && KeepsArguments(function, *plan.begin);
  return plan;
}

}  // namespace weir
