#ifndef WEIR_NATIVE_ELF_FILE_H_
#define WEIR_NATIVE_ELF_FILE_H_

#include <libelf.h>

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "owned.h"

namespace weir {

struct ElfSymbol {
  std::string name;
  uint64_t address;
  uint64_t offset;  // in the file
  uint64_t size;
  uint8_t type;  // STT_FUNC ...
  bool dynamic;  // from .dynsym, else from .symtab
};

struct ElfInfo {
  uint16_t machine;      // EM_X86_64 ...
  uint16_t type;         // ET_DYN ...
  std::string build_id;  // hexadecimal, empty when there is none
  std::string interpreter;
  std::vector<std::string> needed;
};

/**
 * A 64-bit little-endian ELF file. Reads the pieces it is asked for and never the whole file: an
 * executable may have 100 MiB. Every offset in it is hostile. Not for several threads at once.
 */
class ElfFile {
 public:
  /** Null on failure; `err` then is an errno, ENOEXEC for what is not such a file. */
  static std::unique_ptr<ElfFile> Open(const std::string& path, int& err);

  ElfInfo Info();
  /** The defined symbols among `names`, from .dynsym, then what .symtab adds. */
  std::vector<ElfSymbol> Symbols(std::span<const std::string> names);
  /** Where the byte that is loaded to `address` lies in the file. */
  std::optional<uint64_t> OffsetOf(uint64_t address) const;
  /** Reads up to `to.size()` bytes, less only at the end of the file. Returns how many. */
  size_t Read(uint64_t offset, std::span<uint8_t> to) const;

 private:
  struct ElfDeleter {
    void operator()(Elf* elf) const { elf_end(elf); }
  };

  ElfFile(UniqueFd fd, Elf* elf) : fd_(std::move(fd)), elf_(elf) {}

  std::string ReadString(uint64_t offset) const;
  std::string BuildId();
  std::vector<std::string> Needed(const Elf64_Phdr& dynamic) const;
  const Elf64_Shdr* FirstSection(uint32_t type);
  void SymbolsOf(const Elf64_Shdr& table, std::span<const std::string> names,
                 std::vector<ElfSymbol>& into) const;
  /** Calls `take` with piece after piece, each of whole symbols but the last. */
  void Stream(uint64_t offset, uint64_t bytes,
              const std::function<void(std::span<const uint8_t>)>& take) const;

  UniqueFd fd_;
  std::unique_ptr<Elf, ElfDeleter> elf_;
  std::vector<Elf64_Phdr> segments_;
};

}  // namespace weir

#endif  // WEIR_NATIVE_ELF_FILE_H_
