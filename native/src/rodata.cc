#include "rodata.h"

#include <bpf/btf.h>
#include <errno.h>

#include <cstdint>
#include <cstring>
#include <optional>
#include <span>
#include <string_view>
#include <vector>

namespace weir {

namespace {

struct Variable {
  std::string section;
  uint32_t offset;
  uint32_t bytes;
};

std::optional<Variable> FindIn(const btf* types, const btf_type* section, const std::string& name) {
  const btf_var_secinfo* info = btf_var_secinfos(section);
  for (int i = 0; i < btf_vlen(section); i++, info++) {
    const btf_type* variable = btf__type_by_id(types, info->type);
    if (name == btf__name_by_offset(types, variable->name_off)) {
      return Variable{btf__name_by_offset(types, section->name_off), info->offset, info->size};
    }
  }
  return std::nullopt;
}

std::optional<Variable> Find(const btf* types, const std::string& name) {
  const __u32 count = types == nullptr ? 0 : btf__type_cnt(types);
  for (__u32 id = 1; id < count; id++) {
    const btf_type* type = btf__type_by_id(types, id);
    if (!btf_is_datasec(type)) continue;
    const std::string_view section = btf__name_by_offset(types, type->name_off);
    if (!section.starts_with(".rodata")) continue;
    if (auto found = FindIn(types, type, name)) return found;
  }
  return std::nullopt;
}

/** libbpf names the map of `.rodata` after the object ("tcp_bpf.rodata"), of others after the
 * section. */
bpf_map* MapOf(const bpf_object* object, const std::string& section) {
  bpf_map* map;
  bpf_object__for_each_map(map, object) {
    if (bpf_map__is_internal(map) && std::string_view(bpf_map__name(map)).ends_with(section)) {
      return map;
    }
  }
  return nullptr;
}

/** Whether the bytes above `width` only repeat the sign, so that nothing is lost without them. */
bool Fits(uint64_t bits, bool negative, size_t width) {
  if (width == sizeof(bits)) return true;
  const size_t shift = 8 * (sizeof(bits) - width);
  if (!negative) return bits >> (8 * width) == 0;
  return static_cast<int64_t>(bits << shift) >> shift == static_cast<int64_t>(bits);
}

/** An object that loads here has our byte order, and that is little-endian: the low bytes come
 * first. */
int PutInteger(std::span<std::byte> to, uint64_t bits, bool negative) {
  if (to.size() > sizeof(bits)) return E2BIG;
  if (!Fits(bits, negative, to.size())) return ERANGE;
  std::memcpy(to.data(), &bits, to.size());
  return 0;
}

int Put(std::span<std::byte> to, const Napi::Value& value) {
  if (value.IsNumber()) {
    const int64_t number = value.As<Napi::Number>().Int64Value();
    return PutInteger(to, static_cast<uint64_t>(number), number < 0);
  }
  if (value.IsBigInt()) {
    bool lossless = false;
    const uint64_t bits = value.As<Napi::BigInt>().Uint64Value(&lossless);
    return lossless ? PutInteger(to, bits, false) : ERANGE;
  }
  const auto bytes = value.As<Napi::Uint8Array>();
  if (bytes.ByteLength() > to.size()) return E2BIG;
  std::memset(to.data(), 0, to.size());
  std::memcpy(to.data(), bytes.Data(), bytes.ByteLength());
  return 0;
}

}  // namespace

int Rodata::Set(const std::string& name, const Napi::Value& value) {
  const std::optional<Variable> variable = Find(bpf_object__btf(object_), name);
  bpf_map* map = variable ? MapOf(object_, variable->section) : nullptr;
  if (map == nullptr) return ENOENT;

  size_t bytes = 0;
  const auto* initial = static_cast<const std::byte*>(bpf_map__initial_value(map, &bytes));
  if (initial == nullptr || variable->offset + variable->bytes > bytes) return EINVAL;
  std::vector<std::byte> image(initial, initial + bytes);
  const int err = Put(std::span(image).subspan(variable->offset, variable->bytes), value);
  return err != 0 ? err : -bpf_map__set_initial_value(map, image.data(), image.size());
}

}  // namespace weir
