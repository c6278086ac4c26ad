#ifndef WEIR_NATIVE_LINK_REAPER_H_
#define WEIR_NATIVE_LINK_REAPER_H_

#include <pthread.h>

#include <mutex>
#include <vector>

#include "owned.h"

namespace weir {

/**
 * Detaches off the JavaScript thread. The kernel takes up to 100 ms for a uprobe, all of it spent
 * waiting until nobody runs it any more, so many are let go at once: unless they are perf events,
 * they wait together.
 */
class LinkReaper {
 public:
  LinkReaper() = default;
  LinkReaper(const LinkReaper&) = delete;
  LinkReaper& operator=(const LinkReaper&) = delete;
  ~LinkReaper() { Wait(); }

  /** Takes `links` and returns at once. */
  void Take(std::vector<Attachment> links);
  /** Returns when all that was taken is detached. */
  void Wait();

 private:
  static void* Run(void* reaper);
  void Reap();

  std::mutex mutex_;
  std::vector<Attachment> waiting_;  // guarded by mutex_
  bool running_ = false;             // guarded by mutex_: the thread will look at waiting_ again
  pthread_t thread_{};
  bool joinable_ = false;
};

}  // namespace weir

#endif  // WEIR_NATIVE_LINK_REAPER_H_
