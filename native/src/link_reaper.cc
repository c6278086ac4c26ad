#include "link_reaper.h"

#include <algorithm>
#include <atomic>
#include <iterator>
#include <utility>

namespace weir {

namespace {

constexpr size_t kThreadsMax = 32;

struct Batch {
  std::vector<Attachment> links;
  std::atomic<size_t> next = 0;
};

void* DestroyNext(void* argument) {
  auto* batch = static_cast<Batch*>(argument);
  for (size_t i = batch->next++; i < batch->links.size(); i = batch->next++) {
    batch->links[i].Detach();
  }
  return nullptr;
}

/** In as many threads as can be had, this one included. */
void DestroyAll(std::vector<Attachment> links) {
  Batch batch{.links = std::move(links)};
  std::vector<pthread_t> helpers(std::min(batch.links.size(), kThreadsMax) - 1);
  const auto last = std::find_if(helpers.begin(), helpers.end(), [&](pthread_t& helper) {
    return pthread_create(&helper, nullptr, DestroyNext, &batch) != 0;
  });
  DestroyNext(&batch);
  std::for_each(helpers.begin(), last, [](pthread_t helper) { pthread_join(helper, nullptr); });
}

}  // namespace

// pthreads, not std::thread: without exceptions that ends the process when there is no thread to be
// had.
void LinkReaper::Take(std::vector<Attachment> links) {
  {
    const std::lock_guard lock(mutex_);
    std::move(links.begin(), links.end(), std::back_inserter(waiting_));
    if (running_ || waiting_.empty()) return;
    running_ = true;
  }
  if (joinable_) pthread_join(thread_, nullptr);
  joinable_ = pthread_create(&thread_, nullptr, Run, this) == 0;
  if (!joinable_) Reap();
}

void LinkReaper::Wait() {
  if (joinable_) pthread_join(thread_, nullptr);
  joinable_ = false;
}

void* LinkReaper::Run(void* reaper) {
  static_cast<LinkReaper*>(reaper)->Reap();
  return nullptr;
}

void LinkReaper::Reap() {
  for (;;) {
    std::vector<Attachment> batch;
    {
      const std::lock_guard lock(mutex_);
      batch.swap(waiting_);
      running_ = !batch.empty();
    }
    if (batch.empty()) return;
    DestroyAll(std::move(batch));
  }
}

}  // namespace weir
