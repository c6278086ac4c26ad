#include "struct_layout.h"

namespace weir {

Napi::Value StructLayout(Napi::Env env, const btf* types, const std::string& name) {
  const int id =
      types == nullptr ? -1 : btf__find_by_name_kind(types, name.c_str(), BTF_KIND_STRUCT);
  if (id < 0) return env.Undefined();

  const btf_type* type = btf__type_by_id(types, static_cast<__u32>(id));
  const btf_member* member = btf_members(type);
  Napi::Object fields = Napi::Object::New(env);
  for (uint32_t i = 0; i < btf_vlen(type); i++, member++) {
    Napi::Object field = Napi::Object::New(env);
    field.Set("offset", btf_member_bit_offset(type, i) / 8);
    field.Set("size", static_cast<double>(btf__resolve_size(types, member->type)));
    fields.Set(btf__name_by_offset(types, member->name_off), field);
  }
  Napi::Object layout = Napi::Object::New(env);
  layout.Set("size", type->size);
  layout.Set("fields", fields);
  return layout;
}

}  // namespace weir
