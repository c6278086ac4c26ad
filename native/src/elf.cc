#include "elf.h"

#include <functional>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "elf_file.h"
#include "errors.h"

namespace weir {

namespace {

/** Opens an ELF file and asks it something in a thread of the pool, then settles a promise with the
 * answer. */
template <typename Answer>
class ElfWorker : public Napi::AsyncWorker {
 public:
  using Ask = std::function<Answer(ElfFile&)>;
  using Convert = Napi::Value (*)(Napi::Env, const Answer&);

  static Napi::Value Start(Napi::Env env, std::string path, Ask ask, Convert convert) {
    auto* worker = new ElfWorker(env, std::move(path), std::move(ask), convert);  // deletes itself
    const Napi::Promise promise = worker->deferred_.Promise();
    worker->Queue();
    return promise;
  }

 protected:
  void Execute() override {
    const std::unique_ptr<ElfFile> file = ElfFile::Open(path_, err_);
    if (file != nullptr) answer_ = ask_(*file);
  }

  void OnOK() override {
    if (err_ != 0) {
      deferred_.Reject(MakeErrno(Env(), err_, "read ELF file " + path_).Value());
    } else {
      deferred_.Resolve(convert_(Env(), answer_));
    }
  }

 private:
  ElfWorker(Napi::Env env, std::string path, Ask ask, Convert convert)
      : Napi::AsyncWorker(env, "weir.elf"),
        path_(std::move(path)),
        ask_(std::move(ask)),
        convert_(convert),
        deferred_(Napi::Promise::Deferred::New(env)) {}

  std::string path_;
  Ask ask_;
  Convert convert_;
  Napi::Promise::Deferred deferred_;
  Answer answer_{};
  int err_ = 0;
};

Napi::Value InfoToObject(Napi::Env env, const ElfInfo& info) {
  Napi::Array needed = Napi::Array::New(env, info.needed.size());
  for (uint32_t i = 0; i < info.needed.size(); i++) needed[i] = info.needed[i];
  Napi::Object result = Napi::Object::New(env);
  result.Set("machine", info.machine);
  result.Set("type", info.type);
  result.Set("buildId", info.build_id);
  result.Set("interpreter", info.interpreter);
  result.Set("needed", needed);
  return result;
}

Napi::Value SymbolsToArray(Napi::Env env, const std::vector<ElfSymbol>& symbols) {
  Napi::Array result = Napi::Array::New(env, symbols.size());
  for (uint32_t i = 0; i < symbols.size(); i++) {
    const ElfSymbol& symbol = symbols[i];
    Napi::Object object = Napi::Object::New(env);
    object.Set("name", symbol.name);
    object.Set("address", static_cast<double>(symbol.address));
    object.Set("offset", static_cast<double>(symbol.offset));
    object.Set("size", static_cast<double>(symbol.size));
    object.Set("type", symbol.type);
    object.Set("dynamic", symbol.dynamic);
    result[i] = object;
  }
  return result;
}

/** elfInfo(path: string): Promise<{machine, type, buildId, interpreter, needed}>. Rejects with
 * `errno`. */
Napi::Value Info(const Napi::CallbackInfo& info) {
  return ElfWorker<ElfInfo>::Start(
      info.Env(), info[0].As<Napi::String>(), [](ElfFile& file) { return file.Info(); },
      InfoToObject);
}

/** elfSymbols(path: string, names: string[]): Promise<{name, address, offset, size, type,
 * dynamic}[]>. Rejects with `errno`. */
Napi::Value Symbols(const Napi::CallbackInfo& info) {
  const auto array = info[1].As<Napi::Array>();
  std::vector<std::string> names;
  for (uint32_t i = 0; i < array.Length(); i++) {
    names.push_back(array.Get(i).As<Napi::String>());
  }
  return ElfWorker<std::vector<ElfSymbol>>::Start(
      info.Env(), info[0].As<Napi::String>(),
      [names](ElfFile& file) { return file.Symbols(names); }, SymbolsToArray);
}

}  // namespace

void InitElf(Napi::Env env, Napi::Object exports) {
  exports.Set("elfInfo", Napi::Function::New<Info>(env, "elfInfo"));
  exports.Set("elfSymbols", Napi::Function::New<Symbols>(env, "elfSymbols"));
}

}  // namespace weir
