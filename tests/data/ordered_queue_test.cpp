#include "data/samples/ordered_queue.h"

#include <gtest/gtest.h>

#include <atomic>
#include <chrono>
#include <future>
#include <memory>
#include <stdexcept>
#include <string>

#include "data/samples/rng.h"

namespace unet {
namespace {

void sleep_up_to(int64_t microseconds, int64_t index) {
  Rng rng = Rng::from(1, "delay", index);
  std::this_thread::sleep_for(std::chrono::microseconds(rng.below(microseconds + 1)));
}

TEST(OrderedQueue, ResultsKeepTheirOrderForAnyNumberOfWorkersAndCapacity) {
  for (const int64_t workers : {1, 2, 8, 16})
    for (const int64_t capacity : {1, 2, 7, 300}) {
      OrderedQueue<int64_t> queue(3, 120, workers, capacity, [](int64_t index) {
        sleep_up_to(200, index);
        return index * index;
      });
      for (int64_t index = 3; index < 120; ++index) ASSERT_EQ(queue.next(), index * index);
      EXPECT_EQ(queue.next(), std::nullopt);
      EXPECT_EQ(queue.next(), std::nullopt);
    }
}

TEST(OrderedQueue, IsReadyWhenTheNextResultIs) {
  std::promise<void> release;
  const auto released = release.get_future().share();
  OrderedQueue<int64_t> queue(0, 2, 1, 2, [&](int64_t index) {
    if (index == 0) released.wait();
    if (index == 1) throw std::runtime_error("bad");
    return index;
  });
  EXPECT_FALSE(queue.is_ready());
  release.set_value();
  while (!queue.is_ready()) std::this_thread::yield();
  EXPECT_EQ(queue.next(), 0);
  EXPECT_FALSE(queue.is_ready()) << "an exception is not a result";
  EXPECT_THROW(queue.next(), std::runtime_error);
  EXPECT_FALSE(queue.is_ready()) << "no result remains";
}

TEST(OrderedQueue, WorkersStayWithinTheCapacityAheadOfTheConsumer) {
  const int64_t capacity = 3;
  std::atomic<int64_t> started{0};
  OrderedQueue<int64_t> queue(0, 60, 8, capacity, [&started](int64_t index) {
    ++started;
    return index;
  });
  for (int64_t taken = 1; taken <= 60; ++taken) {
    ASSERT_TRUE(queue.next());
    if (taken % 10 == 0) std::this_thread::sleep_for(std::chrono::milliseconds(5));
    ASSERT_LE(started.load(), taken + capacity);
  }
  EXPECT_EQ(started.load(), 60);
}

TEST(OrderedQueue, WorkersRunAtTheSameTime) {
  std::mutex mutex;
  std::condition_variable met;
  int inside = 0;
  OrderedQueue<bool> queue(0, 2, 2, 2, [&](int64_t) {
    std::unique_lock<std::mutex> lock(mutex);
    ++inside;
    met.notify_all();
    return met.wait_for(lock, std::chrono::seconds(20), [&inside] { return inside == 2; });
  });
  EXPECT_EQ(queue.next(), true);
  EXPECT_EQ(queue.next(), true);
}

TEST(OrderedQueue, AnExceptionKeepsItsPlaceAndLaterResultsFollow) {
  OrderedQueue<int64_t> queue(0, 40, 8, 8, [](int64_t index) {
    sleep_up_to(300, index);
    if (index % 7 == 5) throw std::runtime_error("sample " + std::to_string(index));
    return index;
  });
  for (int64_t index = 0; index < 40; ++index) {
    if (index % 7 != 5) {
      ASSERT_EQ(queue.next(), index);
      continue;
    }
    try {
      queue.next();
      FAIL() << "no exception at " << index;
    } catch (const std::runtime_error& error) {
      ASSERT_EQ(error.what(), "sample " + std::to_string(index));
    }
  }
  EXPECT_EQ(queue.next(), std::nullopt);
}

TEST(OrderedQueue, CanBeDestroyedAfterAnException) {
  for (int round = 0; round < 50; ++round) {
    OrderedQueue<int64_t> queue(0, 1000, 4, 4,
                                [](int64_t index) -> int64_t { throw std::runtime_error(std::to_string(index)); });
    EXPECT_THROW(queue.next(), std::runtime_error);
  }
}

TEST(OrderedQueue, EarlyDestructionStartsNoFurtherWork) {
  for (int64_t consumed = 0; consumed < 20; ++consumed) {
    std::atomic<int64_t> started{0};
    {
      OrderedQueue<int64_t> queue(0, int64_t{1} << 40, 8, 4, [&started](int64_t index) {
        ++started;
        sleep_up_to(100, index);
        return index;
      });
      for (int64_t index = 0; index < consumed; ++index) ASSERT_EQ(queue.next(), index);
    }
    EXPECT_LE(started.load(), consumed + 4);
  }
}

TEST(OrderedQueue, TheDestructorWakesWorkersThatWaitForRoom) {
  const auto begin = std::chrono::steady_clock::now();
  {
    OrderedQueue<int64_t> queue(0, 1000, 8, 1, [](int64_t index) { return index; });
    EXPECT_EQ(queue.next(), 0);
    std::this_thread::sleep_for(std::chrono::milliseconds(20));
  }
  EXPECT_LT(std::chrono::steady_clock::now() - begin, std::chrono::seconds(5));
}

TEST(OrderedQueue, AnEmptyRangeHasNoResults) {
  OrderedQueue<int64_t> queue(5, 5, 4, 4, [](int64_t index) { return index; });
  EXPECT_EQ(queue.next(), std::nullopt);
}

TEST(OrderedQueue, MoveOnlyResultsAreSupported) {
  OrderedQueue<std::unique_ptr<int64_t>> queue(0, 20, 4, 2,
                                               [](int64_t index) { return std::make_unique<int64_t>(index); });
  for (int64_t index = 0; index < 20; ++index) {
    const auto result = queue.next();
    ASSERT_TRUE(result && *result);
    EXPECT_EQ(**result, index);
  }
}

}  // namespace
}  // namespace unet
