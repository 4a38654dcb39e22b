#include "data/samples/loader.h"

#include <algorithm>
#include <chrono>
#include <numeric>

#include "data/samples/ordered_queue.h"

namespace unet {
namespace {

std::vector<int64_t> positions_of(const LoaderPlan& plan, int64_t batch) {
  std::vector<int64_t> positions(static_cast<size_t>(plan.batch_size));
  std::iota(positions.begin(), positions.end(), (batch * plan.world_size + plan.rank) * plan.batch_size);
  return positions;
}

/// Adds its lifetime to a sum of seconds, even if an exception ends it.
class Stopwatch {
 public:
  explicit Stopwatch(double& seconds) : seconds_(seconds), begin_(Clock::now()) {}
  ~Stopwatch() { seconds_ += std::chrono::duration<double>(Clock::now() - begin_).count(); }
  Stopwatch(const Stopwatch&) = delete;
  Stopwatch& operator=(const Stopwatch&) = delete;

 private:
  using Clock = std::chrono::steady_clock;
  double& seconds_;
  Clock::time_point begin_;
};

}  // namespace

int64_t batches_per_epoch(const TrainingSet& set, const LoaderPlan& plan) {
  const int64_t global_batch = plan.batch_size * plan.world_size;
  return (set.size() + global_batch - 1) / global_batch;
}

struct Loader::State {
  State(const TrainingSet& the_set, const LoaderPlan& the_plan, int64_t the_epoch, int64_t first_batch)
      : set(the_set),
        plan(the_plan),
        epoch(the_epoch),
        order(set.order(epoch)),
        end(batches_per_epoch(set, plan)),
        upcoming(std::min(first_batch, end)) {
    if (plan.num_workers > 0)
      queue.emplace(upcoming, end, plan.num_workers, plan.prefetch, [this](int64_t batch) { return make(batch); });
  }

  Batch make(int64_t number) const {
    Batch batch = set.batch(epoch, order, positions_of(plan, number));
    if (plan.pinned) {
      batch.images = batch.images.pin_memory();
      batch.labels = batch.labels.pin_memory();
      for (torch::Tensor* optional : {&batch.weights, &batch.pixel_weights})
        if (optional->defined()) *optional = optional->pin_memory();
    }
    return batch;
  }

  std::optional<Batch> make_next() {
    if (upcoming == end) return std::nullopt;
    return make(upcoming++);
  }

  const TrainingSet& set;
  const LoaderPlan plan;
  const int64_t epoch;
  const std::vector<int64_t> order;
  const int64_t end;
  int64_t upcoming;  // used only without workers
  double waited = 0;
  std::optional<OrderedQueue<Batch>> queue;  // last, so that its threads end before what they read is destroyed
};

Loader::Loader(const TrainingSet& set, const LoaderPlan& plan, int64_t epoch, int64_t first_batch)
    : state_(std::make_unique<State>(set, plan, epoch, first_batch)) {}

Loader::~Loader() = default;

std::optional<Batch> Loader::next() {
  const Stopwatch stopwatch(state_->waited);
  return state_->queue ? state_->queue->next() : state_->make_next();
}

std::optional<Batch> Loader::next_if_ready() {
  return state_->queue && state_->queue->is_ready() ? state_->queue->next() : std::nullopt;
}

double Loader::waited_seconds() const { return state_->waited; }

}  // namespace unet
