#include <napi.h>

#include "bpf_map.h"
#include "bpf_object.h"
#include "elf.h"
#include "env_data.h"
#include "file_pages.h"
#include "log.h"
#include "notify.h"
#include "probe_points.h"
#include "ring_reader.h"
#include "system.h"
#include "trap_cost.h"

namespace {

Napi::Object Init(Napi::Env env, Napi::Object exports) {
  // Clean-up hooks run last in, first out: the log must outlive what is released with the
  // environment.
  weir::InitLog(env, exports);
  weir::EnvData::Install(env);
  weir::BpfObject::Init(env, exports);
  weir::BpfMap::Init(env);
  weir::RingReader::Init(env, exports);
  weir::InitElf(env, exports);
  weir::InitSystem(env, exports);
  weir::InitNotify(env, exports);
  weir::InitFilePages(env, exports);
  weir::InitProbePoints(env, exports);
  weir::InitTrapCost(env, exports);
  return exports;
}

}  // namespace

NODE_API_MODULE(weir, Init)
