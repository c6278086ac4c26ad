#include "bpf_object.h"

#include <bpf/bpf.h>
#include <errno.h>

#include <string_view>
#include <utility>

#include "bpf_map.h"
#include "errors.h"
#include "log.h"
#include "object_setup.h"
#include "struct_layout.h"
#include "uprobe_multi.h"

namespace weir {

namespace {

constexpr napi_type_tag kTag = {0x6d1c8ad2f0a94e31, 0x9b7f1e52c4d80a66};

/** SEC("uretprobe...") stands on the return. */
bool IsReturnProbe(const bpf_program* program) {
  return std::string_view(bpf_program__section_name(program)).starts_with("uretprobe");
}

bpf_prog_info ProgramInfo(int fd) {
  bpf_prog_info info{};
  __u32 bytes = sizeof(info);
  // An older kernel fills less; what it does not know stays 0.
  bpf_obj_get_info_by_fd(fd, &info, &bytes);
  return info;
}

Napi::Array ToArray(Napi::Env env, const std::vector<std::string>& lines) {
  Napi::Array array = Napi::Array::New(env, lines.size());
  for (uint32_t i = 0; i < lines.size(); i++) array[i] = Napi::String::New(env, lines[i]);
  return array;
}

}  // namespace

void BpfObject::Init(Napi::Env env, Napi::Object exports) {
  exports.Set(
      "BpfObject",
      DefineClass(
          env, "BpfObject",
          {InstanceMethod<&BpfObject::Load>("load"), InstanceMethod<&BpfObject::Close>("close"),
           InstanceMethod<&BpfObject::Programs>("programs"),
           InstanceMethod<&BpfObject::Attach>("attach"),
           InstanceMethod<&BpfObject::AttachUprobe>("attachUprobe"),
           InstanceMethod<&BpfObject::Detach>("detach"), InstanceMethod<&BpfObject::Maps>("maps"),
           InstanceMethod<&BpfObject::Map>("map"), InstanceMethod<&BpfObject::Layout>("layout")}));
}

BpfObject* BpfObject::From(const Napi::Value& value) {
  if (!value.IsObject() || !value.As<Napi::Object>().CheckTypeTag(&kTag)) return nullptr;
  return Unwrap(value.As<Napi::Object>());
}

/**
 * new BpfObject(path: string, options: {
 *   logLevel: number, rodata: [name, value][], maxEntries: [map, number][],
 *   valueSizes: [map, number][], autoload: [program, boolean][], reuse: BpfObject[] })
 *
 * Opens the file and sets what must be set before it is loaded. Throws an Error with `errno`.
 */
BpfObject::BpfObject(const Napi::CallbackInfo& info)
    : Napi::ObjectWrap<BpfObject>(info),
      data_(EnvData::Of(info.Env())),
      path_(info[0].As<Napi::String>()) {
  const Napi::Object options = info[1].As<Napi::Object>();
  info.This().As<Napi::Object>().TypeTag(&kTag);

  LIBBPF_OPTS(bpf_object_open_opts, opts,
              .kernel_log_level = options.Get("logLevel").As<Napi::Number>().Uint32Value());
  LogScope log(info.Env());
  object_.reset(bpf_object__open_file(path_.c_str(), &opts));
  const int err = errno;
  log.Deliver();
  if (object_ == nullptr) {
    ThrowErrno(info.Env(), err, "open BPF object " + path_);
    return;
  }
  data_.Add(this);
  ObjectSetup setup(object_.get());
  const int setup_err = setup.Apply(options);
  uprobe_multi_ = setup.uprobe_multi();
  if (setup_err == 0) return;
  Release();
  ThrowErrno(info.Env(), setup_err, "open BPF object " + path_ + ": " + setup.what());
}

BpfObject::~BpfObject() { Release(); }

void BpfObject::Release() {
  data_.Remove(this);
  for (auto& [name, map] : maps_) map->fd = -1;
  maps_.clear();
  std::vector<Attachment> links;
  for (auto& [id, link] : links_) links.push_back(std::move(link.attachment));
  links_.clear();
  reaper_.Take(std::move(links));
  reaper_.Wait();
  object_.reset();
}

Napi::Value BpfObject::ThrowClosed(Napi::Env env) const {
  return ThrowErrno(env, EBADF, "BPF object " + path_ + " is closed");
}

/**
 * load(): void
 *
 * Throws an Error with `errno` and `messages`, all that libbpf warned of; they name the program.
 * After that the object can only be closed.
 */
Napi::Value BpfObject::Load(const Napi::CallbackInfo& info) {
  const Napi::Env env = info.Env();
  if (object_ == nullptr) return ThrowClosed(env);
  if (loaded_) return ThrowErrno(env, EALREADY, "load BPF object " + path_);

  LogScope log(env);
  const int err = [this] {
    const SignalsHeld held;
    return bpf_object__load(object_.get());
  }();
  loaded_ = err == 0;
  log.Deliver();
  if (err == 0) return env.Undefined();
  const Napi::Error error = MakeErrno(env, -err, "load BPF object " + path_);
  error.Set("messages", ToArray(env, log.Warnings()));
  error.ThrowAsJavaScriptException();
  return {};
}

/** close(): void. Detaches everything; the maps of this object end, too. */
Napi::Value BpfObject::Close(const Napi::CallbackInfo& info) {
  for (auto& [name, map] : maps_) BpfMap::DetachMemory(*map);
  Release();
  return info.Env().Undefined();
}

/** programs(): {name, section, type, autoload, links, id, verifiedInstructions, instructions,
 * machineBytes, runCount, runTimeNs}[] */
Napi::Value BpfObject::Programs(const Napi::CallbackInfo& info) {
  const Napi::Env env = info.Env();
  if (object_ == nullptr) return ThrowClosed(env);
  Napi::Array programs = Napi::Array::New(env);
  uint32_t count = 0;
  bpf_program* program;
  bpf_object__for_each_program(program, object_.get()) {
    programs[count++] = Describe(env, program);
  }
  return programs;
}

Napi::Object BpfObject::Describe(Napi::Env env, const bpf_program* program) const {
  const std::string name = bpf_program__name(program);
  const char* type = libbpf_bpf_prog_type_str(bpf_program__type(program));
  uint32_t attached = 0;
  for (const auto& [id, link] : links_) attached += link.program == name ? 1 : 0;
  const int fd = bpf_program__fd(program);
  const bpf_prog_info kernel = fd >= 0 ? ProgramInfo(fd) : bpf_prog_info{};

  Napi::Object result = Napi::Object::New(env);
  result.Set("name", name);
  result.Set("section", bpf_program__section_name(program));
  result.Set("type", type == nullptr ? "unknown" : type);
  result.Set("autoload", bpf_program__autoload(program));
  result.Set("links", attached);
  result.Set("id", kernel.id);
  result.Set("verifiedInstructions", kernel.verified_insns);
  result.Set("instructions", kernel.xlated_prog_len / uint32_t{sizeof(bpf_insn)});
  result.Set("machineBytes", kernel.jited_prog_len);
  result.Set("runCount", static_cast<double>(kernel.run_cnt));
  result.Set("runTimeNs", static_cast<double>(kernel.run_time_ns));
  return result;
}

/** Ends what an attach began, and errno tells of: keeps the link, then lets the log run, which may
 * even close us, then throws. */
Napi::Value BpfObject::FinishAttach(LogScope& log, Attachment attachment,
                                    const std::string& program, const std::string& doing) {
  const int err = errno;
  const bool attached = attachment.attached();
  const uint32_t id = next_link_;
  if (attached) links_.emplace(next_link_++, Link{std::move(attachment), program});
  log.Deliver();
  if (attached) return Napi::Number::New(Env(), id);
  const std::vector<std::string> warnings = log.Warnings();
  // The first warning is the nearest to the cause.
  return ThrowErrno(Env(), err, warnings.empty() ? doing : doing + ": " + warnings.front());
}

/**
 * attach(program: string): number
 *
 * Attaches `program` where its SEC says. Returns the number of the link, which the object owns.
 * Throws an Error with `errno`.
 */
Napi::Value BpfObject::Attach(const Napi::CallbackInfo& info) {
  const Napi::Env env = info.Env();
  if (object_ == nullptr) return ThrowClosed(env);
  const std::string name = info[0].As<Napi::String>();
  const bpf_program* program = bpf_object__find_program_by_name(object_.get(), name.c_str());
  if (program == nullptr) return ThrowErrno(env, ENOENT, "find BPF program " + name);

  LogScope log(env);
  Attachment attachment{.link = UniqueLink(bpf_program__attach(program)), .fd = {}};
  return FinishAttach(log, std::move(attachment), name, "attach BPF program " + name);
}

/**
 * attachUprobe(program: string, path: string, offset: number, retprobe?: boolean): number
 *
 * Attaches `program` at a file `offset` (bytes) of `path`, in every process that maps it: selection
 * is in BPF. Without `retprobe` the SEC decides. Returns the number of the link. Throws an Error
 * with `errno`.
 */
Napi::Value BpfObject::AttachUprobe(const Napi::CallbackInfo& info) {
  const Napi::Env env = info.Env();
  if (object_ == nullptr) return ThrowClosed(env);
  const std::string name = info[0].As<Napi::String>();
  const std::string path = info[1].As<Napi::String>();
  const auto offset = static_cast<size_t>(info[2].As<Napi::Number>().Int64Value());
  const bpf_program* program = bpf_object__find_program_by_name(object_.get(), name.c_str());
  if (program == nullptr) return ThrowErrno(env, ENOENT, "find BPF program " + name);

  const bool retprobe =
      info[3].IsBoolean() ? info[3].As<Napi::Boolean>().Value() : IsReturnProbe(program);
  LogScope log(env);
  Attachment attachment;
  if (uprobe_multi_) {
    attachment.fd = AttachUprobeMulti(bpf_program__fd(program), path, offset, retprobe);
  } else {
    LIBBPF_OPTS(bpf_uprobe_opts, opts, .retprobe = retprobe);
    attachment.link.reset(
        bpf_program__attach_uprobe_opts(program, -1, path.c_str(), offset, &opts));
  }
  return FinishAttach(log, std::move(attachment), name,
                      "attach BPF program " + name + " to " + path);
}

/** detach(link: number): boolean. In the background. False when there is no such link (any more).
 */
Napi::Value BpfObject::Detach(const Napi::CallbackInfo& info) {
  const Napi::Env env = info.Env();
  if (object_ == nullptr) return ThrowClosed(env);
  const uint32_t link = info[0].As<Napi::Number>().Uint32Value();
  auto node = links_.extract(link);
  if (node.empty()) return Napi::Boolean::New(env, false);
  std::vector<Attachment> links;
  links.push_back(std::move(node.mapped().attachment));
  reaper_.Take(std::move(links));
  return Napi::Boolean::New(env, true);
}

/** maps(): string[], the names, without those libbpf makes for global variables. */
Napi::Value BpfObject::Maps(const Napi::CallbackInfo& info) {
  const Napi::Env env = info.Env();
  if (object_ == nullptr) return ThrowClosed(env);
  std::vector<std::string> names;
  bpf_map* map;
  bpf_object__for_each_map(map, object_.get()) {
    if (!bpf_map__is_internal(map)) names.emplace_back(bpf_map__name(map));
  }
  return ToArray(env, names);
}

/** map(name: string): BpfMap. Throws an Error with `errno`. */
Napi::Value BpfObject::Map(const Napi::CallbackInfo& info) {
  const Napi::Env env = info.Env();
  if (object_ == nullptr) return ThrowClosed(env);
  const std::string name = info[0].As<Napi::String>();
  const bpf_map* map = bpf_object__find_map_by_name(object_.get(), name.c_str());
  if (map == nullptr) return ThrowErrno(env, ENOENT, "find BPF map " + name);
  if (!loaded_) return ThrowErrno(env, EBADF, "BPF map " + name + " is not loaded");
  std::shared_ptr<MapHandle>& handle = maps_[name];
  if (handle == nullptr) handle = BpfMap::HandleOf(map);
  return BpfMap::New(env, handle);
}

/**
 * layout(name: string): {size: number, fields: {[name]: {offset: number, size: number}}} |
 * undefined
 *
 * How `struct name` lies in memory, bytes, by the BTF of this object. Undefined when it knows no
 * such struct.
 */
Napi::Value BpfObject::Layout(const Napi::CallbackInfo& info) {
  const Napi::Env env = info.Env();
  if (object_ == nullptr) return ThrowClosed(env);
  return StructLayout(env, bpf_object__btf(object_.get()), info[0].As<Napi::String>());
}

}  // namespace weir
