#ifndef WEIR_NATIVE_X86_CODE_H_
#define WEIR_NATIVE_X86_CODE_H_

#include <cstdint>
#include <map>
#include <optional>
#include <span>

namespace weir::x86 {

/** General registers, numbered as instructions do. */
enum Register : uint8_t {
  kRax = 0,
  kRcx = 1,
  kRdx = 2,
  kRbx = 3,
  kRsp = 4,
  kRbp = 5,
  kRsi = 6,
  kRdi = 7,
  kR8 = 8,
  kR9 = 9,
  kR10 = 10,
  kR11 = 11,
};

/** Stack memory, as an instruction names it. */
struct Slot {
  Register base;
  int64_t displacement;
  bool operator==(const Slot&) const = default;
};

enum class Flow : uint8_t { kNext, kJump, kBranch, kCall, kIndirect, kReturn, kStop };

/** What the analyses need to know of one instruction. Offsets count from the start of the function.
 */
struct Instruction {
  uint32_t offset = 0;
  uint32_t length = 0;
  Flow flow = Flow::kNext;
  int64_t target = 0;     // of a jump, branch or call
  uint16_t written = 0;   // set of registers, by number, written whole or in part
  bool emulated = false;  // by the kernel's uprobes, on every kernel from 5.10
  bool indirect_call = false;
  bool jump_if_greater = false;               // signed, than zero after `tests_eax`
  bool jump_if_less_or_equal = false;         // likewise
  bool tests_eax = false;                     // test eax, eax
  bool end_branch = false;                    // endbr64
  std::optional<Slot> load;                   // mov register, [slot]
  std::optional<Slot> address;                // lea register, [slot], or mov register, rsp
  std::optional<Register> copied_from;        // mov register, register, 64 bits
  std::optional<Register> low_copied_from;    // likewise, 32 bits
  std::optional<int64_t> constant;            // mov register, number, and xor register, itself
  std::optional<Register> destination;        // of those above
  std::optional<int64_t> load_displacement;   // mov register, [another + displacement], 64 bits
  std::optional<int64_t> table_displacement;  // call or jmp [register + displacement]
  std::optional<Register> through;            // call or jmp register
  std::optional<Slot> store;                  // what is written, or may be, by any instruction
  int64_t stored_bytes = 0;                   // there
  std::optional<Register> stored_from;        // of mov [slot], register, 64 bits
  int64_t stack_growth = 0;                   // bytes, of push, and of sub rsp, number

  uint32_t end() const { return offset + length; }
  bool Writes(Register r) const { return (written >> r & 1) != 0; }
};

/** The instructions of one function, decoded from its first byte to its last. */
class Function {
 public:
  /** Decodes until the end or the first byte that is no instruction. */
  explicit Function(std::span<const uint8_t> code);

  /** Null when no instruction begins there. */
  const Instruction* At(int64_t offset) const;
  const std::map<uint32_t, Instruction>& all() const { return instructions_; }
  bool complete() const { return complete_; }
  bool Contains(int64_t offset) const { return offset >= 0 && offset < size_; }

 private:
  std::map<uint32_t, Instruction> instructions_;
  int64_t size_;
  bool complete_ = false;
};

}  // namespace weir::x86

#endif  // WEIR_NATIVE_X86_CODE_H_
