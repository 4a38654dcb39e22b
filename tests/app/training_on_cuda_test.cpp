// What a CUDA device computes, beside what the CPU does, and beside itself by another path. Skipped where there is
// none.

#include <gtest/gtest.h>
#include <torch/torch.h>

#include "app/training/uploaded_batches.h"
#include "models/inference_steps.h"
#include "tests/support/tiny_training.h"

namespace unet {
namespace {

const torch::Device kDevice(torch::kCUDA, 0);

class TrainingOnCuda : public testing::Test {
 protected:
  void SetUp() override {
    if (!torch::cuda::is_available()) GTEST_SKIP() << "no CUDA device";
    choose_cuda_kernels(/*deterministic=*/true);
  }
  void TearDown() override {
    at::globalContext().setDeterministicAlgorithms(false, false);
    at::globalContext().setBenchmarkCuDNN(false);
  }

  static std::string trained(std::vector<std::string> settings, bool fast) {
    settings.push_back(concat("train.fast_paths=", fast ? "true" : "false"));
    TinyTraining training(settings);
    training.device = "cuda:0";
    return training.run().checkpoint;
  }

  /// Of the weights of two checkpoints.
  static double largest_difference(const std::string& a, const std::string& b) {
    const auto weights = checkpoint_from_bytes(a, "a").weights, others = checkpoint_from_bytes(b, "b").weights;
    double largest = 0;
    for (const auto& [name, tensor] : weights)
      if (tensor.is_floating_point())
        largest = std::max(largest, (tensor - others.at(name)).abs().max().item<double>());
    return largest;
  }
};

TEST_F(TrainingOnCuda, WithGraphsIsTheSameBitForBit) {
  for (const auto& settings : std::vector<std::vector<std::string>>{
           {},
           {"train.precision=fp32", "model.deep_supervision=[0.5]", "train.accumulate=1"},
           {"train.freeze=[encoder]", "train.freeze_epochs=2",
            "loss.terms=[{name: cross_entropy, class_weights: auto}, "
            "dice]"},
           {"model.upsampling=bilinear", "model.norm=group", "train.optimizer=adamw", "train.accumulate=1"}}) {
    EXPECT_EQ(largest_difference(trained(settings, true), trained(settings, false)), 0) << join(settings);
  }
}

TEST_F(TrainingOnCuda, StepsAreRecordedForEveryLossAndUpsampling) {
  for (const char* setting : {"model.upsampling=conv_transpose", "model.upsampling=bilinear", "model.upsampling=nearest",
                              "model.upsampling=pixel_shuffle", "model.norm=instance",
                              "loss.terms=[{name: cross_entropy, class_weights: auto}]"}) {
    TinyTraining training({setting, "train.accumulate=1"});
    const Execution execution = choose_execution("cuda:0", "bf16");
    Learner learner(training.config(), training.data().class_share, 3, execution);
    for (int i = 0; i < 5; ++i) {
      learner.freeze_for(0);
      learner.begin_step();
      learner.add_gradients(torch::rand({2, 3, 32, 32}), torch::randint(0, 3, {2, 32, 32}, torch::kLong), 1);
      EXPECT_TRUE(std::isfinite(learner.clip_gradients()));
      learner.update(1e-3, 0.9);
    }
    ASSERT_NE(learner.graph(), nullptr);
    EXPECT_TRUE(learner.graph()->is_recorded()) << setting << ": " << learner.graph()->fault();
  }
}

TEST_F(TrainingOnCuda, ResumedIsTheSameBitForBit) {
  for (const char* precision : {"bf16", "fp16"}) {
    TinyTraining training({std::string("train.precision=") + precision});
    training.device = "cuda:0";
    const std::string whole = training.run().checkpoint;
    const std::string half = training.run("", 9).checkpoint;
    EXPECT_EQ(training.run(half).checkpoint, whole) << precision;
  }
}

TEST_F(TrainingOnCuda, LearnsAsOnTheCpu) {
  const std::vector<std::string> settings{"train.precision=fp32", "train.epochs=1", "model.dropout=0",
                                          "train.optimizer={name: sgd, momentum: 0}", "train.lr=1e-3"};
  TinyTraining training(settings);
  const std::string on_cpu = training.run().checkpoint;
  EXPECT_LT(largest_difference(trained(settings, true), on_cpu), 1e-3);  // TF32 in cuDNN's convolutions
}

TEST_F(TrainingOnCuda, FoldedInferenceGivesTheLogitsOfTheCpu) {
  for (const char* upsampling : {"conv_transpose", "bilinear", "nearest", "pixel_shuffle"}) {
    TinyTraining training({std::string("model.upsampling=") + upsampling});
    Network network(describe_unet(training.config().model, 3));
    initialise(*network, 7);
    network->eval();
    const torch::NoGradGuard no_grad;
    for (const auto& buffer : network->named_buffers())
      if (buffer.value().is_floating_point()) buffer.value().uniform_(0.5, 1.5);
    const auto images = torch::randn({2, 3, 32, 48});
    const auto expected = network->forward(images);
    for (const char* precision : {"fp32", "bf16"}) {
      const Execution execution = choose_execution("cuda:0", precision).for_inference();
      place(*network, execution);
      const auto here = placed(images, execution);
      const Steps steps = inference_steps(*network, here.sizes().vec(), execution.dtype, execution.memory_format);
      const AutocastGuard autocast(execution);
      const auto logits = network->forward(here, steps).to(torch::kFloat).cpu();
      const double scale = expected.abs().max().item<double>();
      EXPECT_LT((logits - expected).abs().max().item<double>(),
                (execution.dtype == torch::kFloat ? 3e-3 : 5e-2) * scale)
          << upsampling << ' ' << precision;
    }
    network->to(torch::kCPU);
  }
}

TEST_F(TrainingOnCuda, UploadedBatchesAreTheLoaders) {
  TinyTraining training;
  const TrainingSet set(training.data().train, training.config().data, training.config().augment, 1);
  for (const int64_t workers : {0, 2}) {
    LoaderPlan plan{2, workers, 3};
    Loader plain(set, plan, 0);
    plan.pinned = true;
    Loader pinned(set, plan, 0);
    UploadedBatches uploaded(pinned, kDevice);
    int64_t count = 0;
    while (const auto batch = uploaded.next()) {
      const auto expected = plain.next();
      ASSERT_TRUE(expected.has_value());
      EXPECT_TRUE(batch->images.is_cuda());
      EXPECT_TRUE(torch::equal(batch->images.cpu(), expected->images));
      EXPECT_TRUE(torch::equal(batch->labels.cpu(), expected->labels));
      EXPECT_EQ(batch->names, expected->names);
      ++count;
    }
    EXPECT_EQ(count, batches_per_epoch(set, plan));
  }
}

}  // namespace
}  // namespace unet
