#include "elf_file.h"

#include <errno.h>
#include <fcntl.h>
#include <gelf.h>
#include <sys/stat.h>

#include <algorithm>
#include <array>
#include <cstring>
#include <utility>

#include "elf_names.h"

namespace weir {

namespace {

constexpr size_t kChunkBytes = 2730 * sizeof(Elf64_Sym);  // whole symbols, just below 64 KiB
constexpr uint64_t kTableMaxBytes = 1 << 30;  // a file may claim any size: it may be sparse
constexpr size_t kSymbolsMax = 4096;
constexpr size_t kStringMaxBytes = 4096;  // PATH_MAX: interpreters and libraries are paths
constexpr size_t kNotesMaxBytes = 1 << 20;
constexpr size_t kDynamicMaxEntries = 4096;
constexpr size_t kNeededMax = 1024;

std::string Hex(std::span<const uint8_t> bytes) {
  constexpr char kDigits[] = "0123456789abcdef";
  std::string text;
  for (const uint8_t byte : bytes) {
    text += kDigits[byte >> 4];
    text += kDigits[byte & 15];
  }
  return text;
}

/** .symtab says again what .dynsym has said. */
bool Has(const std::vector<ElfSymbol>& symbols, const std::string& name, uint64_t address) {
  return std::any_of(symbols.begin(), symbols.end(), [&](const ElfSymbol& symbol) {
    return symbol.address == address && symbol.name == name;
  });
}

bool IsOurs(Elf* elf) {
  const char* ident = elf_getident(elf, nullptr);
  return elf_kind(elf) == ELF_K_ELF && ident != nullptr && ident[EI_CLASS] == ELFCLASS64 &&
         ident[EI_DATA] == ELFDATA2LSB;
}

}  // namespace

std::unique_ptr<ElfFile> ElfFile::Open(const std::string& path, int& err) {
  // Not blocking: the path may name a FIFO by the time we come.
  UniqueFd fd(open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK));
  struct stat status = {};
  if (fd.get() < 0 || fstat(fd.get(), &status) != 0) {
    err = errno;
    return nullptr;
  }
  err = ENOEXEC;
  if (!S_ISREG(status.st_mode)) return nullptr;
  elf_version(EV_CURRENT);
  // Not ELF_C_READ_MMAP: mapped pages count as ours, and a file cut short meanwhile would kill us
  // by SIGBUS.
  Elf* elf = elf_begin(fd.get(), ELF_C_READ, nullptr);
  std::unique_ptr<ElfFile> file(new ElfFile(std::move(fd), elf));
  if (elf == nullptr || !IsOurs(elf)) return nullptr;
  size_t count = 0;
  const Elf64_Phdr* segments = elf_getphdrnum(elf, &count) == 0 ? elf64_getphdr(elf) : nullptr;
  if (segments != nullptr) file->segments_.assign(segments, segments + count);
  err = 0;
  return file;
}

size_t ElfFile::Read(uint64_t offset, std::span<uint8_t> to) const {
  size_t done = 0;
  while (done < to.size()) {
    const ssize_t bytes =
        pread(fd_.get(), to.data() + done, to.size() - done, static_cast<off_t>(offset + done));
    if (bytes < 0 && errno == EINTR) continue;
    if (bytes <= 0) break;
    done += static_cast<size_t>(bytes);
  }
  return done;
}

std::string ElfFile::ReadString(uint64_t offset) const {
  std::array<uint8_t, kStringMaxBytes> bytes;
  const size_t length = Read(offset, bytes);
  const auto* text = reinterpret_cast<const char*>(bytes.data());
  return {text, strnlen(text, length)};
}

std::optional<uint64_t> ElfFile::OffsetOf(uint64_t address) const {
  for (const Elf64_Phdr& segment : segments_) {
    if (segment.p_type == PT_LOAD && address >= segment.p_vaddr &&
        address - segment.p_vaddr < segment.p_filesz) {
      return address - segment.p_vaddr + segment.p_offset;
    }
  }
  return std::nullopt;
}

ElfInfo ElfFile::Info() {
  const Elf64_Ehdr* header = elf64_getehdr(elf_.get());
  ElfInfo info{.machine = header->e_machine,
               .type = header->e_type,
               .build_id = BuildId(),
               .interpreter = {},
               .needed = {}};
  for (const Elf64_Phdr& segment : segments_) {
    if (segment.p_type == PT_INTERP) info.interpreter = ReadString(segment.p_offset);
    if (segment.p_type == PT_DYNAMIC) info.needed = Needed(segment);
  }
  return info;
}

std::string ElfFile::BuildId() {
  for (const Elf64_Phdr& segment : segments_) {
    if (segment.p_type != PT_NOTE || segment.p_filesz > kNotesMaxBytes) continue;
    Elf_Data* notes =
        elf_getdata_rawchunk(elf_.get(), static_cast<int64_t>(segment.p_offset), segment.p_filesz,
                             segment.p_align == 8 ? ELF_T_NHDR8 : ELF_T_NHDR);
    if (notes == nullptr) continue;
    GElf_Nhdr note;
    size_t name = 0;
    size_t content = 0;
    for (size_t at = 0; (at = gelf_getnote(notes, at, &note, &name, &content)) > 0;) {
      const auto* bytes = static_cast<const uint8_t*>(notes->d_buf);
      if (note.n_type == NT_GNU_BUILD_ID && note.n_namesz == sizeof("GNU") &&
          std::memcmp(bytes + name, "GNU", sizeof("GNU")) == 0) {
        return Hex({bytes + content, note.n_descsz});
      }
    }
  }
  return {};
}

std::vector<std::string> ElfFile::Needed(const Elf64_Phdr& dynamic) const {
  std::vector<Elf64_Dyn> entries(
      std::min<uint64_t>(dynamic.p_filesz / sizeof(Elf64_Dyn), kDynamicMaxEntries));
  const std::span<uint8_t> bytes(reinterpret_cast<uint8_t*>(entries.data()),
                                 entries.size() * sizeof(Elf64_Dyn));
  entries.resize(Read(dynamic.p_offset, bytes) / sizeof(Elf64_Dyn));
  entries.erase(std::find_if(entries.begin(), entries.end(),
                             [](const Elf64_Dyn& entry) { return entry.d_tag == DT_NULL; }),
                entries.end());

  std::optional<uint64_t> strings;
  for (const Elf64_Dyn& entry : entries) {
    if (entry.d_tag == DT_STRTAB) strings = OffsetOf(entry.d_un.d_ptr);
  }
  std::vector<std::string> needed;
  if (!strings) return needed;
  for (const Elf64_Dyn& entry : entries) {
    if (entry.d_tag == DT_NEEDED && needed.size() < kNeededMax) {
      needed.push_back(ReadString(*strings + entry.d_un.d_val));
    }
  }
  return needed;
}

std::vector<ElfSymbol> ElfFile::Symbols(std::span<const std::string> names) {
  std::vector<ElfSymbol> symbols;
  for (const uint32_t type : {SHT_DYNSYM, SHT_SYMTAB}) {
    const Elf64_Shdr* table = FirstSection(type);
    if (table != nullptr) SymbolsOf(*table, names, symbols);
  }
  return symbols;
}

const Elf64_Shdr* ElfFile::FirstSection(uint32_t type) {
  Elf_Scn* section = nullptr;
  while ((section = elf_nextscn(elf_.get(), section)) != nullptr) {
    const Elf64_Shdr* header = elf64_getshdr(section);
    if (header != nullptr && header->sh_type == type) return header;
  }
  return nullptr;
}

/** Two streams: the names first, since only few symbols can then be meant. */
void ElfFile::SymbolsOf(const Elf64_Shdr& table, std::span<const std::string> names,
                        std::vector<ElfSymbol>& into) const {
  Elf_Scn* section = elf_getscn(elf_.get(), table.sh_link);
  const Elf64_Shdr* strings = section == nullptr ? nullptr : elf64_getshdr(section);
  if (strings == nullptr || strings->sh_type != SHT_STRTAB) return;

  ElfNames finder(names);
  Stream(strings->sh_offset, strings->sh_size,
         [&](std::span<const uint8_t> bytes) { finder.Feed(bytes); });
  if (finder.found().empty()) return;
  Stream(table.sh_offset, table.sh_size, [&](std::span<const uint8_t> bytes) {
    for (size_t at = 0; at + sizeof(Elf64_Sym) <= bytes.size(); at += sizeof(Elf64_Sym)) {
      Elf64_Sym symbol;
      std::memcpy(&symbol, bytes.data() + at, sizeof(symbol));
      const auto name = finder.found().find(symbol.st_name);
      if (name == finder.found().end() || symbol.st_shndx == SHN_UNDEF) continue;
      const std::optional<uint64_t> offset = OffsetOf(symbol.st_value);
      if (!offset || into.size() >= kSymbolsMax) continue;
      if (Has(into, names[name->second], symbol.st_value)) continue;
      into.push_back({.name = names[name->second],
                      .address = symbol.st_value,
                      .offset = *offset,
                      .size = symbol.st_size,
                      .type = static_cast<uint8_t>(ELF64_ST_TYPE(symbol.st_info)),
                      .dynamic = table.sh_type == SHT_DYNSYM});
    }
  });
}

void ElfFile::Stream(uint64_t offset, uint64_t bytes,
                     const std::function<void(std::span<const uint8_t>)>& take) const {
  std::vector<uint8_t> chunk(kChunkBytes);
  bytes = std::min(bytes, kTableMaxBytes);
  while (bytes > 0) {
    const size_t want = std::min<uint64_t>(bytes, chunk.size());
    const size_t got = Read(offset, std::span(chunk).first(want));
    take(std::span(chunk).first(got));
    if (got < want) return;
    offset += got;
    bytes -= got;
  }
}

}  // namespace weir
