#ifndef WEIR_NATIVE_OWNED_H_
#define WEIR_NATIVE_OWNED_H_

#include <bpf/libbpf.h>
#include <signal.h>
#include <sys/mman.h>
#include <unistd.h>

#include <cstddef>
#include <memory>
#include <utility>

namespace weir {

/** A file descriptor, closed with its owner. */
class UniqueFd {
 public:
  UniqueFd() = default;
  explicit UniqueFd(int fd) : fd_(fd) {}
  UniqueFd(UniqueFd&& other) noexcept : fd_(std::exchange(other.fd_, -1)) {}
  UniqueFd& operator=(UniqueFd&& other) noexcept {
    std::swap(fd_, other.fd_);
    return *this;
  }
  UniqueFd(const UniqueFd&) = delete;
  UniqueFd& operator=(const UniqueFd&) = delete;
  ~UniqueFd() {
    if (fd_ >= 0) close(fd_);
  }

  int get() const { return fd_; }

 private:
  int fd_ = -1;
};

/**
 * This thread takes no signal meanwhile. The verifier gives up with EAGAIN when one is pending
 * (kernel/bpf/verifier.c, do_check), so a profiler's timer or a busy SIGCHLD would keep a program
 * from loading.
 */
class SignalsHeld {
 public:
  SignalsHeld() {
    sigset_t all;
    sigfillset(&all);
    pthread_sigmask(SIG_SETMASK, &all, &before_);
  }
  SignalsHeld(const SignalsHeld&) = delete;
  SignalsHeld& operator=(const SignalsHeld&) = delete;
  ~SignalsHeld() { pthread_sigmask(SIG_SETMASK, &before_, nullptr); }

 private:
  sigset_t before_;
};

/** Mapped memory, unmapped with its owner. */
class Mapping {
 public:
  Mapping() = default;
  /** On failure `get()` is null and errno says why. */
  Mapping(size_t bytes, int protection, int fd, off_t offset) : bytes_(bytes) {
    void* address = mmap(nullptr, bytes, protection, MAP_SHARED, fd, offset);
    address_ = address == MAP_FAILED ? nullptr : address;
  }
  Mapping(Mapping&& other) noexcept
      : address_(std::exchange(other.address_, nullptr)), bytes_(other.bytes_) {}
  Mapping& operator=(Mapping&& other) noexcept {
    std::swap(address_, other.address_);  // `other` unmaps what was ours
    std::swap(bytes_, other.bytes_);
    return *this;
  }
  Mapping(const Mapping&) = delete;
  Mapping& operator=(const Mapping&) = delete;
  ~Mapping() {
    if (address_ != nullptr) munmap(address_, bytes_);
  }

  void* get() const { return address_; }
  size_t bytes() const { return bytes_; }

 private:
  void* address_ = nullptr;
  size_t bytes_ = 0;
};

struct ObjectDeleter {
  void operator()(bpf_object* object) const { bpf_object__close(object); }
};
using UniqueObject = std::unique_ptr<bpf_object, ObjectDeleter>;

struct LinkDeleter {
  void operator()(bpf_link* link) const { bpf_link__destroy(link); }
};
using UniqueLink = std::unique_ptr<bpf_link, LinkDeleter>;

/** What keeps a program attached: libbpf's link, or the fd of one that libbpf does not know. */
struct Attachment {
  UniqueLink link;
  UniqueFd fd;

  bool attached() const { return link != nullptr || fd.get() >= 0; }
  void Detach() { *this = Attachment{}; }
};

}  // namespace weir

#endif  // WEIR_NATIVE_OWNED_H_
