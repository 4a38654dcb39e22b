#include "app/inspection/allocation_log.h"

#include <gtest/gtest.h>
#include <torch/types.h>

#include "app/runtime/allocator.h"
#include "tests/support/contains.h"
#include "tests/support/error_text.h"
#include "tests/support/sanitizer.h"

namespace unet {
namespace {

using Event = AllocationLog::Event;

constexpr int64_t kMiB = int64_t{1} << 20;

/// Log of allocating blocks of these sizes, then freeing them all.
AllocationLog make_log(const std::vector<int64_t>& bytes) {
  AllocationLog log{{}, bytes};
  for (size_t i = 0; i < bytes.size(); ++i) log.events.push_back({i, true});
  for (size_t i = 0; i < bytes.size(); ++i) log.events.push_back({i, false});
  return log;
}

TEST(AllocationLog, RecordsAllocationsAndDeallocations) {
  const auto before = torch::zeros({8});
  const AllocationLog log = log_allocations([&] {
    auto first = torch::empty({1024}, torch::kFloat);
    const auto second = torch::empty({256}, torch::kFloat);
    first.reset();
    before.new_empty({300});
  });
  EXPECT_EQ(log.bytes, (std::vector<int64_t>{4096, 1024, 1200}));
  EXPECT_EQ(log.events, (std::vector<Event>{{0, true}, {1, true}, {0, false}, {2, true}, {2, false}, {1, false}}));
  EXPECT_EQ(peak_of(log), 4096 + 1024);
}

TEST(AllocationLog, OmitsTensorsAllocatedBeforeItStarted) {
  auto tensor = torch::zeros({1000});
  EXPECT_TRUE(log_allocations([&] { tensor.reset(); }).events.empty());
}

TEST(AllocationLog, ExtrapolatesEachBlockSeparately) {
  const AllocationLog log = extrapolate(make_log({400, 70, 1000}), 10, make_log({800, 70, 1100}), 20, 100);
  EXPECT_EQ(log.bytes, (std::vector<int64_t>{4000, 70, 1900}));
}

TEST(AllocationLog, RefusesLogsOfDifferentWork) {
  EXPECT_TRUE(contains(error_text(ErrorKind::internal,
                                  [] {
                                    extrapolate(make_log({1, 2}), 10, make_log({1, 2, 3}), 20, 100);
                                  }),
                       "20 pixels differ from those for 10: 6 and 4 events"));
}

TEST(Allocator, GivesAlignedBlocksAndReusesThem) {
  if (kAddressSanitizer) GTEST_SKIP() << "the address sanitizer holds freed memory back";
  set_up_allocator();
  auto first = torch::ones({3 * kMiB}, torch::kFloat);
  EXPECT_EQ(reinterpret_cast<uintptr_t>(first.data_ptr()) % 64, 0u);
  const void* address = first.data_ptr();
  first.reset();
  const int64_t before = resident_bytes();
  auto second = torch::ones({3 * kMiB}, torch::kFloat);
  EXPECT_EQ(second.data_ptr(), address) << "a freed block is reused";
  EXPECT_LT(resident_bytes() - before, kMiB);
  EXPECT_EQ(torch::empty({0}).numel(), 0);
  second.resize_({4 * kMiB}).fill_(2);
  EXPECT_EQ(second.sum().item<double>(), 8.0 * kMiB);
}

TEST(Allocator, ThrowsWhenMemoryRunsOut) { EXPECT_ANY_THROW(torch::empty({int64_t{1} << 50}, torch::kFloat)); }

}  // namespace
}  // namespace unet
