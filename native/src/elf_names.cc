#include "elf_names.h"

#include <algorithm>
#include <cstring>

namespace weir {

ElfNames::ElfNames(std::span<const std::string> names) : names_(names) {
  for (const std::string& name : names) longest_ = std::max(longest_, name.size());
}

namespace {

constexpr size_t kFoundMax = 4096;  // a hostile table may repeat a name without end

}  // namespace

void ElfNames::Feed(std::span<const uint8_t> bytes) {
  const size_t kept = std::min(window_.size(), longest_);
  window_offset_ += window_.size() - kept;
  window_.erase(window_.begin(), window_.end() - static_cast<ptrdiff_t>(kept));
  window_.insert(window_.end(), bytes.begin(), bytes.end());

  const uint8_t* const begin = window_.data();
  const uint8_t* const end = begin + window_.size();
  for (const uint8_t* at = begin + kept; at < end; at++) {
    at = static_cast<const uint8_t*>(std::memchr(at, '\0', static_cast<size_t>(end - at)));
    if (at == nullptr) return;
    Match(static_cast<size_t>(at - begin));
  }
}

/** A string ends at window_[end]. */
void ElfNames::Match(size_t end) {
  if (found_.size() >= kFoundMax) return;
  for (size_t i = 0; i < names_.size(); i++) {
    const std::string& name = names_[i];
    if (name.size() > end || name.empty()) continue;
    const size_t begin = end - name.size();
    if (window_[end - 1] == static_cast<uint8_t>(name.back()) &&
        std::memcmp(window_.data() + begin, name.data(), name.size()) == 0) {
      found_.emplace(window_offset_ + begin, i);
    }
  }
}

}  // namespace weir
