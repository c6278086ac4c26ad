#include "call_plan.h"

#include <array>
#include <set>
#include <vector>

#include "x86_code.h"

namespace weir {

namespace {

using x86::Flow;
using x86::Function;
using x86::Instruction;
using x86::Register;
using x86::Slot;

/** What is known of the registers on the straight way from the start to one instruction. */
struct Registers {
  std::array<bool, 16> count_pointer{};         // the caller's pointer to the count
  std::array<std::optional<Slot>, 16> slots{};  // address of a stack slot of the function itself

  void Step(const Instruction& i) {
    const bool was_pointer = i.copied_from && count_pointer[*i.copied_from];
    for (uint8_t r = 0; r < 16; r++) {
      if (!i.Writes(static_cast<Register>(r))) continue;
      count_pointer[r] = false;
      slots[r].reset();
    }
    // A slot is named by its distance to rsp or rbp: where those move, names mean something else.
    for (auto& slot : slots) {
      if (slot && i.Writes(slot->base)) slot.reset();
    }
    if (!i.destination) return;
    count_pointer[*i.destination] = was_pointer;
    slots[*i.destination] = i.address;
  }
};

/** The call that does the work, with everything that is proved at it. */
struct InnerCall {
  const Instruction* call;
  CountPointer pointer;
  std::optional<Slot> slot;  // where the count is written, if that is the function's own memory
};

Register RegisterOf(CountPointer pointer) {
  return pointer == CountPointer::kR8 ? x86::kR8 : x86::kRcx;
}

bool LeavesArguments(const Instruction& i) { return !i.Writes(x86::kRdi) && !i.Writes(x86::kRsi); }

/** Every way to move bytes leads through this call: no other call can do its work. */
bool IsOnlyCallOfIts(const Function& function, const Instruction& call) {
  int same = 0;
  for (const auto& [offset, i] : function.all()) {
    if (i.indirect_call || i.flow == Flow::kIndirect) return false;
    if (i.flow == Flow::kJump && !function.Contains(i.target)) return false;
    if (i.flow == Flow::kCall && i.target == call.target) same++;
  }
  return same == 1;
}

std::optional<InnerCall> FindInnerCall(const Function& function, CountPointer given) {
  Registers registers;
  if (given != CountPointer::kNone) registers.count_pointer[RegisterOf(given)] = true;
  for (const Instruction* i = function.At(0); i != nullptr; i = function.At(i->end())) {
    if (i->flow == Flow::kCall) {
      for (const CountPointer p : {CountPointer::kRcx, CountPointer::kR8}) {
        const Register r = RegisterOf(p);
        const bool found = given == CountPointer::kNone ? registers.slots[r].has_value()
                                                        : registers.count_pointer[r];
        if (found && i->emulated && IsOnlyCallOfIts(function, *i)) {
          return InnerCall{i, p, registers.slots[r]};
        }
      }
      return std::nullopt;
    }
    if (i->flow != Flow::kNext && i->flow != Flow::kBranch) return std::nullopt;
    if (i->indirect_call || !LeavesArguments(*i)) return std::nullopt;
    registers.Step(*i);
  }
  return std::nullopt;
}

/** Follows every way from one instruction to the function's returns. */
class Ways {
 public:
  /** Without `slot`, rax must reach the return untouched; with it, it must be loaded from there. */
  Ways(const Function& function, std::optional<Slot> slot) : function_(function), slot_(slot) {}

  /** False as soon as one way cannot be shown to do that. */
  bool AllHold(int64_t from) {
    std::set<uint32_t> seen;
    std::vector<int64_t> open{from};
    while (!open.empty()) {
      const Instruction* i = function_.At(open.back());
      open.pop_back();
      if (i == nullptr || !Holds(*i)) return false;
      if (IsEnd(*i) || !seen.insert(i->offset).second) continue;
      if (i->flow != Flow::kJump) open.push_back(i->end());
      if (i->flow == Flow::kJump || i->flow == Flow::kBranch) open.push_back(i->target);
    }
    return true;
  }

 private:
  bool Holds(const Instruction& i) const {
    if (i.flow == Flow::kCall) return NeverReturns(i);
    if (i.indirect_call || i.flow == Flow::kIndirect) return false;
    if (i.flow == Flow::kReturn) return !slot_;
    if (IsLoad(i)) return Ways(function_, std::nullopt).AllHold(i.end());
    return !i.Writes(x86::kRax) && !(slot_ && i.Writes(slot_->base));
  }

  bool IsEnd(const Instruction& i) const {
    return i.flow == Flow::kReturn || i.flow == Flow::kStop || i.flow == Flow::kCall || IsLoad(i);
  }

  bool IsLoad(const Instruction& i) const {
    return slot_ && i.load == slot_ && i.destination == x86::kRax;
  }

  /** As __stack_chk_fail: nothing of the function follows it. */
  bool NeverReturns(const Instruction& call) const { return !function_.Contains(call.end()); }

  const Function& function_;
  std::optional<Slot> slot_;
};

/** A branch at which eax is what the function will return, whichever way it goes. */
bool IsFinal(const Function& function, const Instruction& branch) {
  Ways untouched(function, std::nullopt);
  return untouched.AllHold(branch.end()) && untouched.AllHold(branch.target);
}

/** A branch on the status, above 0 or not, of which one way returns the count. */
bool IsStatus(const Function& function, const Instruction& branch, const Slot& slot) {
  if (!branch.jump_if_greater && !branch.jump_if_less_or_equal) return false;
  const int64_t moved = branch.jump_if_greater ? branch.target : branch.end();
  const int64_t failed = branch.jump_if_greater ? branch.end() : branch.target;
  return Ways(function, slot).AllHold(moved) && Ways(function, std::nullopt).AllHold(failed);
}

/** SSL_read's kind: the inner call's status becomes the count of bytes. */
std::optional<MidPlan> PlanCount(const Function& function, const InnerCall& inner) {
  const ProbePoint arguments{inner.call->offset, true};
  bool status = true;  // eax is the inner call's, and has just been tested
  bool tested = false;
  for (const Instruction* i = function.At(inner.call->end()); i; i = function.At(i->end())) {
    if (i->flow == Flow::kBranch) {
      const ProbePoint result{i->offset, true};
      if (!i->emulated) return std::nullopt;
      if (IsFinal(function, *i)) return MidPlan{arguments, CountPointer::kNone, result};
      if (!status || !tested || !IsStatus(function, *i, *inner.slot)) return std::nullopt;
      return MidPlan{arguments, inner.pointer, result};
    }
    if (i->flow != Flow::kNext || i->indirect_call) return std::nullopt;
    status = status && !i->Writes(x86::kRax) && !i->Writes(inner.slot->base);
    tested = i->tests_eax;
  }
  return std::nullopt;
}

/** SSL_read_ex's kind: the status is returned, clipped, and the caller's count is what it says. */
std::optional<MidPlan> PlanStatus(const Function& function, const InnerCall& inner) {
  for (const auto& [offset, i] : function.all()) {
    if (i.flow == Flow::kReturn) {
      const ProbePoint result{inner.call->end(), function.At(inner.call->end())->emulated};
      return MidPlan{{inner.call->offset, true}, inner.pointer, result};
    }
    if (i.flow != Flow::kNext && &i != inner.call) return std::nullopt;
  }
  return std::nullopt;
}

/** The first place behind a call that is emulated, as long as its result and the stack are
 * untouched. */
std::optional<uint32_t> ResultOf(const Function& function, const Instruction& call) {
  for (const Instruction* i = function.At(call.end()); i; i = function.At(i->end())) {
    if (i->emulated) return i->offset;
    if (i->flow != Flow::kNext || i->indirect_call) break;
    if (i->Writes(x86::kRax) || i->Writes(x86::kRsp)) break;
  }
  return std::nullopt;
}

ProbePoint EntryOf(const Function& function) {
  const Instruction* first = function.At(0);
  if (first == nullptr) return {};
  if (first->end_branch) {
    const Instruction* second = function.At(first->end());
    if (second != nullptr && second->emulated) return {second->offset, true};
  }
  return {0, first->emulated};
}

bool IsTailCall(const Function& function) {
  for (const auto& [offset, i] : function.all()) {
    if (i.flow == Flow::kJump) return !function.Contains(i.target);
    if (i.flow != Flow::kNext || i.indirect_call || !LeavesArguments(i)) return false;
  }
  return false;
}

}  // namespace

CallPlan PlanCall(std::span<const uint8_t> code, CountPointer pointer) {
  const Function function(code);
  CallPlan plan;
  plan.entry = EntryOf(function);
  if (!function.complete()) return plan;
  plan.tail_call = IsTailCall(function);
  const auto inner = FindInnerCall(function, pointer);
  if (!inner) return plan;
  plan.mid =
      pointer == CountPointer::kNone ? PlanCount(function, *inner) : PlanStatus(function, *inner);
  return plan;
}

std::optional<CallPoints> FindCall(std::span<const uint8_t> code, int64_t target) {
  const Function function(code);
  std::optional<CallPoints> found;
  for (const auto& [offset, i] : function.all()) {
    if (i.flow != Flow::kCall || i.target != target) continue;
    const auto result = ResultOf(function, i);
    if (found || !i.emulated || !result) return std::nullopt;
    found = CallPoints{offset, *result};
  }
  return found;
}

ProbePoint FirstArgumentPoint(std::span<const uint8_t> code) {
  const Function function(code);
  for (const Instruction* i = function.At(0); i != nullptr; i = function.At(i->end())) {
    // What comes behind a branch or a call is not passed by every call.
    if (i->emulated) return {i->offset, true};
    if (i->flow != Flow::kNext || i->indirect_call || i->Writes(x86::kRdi)) break;
  }
  return {};
}

}  // namespace weir
