#include "x86_flow.h"

#include <map>

namespace weir::x86 {

namespace {

/** Registers that a call may overwrite, and those of them that pass arguments. Source: System V ABI
 * for x86-64, https://gitlab.com/x86-psABIs/x86-64-ABI, 3.2.1. */
constexpr std::array kScratch = {kRax, kRcx, kRdx, kRsi, kRdi, kR8, kR9, kR10, kR11};
constexpr std::array kArguments = {kRsi, kRdx, kRcx, kR8, kR9};

bool IsCall(const Instruction& i) { return i.flow == Flow::kCall || i.indirect_call; }

/** What the registers hold behind the instruction. */
Registers Step(const Instruction& i, const Registers& before) {
  Registers after = before;
  for (size_t r = 0; r < after.size(); r++) {
    if (i.Writes(static_cast<Register>(r))) after[r] = Held::kUnknown;
  }
  if (IsCall(i)) {
    for (const Register r : kScratch) after[r] = Held::kUnknown;
    return after;
  }
  if (!i.destination) return after;
  if (i.copied_from) after[*i.destination] = before[*i.copied_from];
  if (i.constant == 0) after[*i.destination] = Held::kZero;
  if (i.constant == 1) after[*i.destination] = Held::kOne;
  if (i.low_copied_from) {
    const Held low = before[*i.low_copied_from];
    if (low == Held::kZero || low == Held::kOne) after[*i.destination] = low;
  }
  return after;
}

/** Keeps what both know. Returns whether that is less than `into` knew. */
bool Meet(Registers& into, const Registers& other) {
  bool less = false;
  for (size_t r = 0; r < into.size(); r++) {
    if (into[r] == other[r] || into[r] == Held::kUnknown) continue;
    into[r] = Held::kUnknown;
    less = true;
  }
  return less;
}

/** The registers at the start of every instruction that can be reached. */
class Reached {
 public:
  Reached(const Function& function, const Registers& held) : function_(function) {
    Arrive(0, held);
    while (!open_.empty()) {
      const Instruction* i = function_.At(open_.back());
      open_.pop_back();
      if (i != nullptr) Leave(*i);
    }
  }

  const std::map<int64_t, Registers>& all() const { return held_; }
  /** False: some way ends in the unknown. */
  bool complete() const { return complete_; }

 private:
  void Leave(const Instruction& i) {
    if (i.flow == Flow::kReturn || i.flow == Flow::kStop || i.flow == Flow::kIndirect) return;
    const Registers after = Step(i, held_.at(i.offset));
    if (i.flow == Flow::kBranch && !function_.Contains(i.target)) complete_ = false;
    const bool jumps = i.flow == Flow::kJump || i.flow == Flow::kBranch;
    if (jumps && function_.Contains(i.target)) Arrive(i.target, after);
    if (i.flow != Flow::kJump) Arrive(i.end(), after);
  }

  void Arrive(int64_t offset, const Registers& held) {
    const auto [place, fresh] = held_.emplace(offset, held);
    if (fresh && function_.At(offset) == nullptr) complete_ = false;
    if (fresh || Meet(place->second, held)) open_.push_back(offset);
  }

  const Function& function_;
  std::map<int64_t, Registers> held_;
  std::vector<int64_t> open_;
  bool complete_ = true;
};

bool HandsBufferOn(const Registers& held) {
  if (held[kRdi] != Held::kObject) return false;
  for (const Register r : kArguments) {
    if (held[r] == Held::kBuffer) return true;
  }
  return false;
}

/** The first emulated instruction behind a call, as long as nothing has touched what it returned.
 */
std::optional<KnownPoint> ResultPoint(const Function& function, const Reached& reached,
                                      const Instruction& call) {
  for (const Instruction* i = function.At(call.end()); i; i = function.At(i->end())) {
    const auto held = reached.all().find(i->offset);
    if (held == reached.all().end()) break;
    if (i->emulated) return KnownPoint{i->offset, held->second};
    if (i->flow != Flow::kNext || i->indirect_call || i->Writes(kRax)) break;
  }
  return std::nullopt;
}

/** Of `jmp register`: the displacement from which that was loaded, shortly before. */
std::optional<int64_t> LoadedFrom(const Function& function, const Instruction& jump) {
  std::optional<int64_t> found;
  for (auto [offset, i] : function.all()) {
    if (offset >= jump.offset) break;
    if (i.flow != Flow::kNext) found.reset();
    if (i.Writes(*jump.through)) found = i.load_displacement;
  }
  return found;
}

Work Describe(const Function& function, const Reached& reached, const Instruction& i) {
  Work work{i.offset, {}, i.table_displacement, reached.all().at(i.offset), {}};
  if (i.flow == Flow::kCall || i.flow == Flow::kJump) work.target = i.target;
  if (i.through) work.displacement = LoadedFrom(function, i);
  if (IsCall(i)) work.result = ResultPoint(function, reached, i);
  return work;
}

bool Leaves(const Function& function, const Instruction& i) {
  return i.flow == Flow::kIndirect || (i.flow == Flow::kJump && !function.Contains(i.target));
}

}  // namespace

WorkPlan FindWorks(const Function& function, const Registers& held) {
  const Reached reached(function, held);
  WorkPlan plan{{}, reached.complete()};
  for (const auto& [offset, registers] : reached.all()) {
    const Instruction* i = function.At(offset);
    if (i == nullptr || !(IsCall(*i) || Leaves(function, *i))) continue;
    if (HandsBufferOn(registers)) plan.works.push_back(Describe(function, reached, *i));
  }
  return plan;
}

}  // namespace weir::x86
