#ifndef WEIR_NATIVE_ELF_NAMES_H_
#define WEIR_NATIVE_ELF_NAMES_H_

#include <cstddef>
#include <cstdint>
#include <map>
#include <span>
#include <string>
#include <vector>

namespace weir {

/**
 * Finds where names lie in a string table that streams by in pieces. Linkers let a name share the
 * end of a longer one, so every place where a name ends with its NUL counts.
 */
class ElfNames {
 public:
  explicit ElfNames(std::span<const std::string> names);

  /** The next bytes of the table. */
  void Feed(std::span<const uint8_t> bytes);
  /** Offset in the table (a symbol's st_name) to the index of the name. */
  const std::map<uint64_t, size_t>& found() const { return found_; }

 private:
  void Match(size_t end);

  std::span<const std::string> names_;
  size_t longest_ = 0;
  std::vector<uint8_t> window_;  // the end of what was fed before, then what is fed now
  uint64_t window_offset_ = 0;   // of its first byte, in the table
  std::map<uint64_t, size_t> found_;
};

}  // namespace weir

#endif  // WEIR_NATIVE_ELF_NAMES_H_
