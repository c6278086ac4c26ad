#include "object_setup.h"

#include <errno.h>

#include <string_view>
#include <utility>
#include <vector>

#include "bpf_object.h"
#include "rodata.h"
#include "uprobe_multi.h"

namespace weir {

namespace {

/** SEC("uprobe...") or SEC("uretprobe..."). */
bool IsUprobe(const bpf_program* program) {
  const std::string_view section = bpf_program__section_name(program);
  return section.starts_with("uprobe") || section.starts_with("uretprobe");
}

/** Entry `i` of an array of [name, value]. */
std::pair<std::string, Napi::Value> NameAndValue(const Napi::Array& entries, uint32_t i) {
  const auto entry = entries.Get(i).As<Napi::Array>();
  return {entry.Get(0U).As<Napi::String>(), entry.Get(1U)};
}

}  // namespace

int ObjectSetup::Fail(int err, const std::string& what) {
  what_ = what;
  return err;
}

int ObjectSetup::Apply(const Napi::Object& options) {
  const auto list = [&](const char* name) { return options.Get(name).As<Napi::Array>(); };
  ChooseUprobes();
  int err = SetSizes(list("maxEntries"), bpf_map__set_max_entries, "max_entries of map ");
  if (err == 0) err = SetSizes(list("valueSizes"), bpf_map__set_value_size, "value_size of map ");
  if (err == 0) err = SetAutoload(list("autoload"));
  if (err == 0) err = ReuseMaps(list("reuse"));
  if (err == 0) err = SetRodata(list("rodata"));
  return err;
}

/** All or none: the kernel attaches a program only in the one way it was loaded for. */
void ObjectSetup::ChooseUprobes() {
  std::vector<bpf_program*> uprobes;
  bpf_program* program;
  bpf_object__for_each_program(program, object_) {
    if (IsUprobe(program)) uprobes.push_back(program);
  }
  uprobe_multi_ = !uprobes.empty() && UprobeMultiSupported();
  if (!uprobe_multi_) return;
  for (bpf_program* uprobe : uprobes) UseUprobeMulti(uprobe);
}

int ObjectSetup::SetSizes(const Napi::Array& sizes, SetSize set, const std::string& what) {
  for (uint32_t i = 0; i < sizes.Length(); i++) {
    const auto [name, value] = NameAndValue(sizes, i);
    bpf_map* map = bpf_object__find_map_by_name(object_, name.c_str());
    if (map == nullptr) return Fail(ENOENT, "map " + name);
    const int err = set(map, value.As<Napi::Number>().Uint32Value());
    if (err != 0) return Fail(-err, what + name);
  }
  return 0;
}

int ObjectSetup::SetAutoload(const Napi::Array& programs) {
  for (uint32_t i = 0; i < programs.Length(); i++) {
    const auto [name, value] = NameAndValue(programs, i);
    bpf_program* program = bpf_object__find_program_by_name(object_, name.c_str());
    if (program == nullptr) return Fail(ENOENT, "program " + name);
    bpf_program__set_autoload(program, value.As<Napi::Boolean>());
  }
  return 0;
}

/** Maps that an object in `objects` has by the same name become one with it. */
int ObjectSetup::ReuseMaps(const Napi::Array& objects) {
  for (uint32_t i = 0; i < objects.Length(); i++) {
    const BpfObject* other = BpfObject::From(objects.Get(i));
    if (other == nullptr) return Fail(EINVAL, "reuse: not a BPF object");
    if (!other->loaded()) return Fail(EBADF, "reuse: not loaded");
    const bpf_map* shared;
    bpf_object__for_each_map(shared, other->object()) {
      const int err = ReuseMap(shared);
      if (err != 0) return err;
    }
  }
  return 0;
}

int ObjectSetup::ReuseMap(const bpf_map* shared) {
  const std::string name = bpf_map__name(shared);
  bpf_map* map = bpf_object__find_map_by_name(object_, name.c_str());
  if (map == nullptr || bpf_map__is_internal(map) || bpf_map__fd(map) >= 0) return 0;
  if (bpf_map__type(map) != bpf_map__type(shared) ||
      bpf_map__key_size(map) != bpf_map__key_size(shared) ||
      bpf_map__value_size(map) != bpf_map__value_size(shared)) {
    return Fail(EINVAL, "map " + name + " differs from the one to share");
  }
  const int err = bpf_map__reuse_fd(map, bpf_map__fd(shared));
  return err == 0 ? 0 : Fail(-err, "reuse map " + name);
}

int ObjectSetup::SetRodata(const Napi::Array& values) {
  Rodata rodata(object_);
  for (uint32_t i = 0; i < values.Length(); i++) {
    const auto [name, value] = NameAndValue(values, i);
    const int err = rodata.Set(name, value);
    if (err != 0) return Fail(err, "rodata variable " + name);
  }
  return 0;
}

}  // namespace weir
