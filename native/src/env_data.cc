#include "env_data.h"

namespace weir {

void EnvData::Install(Napi::Env env) {
  auto* data = new EnvData();
  env.SetInstanceData(data);
  env.AddCleanupHook([](EnvData* data) { data->ReleaseAll(); }, data);
}

void EnvData::ReleaseAll() {
  while (!open_.empty()) {
    Closable* object = *open_.begin();
    open_.erase(open_.begin());
    object->Release();
  }
}

}  // namespace weir
