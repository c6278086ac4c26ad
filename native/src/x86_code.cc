#include "x86_code.h"

#include <Zydis/Zydis.h>

namespace weir::x86 {

namespace {

struct Decoded {
  ZydisDecodedInstruction instruction;
  ZydisDecodedOperand operands[ZYDIS_MAX_OPERAND_COUNT];
};

std::optional<Register> Number(ZydisRegister r) {
  const ZydisRegister whole = ZydisRegisterGetLargestEnclosing(ZYDIS_MACHINE_MODE_LONG_64, r);
  if (ZydisRegisterGetClass(whole) != ZYDIS_REGCLASS_GPR64) return std::nullopt;
  return static_cast<Register>(ZydisRegisterGetId(whole));
}

uint16_t Written(const Decoded& d) {
  uint16_t set = 0;
  for (int i = 0; i < d.instruction.operand_count; i++) {
    const ZydisDecodedOperand& operand = d.operands[i];
    if (operand.type != ZYDIS_OPERAND_TYPE_REGISTER) continue;
    if ((operand.actions & ZYDIS_OPERAND_ACTION_MASK_WRITE) == 0) continue;
    if (const auto number = Number(operand.reg.value)) set |= 1U << *number;
  }
  return set;
}

/**
 * Source: branch_setup_xol_ops and push_setup_xol_ops of linux/arch/x86/kernel/uprobes.c@v5.10.
 * Those take the operand-size prefix for a reason to single-step; any prefix is one here, but REX
 * for the registers that push needs it for.
 */
bool IsEmulated(const ZydisDecodedInstruction& i) {
  const bool plain = i.raw.prefix_count == 0;
  const bool rex_b = i.raw.prefix_count == 1 && (i.attributes & ZYDIS_ATTRIB_HAS_REX) != 0;
  if (i.opcode_map == ZYDIS_OPCODE_MAP_0F) return plain && (i.opcode & 0xf0) == 0x80;
  if (i.opcode_map != ZYDIS_OPCODE_MAP_DEFAULT) return false;
  if ((i.opcode & 0xf8) == 0x50) return plain || rex_b;
  const bool jump = i.opcode == 0xe9 || i.opcode == 0xeb || (i.opcode & 0xf0) == 0x70;
  return plain && (jump || i.opcode == 0xe8 || i.opcode == 0x90);
}

Flow FlowOf(const Decoded& d) {
  const bool relative = d.operands[0].type == ZYDIS_OPERAND_TYPE_IMMEDIATE;
  switch (d.instruction.meta.category) {
    case ZYDIS_CATEGORY_COND_BR:
      return Flow::kBranch;
    case ZYDIS_CATEGORY_UNCOND_BR:
      return relative ? Flow::kJump : Flow::kIndirect;
    case ZYDIS_CATEGORY_CALL:
      return relative ? Flow::kCall : Flow::kNext;
    case ZYDIS_CATEGORY_RET:
      return Flow::kReturn;
    case ZYDIS_CATEGORY_INTERRUPT:
      return Flow::kStop;
    default:
      break;
  }
  const ZydisMnemonic mnemonic = d.instruction.mnemonic;
  const bool stops = mnemonic == ZYDIS_MNEMONIC_UD2 || mnemonic == ZYDIS_MNEMONIC_HLT;
  return stops ? Flow::kStop : Flow::kNext;
}

std::optional<Slot> StackSlot(const ZydisDecodedOperand& operand) {
  if (operand.type != ZYDIS_OPERAND_TYPE_MEMORY) return std::nullopt;
  const auto& mem = operand.mem;
  const bool stack = mem.base == ZYDIS_REGISTER_RSP || mem.base == ZYDIS_REGISTER_RBP;
  const bool plain_segment = mem.segment == ZYDIS_REGISTER_SS || mem.segment == ZYDIS_REGISTER_DS;
  if (!stack || !plain_segment || mem.index != ZYDIS_REGISTER_NONE) return std::nullopt;
  return Slot{mem.base == ZYDIS_REGISTER_RSP ? kRsp : kRbp, mem.disp.value};
}

/** Displacement of memory that one register, not the stack's, points to. */
std::optional<int64_t> Displacement(const ZydisDecodedOperand& operand) {
  if (operand.type != ZYDIS_OPERAND_TYPE_MEMORY || StackSlot(operand)) return std::nullopt;
  const auto& mem = operand.mem;
  if (!Number(mem.base) || mem.index != ZYDIS_REGISTER_NONE) return std::nullopt;
  return mem.disp.value;
}

/** Fills what is known of an indirect call or jump. */
void DescribeIndirect(const ZydisDecodedOperand& to, Instruction& out) {
  if (to.type == ZYDIS_OPERAND_TYPE_REGISTER) out.through = Number(to.reg.value);
  out.table_displacement = Displacement(to);
}

void DescribeZeroing(const Decoded& d, Instruction& out) {
  const ZydisDecodedOperand& to = d.operands[0];
  const ZydisDecodedOperand& from = d.operands[1];
  if (to.type != ZYDIS_OPERAND_TYPE_REGISTER || from.type != ZYDIS_OPERAND_TYPE_REGISTER) return;
  if (to.reg.value != from.reg.value || to.size < 32) return;
  out.destination = Number(to.reg.value);
  out.constant = 0;
}

/** Fills what is known of `lea` and of the forms of `mov`. */
void DescribeMove(const Decoded& d, Instruction& out) {
  const ZydisDecodedOperand& to = d.operands[0];
  const ZydisDecodedOperand& from = d.operands[1];
  if (to.type != ZYDIS_OPERAND_TYPE_REGISTER) return;
  out.destination = Number(to.reg.value);
  if (d.instruction.mnemonic == ZYDIS_MNEMONIC_LEA) {
    out.address = StackSlot(from);
  } else if (from.type == ZYDIS_OPERAND_TYPE_MEMORY) {
    out.load = StackSlot(from);
    if (to.size == 64) out.load_displacement = Displacement(from);
  } else if (from.type == ZYDIS_OPERAND_TYPE_IMMEDIATE && to.size >= 32) {
    out.constant = from.imm.value.s;
  } else if (from.type == ZYDIS_OPERAND_TYPE_REGISTER && to.size == 32) {
    out.low_copied_from = Number(from.reg.value);
  } else if (from.type == ZYDIS_OPERAND_TYPE_REGISTER && to.size == 64) {
    out.copied_from = Number(from.reg.value);
    if (out.copied_from == kRsp) out.address = Slot{kRsp, 0};
  }
}

/** Fills what is known of an instruction that writes to the stack by name. */
void DescribeStore(const Decoded& d, Instruction& out) {
  const ZydisDecodedOperand& to = d.operands[0];
  if ((to.actions & ZYDIS_OPERAND_ACTION_MASK_WRITE) == 0) return;
  out.store = StackSlot(to);
  if (!out.store) return;
  out.stored_bytes = to.size / 8;
  const ZydisDecodedOperand& from = d.operands[1];
  const bool whole = d.instruction.mnemonic == ZYDIS_MNEMONIC_MOV && to.size == 64;
  if (whole && from.type == ZYDIS_OPERAND_TYPE_REGISTER) out.stored_from = Number(from.reg.value);
}

int64_t StackGrowth(const Decoded& d) {
  const ZydisDecodedOperand& to = d.operands[0];
  const ZydisDecodedOperand& by = d.operands[1];
  if (d.instruction.mnemonic == ZYDIS_MNEMONIC_PUSH) return d.instruction.operand_width / 8;
  if (d.instruction.mnemonic != ZYDIS_MNEMONIC_SUB) return 0;
  const bool stack = to.type == ZYDIS_OPERAND_TYPE_REGISTER && to.reg.value == ZYDIS_REGISTER_RSP;
  return stack && by.type == ZYDIS_OPERAND_TYPE_IMMEDIATE ? by.imm.value.s : 0;
}

bool TestsEax(const Decoded& d) {
  return d.instruction.mnemonic == ZYDIS_MNEMONIC_TEST &&
         d.operands[0].type == ZYDIS_OPERAND_TYPE_REGISTER &&
         d.operands[1].type == ZYDIS_OPERAND_TYPE_REGISTER &&
         d.operands[0].reg.value == ZYDIS_REGISTER_EAX &&
         d.operands[1].reg.value == ZYDIS_REGISTER_EAX;
}

Instruction Describe(const Decoded& d, uint32_t offset) {
  Instruction out;
  const ZydisMnemonic mnemonic = d.instruction.mnemonic;
  out.offset = offset;
  out.length = d.instruction.length;
  out.flow = FlowOf(d);
  out.written = Written(d);
  out.emulated = IsEmulated(d.instruction);
  out.indirect_call = d.instruction.meta.category == ZYDIS_CATEGORY_CALL && out.flow == Flow::kNext;
  out.jump_if_greater = mnemonic == ZYDIS_MNEMONIC_JNLE;
  out.jump_if_less_or_equal = mnemonic == ZYDIS_MNEMONIC_JLE;
  out.tests_eax = TestsEax(d);
  out.end_branch = mnemonic == ZYDIS_MNEMONIC_ENDBR64;
  if (out.flow == Flow::kBranch || out.flow == Flow::kJump || out.flow == Flow::kCall) {
    out.target = static_cast<int64_t>(offset) + out.length + d.operands[0].imm.value.s;
  }
  if (out.indirect_call || out.flow == Flow::kIndirect) DescribeIndirect(d.operands[0], out);
  if (mnemonic == ZYDIS_MNEMONIC_XOR) DescribeZeroing(d, out);
  if (mnemonic == ZYDIS_MNEMONIC_MOV || mnemonic == ZYDIS_MNEMONIC_LEA) DescribeMove(d, out);
  DescribeStore(d, out);
  out.stack_growth = StackGrowth(d);
  return out;
}

}  // namespace

Function::Function(std::span<const uint8_t> code) : size_(static_cast<int64_t>(code.size())) {
  ZydisDecoder decoder;
  ZydisDecoderInit(&decoder, ZYDIS_MACHINE_MODE_LONG_64, ZYDIS_STACK_WIDTH_64);
  uint32_t offset = 0;
  while (offset < code.size()) {
    Decoded d;
    const ZyanStatus status = ZydisDecoderDecodeFull(
        &decoder, code.data() + offset, code.size() - offset, &d.instruction, d.operands);
    if (!ZYAN_SUCCESS(status)) return;
    instructions_.emplace(offset, Describe(d, offset));
    offset += d.instruction.length;
  }
  complete_ = true;
}

const Instruction* Function::At(int64_t offset) const {
  if (!Contains(offset)) return nullptr;
  const auto found = instructions_.find(static_cast<uint32_t>(offset));
  return found == instructions_.end() ? nullptr : &found->second;
}

}  // namespace weir::x86
