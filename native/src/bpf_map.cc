#include "bpf_map.h"

#include <bpf/bpf.h>
#include <bpf/libbpf.h>
#include <errno.h>
#include <sys/mman.h>

#include <algorithm>
#include <cstdio>
#include <cstring>
#include <utility>
#include <vector>

#include "env_data.h"
#include "errors.h"
#include "map_scan.h"
#include "owned.h"

namespace weir {

namespace {

constexpr napi_type_tag kTag = {0x3e0b77d1a9524c18, 0xb06fd94c2a8e7751};

size_t PossibleCpus() {
  const int cpus = libbpf_num_possible_cpus();
  return cpus > 0 ? static_cast<size_t>(cpus) : 1;
}

/** Bytes the kernel accounts to a map, or 0 when it does not tell. Source:
 * Documentation/filesystems/proc.rst, fdinfo */
double MemlockBytes(int fd) {
  const std::string path = "/proc/self/fdinfo/" + std::to_string(fd);
  const std::unique_ptr<FILE, int (*)(FILE*)> file(fopen(path.c_str(), "re"), fclose);
  if (file == nullptr) return 0;
  char line[128];
  unsigned long long bytes = 0;
  while (fgets(line, sizeof(line), file.get()) != nullptr) {
    if (sscanf(line, "memlock: %llu", &bytes) == 1) break;
  }
  return static_cast<double>(bytes);
}

std::span<uint8_t> Bytes(const Napi::Value& value) {
  auto bytes = value.As<Napi::Uint8Array>();
  return {bytes.Data(), bytes.ByteLength()};
}

void Unmap(napi_env /*env*/, void* /*data*/, void* mapping) {
  delete static_cast<std::shared_ptr<Mapping>*>(mapping);
}

}  // namespace

void BpfMap::Init(Napi::Env env) {
  const Napi::Function constructor = DefineClass(
      env, "BpfMap",
      {InstanceMethod<&BpfMap::Info>("info"), InstanceMethod<&BpfMap::Lookup>("lookup"),
       InstanceMethod<&BpfMap::LookupMany>("lookupMany"), InstanceMethod<&BpfMap::Update>("update"),
       InstanceMethod<&BpfMap::Delete>("delete"), InstanceMethod<&BpfMap::Scan>("scan"),
       InstanceMethod<&BpfMap::SumCounters>("sumCounters"),
       InstanceMethod<&BpfMap::Memory>("memory")});
  EnvData::Of(env).map_class = Napi::Persistent(constructor);
}

Napi::Value BpfMap::New(Napi::Env env, const std::shared_ptr<MapHandle>& handle) {
  auto* copy = new std::shared_ptr<MapHandle>(handle);
  const auto external = Napi::External<std::shared_ptr<MapHandle>>::New(
      env, copy, [](Napi::Env, std::shared_ptr<MapHandle>* handle) { delete handle; });
  return EnvData::Of(env).map_class.New({external});
}

BpfMap::BpfMap(const Napi::CallbackInfo& info)
    : Napi::ObjectWrap<BpfMap>(info),
      handle_(*info[0].As<Napi::External<std::shared_ptr<MapHandle>>>().Data()) {
  info.This().As<Napi::Object>().TypeTag(&kTag);
}

std::shared_ptr<MapHandle> BpfMap::From(const Napi::Value& value) {
  if (!value.IsObject() || !value.As<Napi::Object>().CheckTypeTag(&kTag)) return nullptr;
  return Unwrap(value.As<Napi::Object>())->handle_;
}

std::shared_ptr<MapHandle> BpfMap::HandleOf(const bpf_map* map) {
  auto handle = std::make_shared<MapHandle>();
  handle->name = bpf_map__name(map);
  handle->fd = bpf_map__fd(map);
  handle->type = bpf_map__type(map);
  handle->key_size = bpf_map__key_size(map);
  handle->value_size = bpf_map__value_size(map);
  handle->max_entries = bpf_map__max_entries(map);
  handle->flags = bpf_map__map_flags(map);
  return handle;
}

Napi::Value BpfMap::Throw(Napi::Env env, int err, const std::string& doing) const {
  // Every call on a closed map fails by EBADF in the kernel, too: fd is -1.
  return ThrowErrno(env, err, doing + " BPF map " + handle_->name);
}

/** info(): {name, type, keySize, valueSize, lookupBytes, maxEntries, memlockBytes} */
Napi::Value BpfMap::Info(const Napi::CallbackInfo& info) {
  const Napi::Env env = info.Env();
  if (handle_->fd < 0) return Throw(env, EBADF, "describe");
  Napi::Object result = Napi::Object::New(env);
  result.Set("name", handle_->name);
  result.Set("type", libbpf_bpf_map_type_str(static_cast<bpf_map_type>(handle_->type)));
  result.Set("keySize", handle_->key_size);
  result.Set("valueSize", handle_->value_size);
  result.Set("lookupBytes", static_cast<double>(handle_->lookup_bytes(PossibleCpus())));
  result.Set("maxEntries", handle_->max_entries);
  result.Set("memlockBytes", MemlockBytes(handle_->fd));
  return result;
}

/** lookup(key: Uint8Array, value: Uint8Array): boolean. `value` has lookupBytes; false when there
 * is no such key. */
Napi::Value BpfMap::Lookup(const Napi::CallbackInfo& info) {
  const Napi::Env env = info.Env();
  if (bpf_map_lookup_elem(handle_->fd, Bytes(info[0]).data(), Bytes(info[1]).data()) == 0) {
    return Napi::Boolean::New(env, true);
  }
  if (errno == ENOENT) return Napi::Boolean::New(env, false);
  return Throw(env, errno, "look up in");
}

/**
 * lookupMany(keys: Uint8Array, values: Uint8Array, found: Uint8Array): number
 *
 * Looks up as many keys as `found` has bytes; sets found[i] to 1 or 0. Returns how many were found.
 */
Napi::Value BpfMap::LookupMany(const Napi::CallbackInfo& info) {
  const Napi::Env env = info.Env();
  const std::span<uint8_t> keys = Bytes(info[0]);
  const std::span<uint8_t> values = Bytes(info[1]);
  const std::span<uint8_t> found = Bytes(info[2]);
  const size_t value_bytes = handle_->lookup_bytes(PossibleCpus());
  uint32_t count = 0;
  for (size_t i = 0; i < found.size(); i++) {
    const bool hit = bpf_map_lookup_elem(handle_->fd, keys.data() + i * handle_->key_size,
                                         values.data() + i * value_bytes) == 0;
    if (!hit && errno != ENOENT) return Throw(env, errno, "look up in");
    found[i] = hit ? 1 : 0;
    count += hit ? 1 : 0;
  }
  return Napi::Number::New(env, count);
}

/** update(key: Uint8Array, value: Uint8Array, flags: number): void. `value` has lookupBytes. */
Napi::Value BpfMap::Update(const Napi::CallbackInfo& info) {
  const Napi::Env env = info.Env();
  const uint32_t flags = info[2].As<Napi::Number>().Uint32Value();
  if (bpf_map_update_elem(handle_->fd, Bytes(info[0]).data(), Bytes(info[1]).data(), flags) != 0) {
    return Throw(env, errno, "update");
  }
  return env.Undefined();
}

/** delete(key: Uint8Array): boolean. False when there was no such key. */
Napi::Value BpfMap::Delete(const Napi::CallbackInfo& info) {
  const Napi::Env env = info.Env();
  if (bpf_map_delete_elem(handle_->fd, Bytes(info[0]).data()) == 0) {
    return Napi::Boolean::New(env, true);
  }
  if (errno == ENOENT) return Napi::Boolean::New(env, false);
  return Throw(env, errno, "delete from");
}

/**
 * scan(cursor: Uint8Array, first: boolean, batch: boolean, keys: Uint8Array, values: Uint8Array):
 *   {count: number, done: boolean}
 *
 * One step of an iteration, see map_scan.h. Throws an Error with `errno`: ENOSPC when a batch needs
 * more room, others when the kernel has no batches for this map.
 */
Napi::Value BpfMap::Scan(const Napi::CallbackInfo& info) {
  const Napi::Env env = info.Env();
  const ScanCursor cursor{.bytes = Bytes(info[0]), .first = info[1].As<Napi::Boolean>()};
  const std::span<uint8_t> keys = Bytes(info[3]);
  const std::span<uint8_t> values = Bytes(info[4]);
  const size_t value_bytes = handle_->lookup_bytes(PossibleCpus());
  const auto capacity =
      static_cast<uint32_t>(std::min(keys.size() / handle_->key_size, values.size() / value_bytes));

  const ScanResult scan = info[2].As<Napi::Boolean>()
                              ? ScanByBatch(*handle_, cursor, keys, values, capacity)
                              : ScanByKey(*handle_, cursor, keys, values, capacity, value_bytes);
  if (scan.err != 0) return Throw(env, scan.err, "scan");
  Napi::Object result = Napi::Object::New(env);
  result.Set("count", scan.count);
  result.Set("done", scan.done);
  return result;
}

/**
 * sumCounters(into: Float64Array): void
 *
 * For an array of 64-bit words: into[i] becomes word i, summed over all CPUs if the map is per CPU.
 */
Napi::Value BpfMap::SumCounters(const Napi::CallbackInfo& info) {
  const Napi::Env env = info.Env();
  auto into = info[0].As<Napi::Float64Array>();
  const size_t words = handle_->value_size / sizeof(uint64_t);
  std::vector<uint64_t> value(handle_->lookup_bytes(PossibleCpus()) / sizeof(uint64_t));
  for (uint32_t key = 0; key < into.ElementLength() / words; key++) {
    if (bpf_map_lookup_elem(handle_->fd, &key, value.data()) != 0) return Throw(env, errno, "read");
    for (size_t word = 0; word < words; word++) {
      uint64_t sum = 0;
      for (size_t i = word; i < value.size(); i += words) sum += value[i];
      into[key * words + word] = static_cast<double>(sum);
    }
  }
  return env.Undefined();
}

/**
 * memory(): ArrayBuffer
 *
 * The elements of a BPF_F_MMAPABLE array themselves, each padded to 8 bytes. The same ArrayBuffer
 * each time; its length becomes 0 when the object is closed. Throws an Error with `errno`.
 */
Napi::Value BpfMap::Memory(const Napi::CallbackInfo& info) {
  const Napi::Env env = info.Env();
  if (!handle_->memory.IsEmpty()) return handle_->memory.Value();
  const size_t bytes = handle_->padded_bytes() * handle_->max_entries;
  auto mapping = std::make_shared<Mapping>(bytes, PROT_READ | PROT_WRITE, handle_->fd, 0);
  if (mapping->get() == nullptr) return Throw(env, errno, "map the memory of");

  auto owner = std::make_unique<std::shared_ptr<Mapping>>(mapping);
  napi_value buffer = nullptr;
  const napi_status status =
      napi_create_external_arraybuffer(env, mapping->get(), bytes, Unmap, owner.get(), &buffer);
  if (status != napi_ok) return Throw(env, ENOTSUP, "this Node forbids memory of others: map");
  static_cast<void>(owner.release());  // now the ArrayBuffer's
  const Napi::ArrayBuffer memory(env, buffer);
  handle_->mapping = std::move(mapping);
  handle_->memory = Napi::Persistent(memory);
  return memory;
}

/** Unmaps at once: Node calls the ArrayBuffer's finalizer only when the event loop comes round. */
void BpfMap::DetachMemory(MapHandle& handle) {
  if (handle.memory.IsEmpty()) return;
  Napi::ArrayBuffer memory = handle.memory.Value();
  memory.Detach();
  if (memory.IsDetached()) *handle.mapping = Mapping();
  handle.memory.Reset();
}

}  // namespace weir
