#include "file_pages.h"

#include <errno.h>
#include <sys/mman.h>

#include <cinttypes>
#include <cstdint>
#include <cstdio>
#include <cstring>
#include <memory>

#include "errors.h"

namespace weir {

namespace {

struct FileCloser {
  void operator()(FILE* file) const { fclose(file); }
};

struct Mapping {
  uint64_t start = 0;
  uint64_t end = 0;
  uint64_t resident_kib = 0;
  /** Code, which nobody writes: pages of its own are breakpoints of uprobes at most. */
  bool is_code = false;
  /** Read-only, of a file. */
  bool is_constant = false;
};

/** The first line of a mapping, "7f00-7f10 r-xp 0 08:01 42 /usr/lib/...". False for other lines. */
bool ParseHead(const char* line, Mapping* mapping) {
  char permissions[5] = "";
  uint64_t inode = 0;
  const int fields = sscanf(line, "%" SCNx64 "-%" SCNx64 " %4s %*x %*s %" SCNu64, &mapping->start,
                            &mapping->end, permissions, &inode);
  if (fields != 4) return false;
  const bool of_file = inode != 0 && strchr(line, '/') != nullptr;
  mapping->resident_kib = 0;
  mapping->is_code = of_file && strcmp(permissions, "r-xp") == 0;
  mapping->is_constant = of_file && strcmp(permissions, "r--p") == 0;
  return true;
}

/** Bytes that are not mapped any more. Constants that were relocated exist nowhere else: they stay.
 */
uint64_t Release(const Mapping& mapping, uint64_t anonymous_kib) {
  if (!mapping.is_code && (!mapping.is_constant || anonymous_kib > 0)) return 0;
  void* start = reinterpret_cast<void*>(mapping.start);
  if (madvise(start, mapping.end - mapping.start, MADV_DONTNEED) != 0) return 0;
  return mapping.resident_kib * 1024;
}

/**
 * releaseFilePages(): number
 *
 * Unmaps what is resident of the files of programs and libraries, and returns how many bytes that
 * was. What is used again comes back from the page cache, page by page.
 */
Napi::Value ReleaseFilePages(const Napi::CallbackInfo& info) {
  const std::unique_ptr<FILE, FileCloser> smaps(fopen("/proc/self/smaps", "re"));
  if (smaps == nullptr) return ThrowErrno(info.Env(), errno, "read /proc/self/smaps");
  char line[4352];
  Mapping mapping;
  uint64_t kib = 0;
  uint64_t released = 0;
  while (fgets(line, sizeof(line), smaps.get()) != nullptr) {
    if (sscanf(line, "Rss: %" SCNu64 " kB", &kib) == 1) {
      mapping.resident_kib = kib;
    } else if (sscanf(line, "Anonymous: %" SCNu64 " kB", &kib) == 1) {
      released += Release(mapping, kib);
    } else {
      ParseHead(line, &mapping);
    }
  }
  return Napi::Number::New(info.Env(), static_cast<double>(released));
}

}  // namespace

void InitFilePages(Napi::Env env, Napi::Object exports) {
  exports.Set("releaseFilePages", Napi::Function::New<ReleaseFilePages>(env, "releaseFilePages"));
}

}  // namespace weir
