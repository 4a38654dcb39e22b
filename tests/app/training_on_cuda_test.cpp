// Training on CUDA matches the CPU, and all of its paths match each other. Skipped without a device.

#include <gtest/gtest.h>
#include <torch/cuda.h>
#include <torch/nn.h>
#include <torch/types.h>
#include <torch/utils.h>

#include "app/training/device_prefetcher.h"
#include "configs/schema/ignore_label.h"
#include "models/execution/inference_plan.h"
#include "models/fused/batch_norm_relu/batch_norm_relu.h"
#include "tests/support/optimizer_oracle.h"
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

  static std::string trained(const std::vector<std::string>& settings) {
    TinyTraining training(settings);
    training.device = "cuda:0";
    return training.run().checkpoint;
  }

  /// Largest difference between the weights of two checkpoints.
  static double largest_difference(const std::string& a, const std::string& b) {
    const auto weights = checkpoint_from_bytes(a, "a").weights, others = checkpoint_from_bytes(b, "b").weights;
    double largest = 0;
    for (const auto& [name, tensor] : weights)
      if (tensor.is_floating_point())
        largest = std::max(largest, (tensor - others.at(name)).abs().max().item<double>());
    return largest;
  }
};

/// Eight steps of a learner. A loss scale that is a power of two changes no result, but prevents recording.
class EightSteps {
 public:
  EightSteps(TinyTraining& training, bool recorded)
      : config_(training.config()),
        learner_(config_, training.data().class_share, 3, choose_execution("cuda:0", config_.train.precision)) {
    for (int64_t i = 0; i < 8; ++i) {
      torch::manual_seed(i);
      learner_.freeze_for(i / 4);
      StepArgs args;
      args.lr = 1e-3;
      args.average_decay = 0.9;
      args.loss_scale = recorded || i % 2 == 0 ? 1 : 2;
      // Each step has another number of labels, and with them another normalizer.
      const auto labels = [i] {
        const auto ignored = torch::rand({2, 32, 32}).lt(0.1 * static_cast<double>(i));
        return torch::randint(0, 3, {2, 32, 32}, torch::kLong).masked_fill(ignored, kIgnoreLabel);
      };
      const StepBatches batches(
          [&] {
            return Batch{torch::rand({2, 3, 32, 32}), labels(), {}};
          },
          config_.train.accumulate);
      EXPECT_EQ(learner_.step(batches, args).fault, "");
    }
  }
  Learner& learner() { return learner_; }

 private:
  const Config& config_;
  Learner learner_;
};

TEST_F(TrainingOnCuda, RecordedStepsAreBitIdentical) {
  for (const auto& settings : std::vector<std::vector<std::string>>{
           {},
           {"train.precision=fp32", "model.deep_supervision=[0.5]", "train.accumulate=1"},
           {"train.freeze=[encoder]", "train.freeze_epochs=1"},
           {"model.upsampling=bilinear", "model.norm=group", "train.optimizer=adamw", "train.accumulate=1"},
           {"model.base_channels=16", "train.optimizer=rmsprop"}}) {
    TinyTraining training(settings);
    EightSteps recorded(training, true), plain(training, false);
    ASSERT_NE(recorded.learner().graph(), nullptr);
    EXPECT_TRUE(recorded.learner().graph()->is_recorded()) << recorded.learner().graph()->fault();
    EXPECT_FALSE(plain.learner().graph()->is_recorded());
    const auto weights = weights_of(recorded.learner().network()), others = weights_of(plain.learner().network());
    for (const auto& [name, tensor] : weights)
      EXPECT_TRUE(torch::equal(tensor, others.at(name))) << name << " with " << join(settings);
  }
}

TEST_F(TrainingOnCuda, StepsAreRecordedForEveryLossAndUpsampling) {
  for (const char* setting : {"model.upsampling=conv_transpose", "model.upsampling=bilinear",
                              "model.upsampling=nearest", "model.upsampling=pixel_shuffle", "model.norm=instance",
                              "loss.terms=[{name: cross_entropy, class_weights: auto}]",
                              "loss.terms=[focal, top_k_cross_entropy, boundary_cross_entropy]",
                              "loss.terms=[tversky, lovasz_softmax, cl_dice]"}) {
    TinyTraining training({setting, "train.accumulate=1"});
    const Execution execution = choose_execution("cuda:0", Precision::bf16);
    Learner learner(training.config(), training.data().class_share, 3, execution);
    for (int i = 0; i < 5; ++i) {
      learner.freeze_for(0);
      const StepBatches batches({torch::rand({2, 3, 32, 32}), torch::randint(0, 3, {2, 32, 32}, torch::kLong), {}});
      StepArgs args;
      args.lr = 1e-3;
      args.average_decay = 0.9;
      EXPECT_EQ(learner.step(batches, args).fault, "");
    }
    ASSERT_NE(learner.graph(), nullptr);
    EXPECT_TRUE(learner.graph()->is_recorded()) << setting << ": " << learner.graph()->fault();
  }
}

TEST_F(TrainingOnCuda, MicroBatchesMayLieInHostMemory) {
  TinyTraining training({"train.accumulate=2"});
  const Batch first{torch::rand({2, 3, 32, 32}), torch::randint(0, 3, {2, 32, 32}, torch::kLong), {}};
  const Batch second{torch::rand({2, 3, 32, 32}), torch::randint(0, 3, {2, 32, 32}, torch::kLong), {}};
  std::vector<double> losses;
  for (const bool on_device : {false, true}) {
    Learner learner(training.config(), training.data().class_share, 3, choose_execution("cuda:0", Precision::fp32));
    learner.freeze_for(0);
    std::vector<Batch> rest{second, first};
    if (on_device) rest[1] = {first.images.to(kDevice), first.labels.to(kDevice), {}};
    const StepBatches batches(
        [&] {
          const Batch batch = rest.back();
          rest.pop_back();
          return batch;
        },
        2);
    StepArgs args;
    args.lr = 1e-3;
    args.average_decay = 0.9;
    losses.push_back(learner.step(batches, args).loss);
  }
  EXPECT_EQ(losses[0], losses[1]);
}

TEST_F(TrainingOnCuda, ResumingIsBitIdentical) {
  for (const char* precision : {"bf16", "fp16"}) {
    TinyTraining training({std::string("train.precision=") + precision});
    training.device = "cuda:0";
    const std::string uninterrupted = training.run().checkpoint;
    const std::string half = training.run("", 9).checkpoint;
    EXPECT_EQ(training.run(half).checkpoint, uninterrupted) << precision;
  }
}

TEST_F(TrainingOnCuda, LearnsLikeTheCpu) {
  const std::vector<std::string> settings{"train.precision=fp32", "train.epochs=1", "model.dropout=0",
                                          "train.optimizer={name: sgd, momentum: 0}", "train.lr=1e-3"};
  TinyTraining training(settings);
  const std::string on_cpu = training.run().checkpoint;
  EXPECT_LT(largest_difference(trained(settings), on_cpu), 1e-3);  // TF32 in cuDNN's convolutions
}

TEST_F(TrainingOnCuda, FoldedInferenceGivesTheLogitsOfTheCpu) {
  for (const char* upsampling : {"conv_transpose", "bilinear", "nearest", "pixel_shuffle"}) {
    TinyTraining training({std::string("model.upsampling=") + upsampling});
    Network network(describe_unet(training.config().model, 3));
    initialize(*network, 7);
    network->eval();
    const torch::NoGradGuard no_grad;
    for (const auto& buffer : network->named_buffers()) {
      if (buffer.key().find("running_mean") != std::string::npos) buffer.value().uniform_(-0.3, 0.3);
      if (buffer.key().find("running_var") != std::string::npos) buffer.value().uniform_(0.5, 1.5);
    }
    const auto images = torch::randn({2, 3, 32, 48});
    const auto expected = network->forward(images);
    for (const Precision precision : {Precision::fp32, Precision::bf16}) {
      const Execution execution = choose_execution("cuda:0", precision).for_inference();
      move_to_device(*network, execution);
      const auto here = to_device(images, execution);
      const ExecutionPlan plan = inference_plan(*network, here.sizes().vec(), execution.dtype, execution.memory_format);
      const AutocastGuard autocast(execution);
      const auto logits = network->forward(here, plan).to(torch::kFloat).cpu();
      const double scale = expected.abs().max().item<double>();
      ASSERT_GT(scale, 0.1);
      EXPECT_LT((logits - expected).abs().max().item<double>(),
                (execution.dtype == torch::kFloat ? 3e-3 : 5e-2) * scale)
          << upsampling << ' ' << enum_name(precision);
    }
    network->to(torch::kCPU);
  }
}

TEST_F(TrainingOnCuda, FusedBatchNormReluMatchesTheModules) {
  const auto channels_last = torch::MemoryFormat::ChannelsLast;
  struct Case {
    int64_t n, channels, height, width;
  };
  for (const auto type : {torch::kFloat, torch::kBFloat16, torch::kHalf})
    for (const Case& c : {Case{2, 64, 32, 33}, Case{1, 8, 1, 3}, Case{3, 48, 17, 5}, Case{2, 1024, 4, 4},
                          Case{4, 16, 200, 210}, Case{2, 264, 9, 9}}) {
      torch::manual_seed(c.channels);
      const auto x =
          (3 + 2 * torch::randn({c.n, c.channels, c.height, c.width})).to(kDevice, type).contiguous(channels_last);
      const auto upstream = torch::randn(x.sizes()).to(kDevice, type).contiguous(channels_last);
      std::vector<std::vector<torch::Tensor>> results;
      torch::Tensor is_clear;  // which values lie clearly on one side of the ReLU
      for (const bool fused : {true, false}) {
        torch::nn::BatchNorm2d norm(torch::nn::BatchNorm2dOptions{c.channels});
        {
          const torch::NoGradGuard no_grad;
          norm->weight.copy_(torch::linspace(0.5, 1.5, c.channels));
          norm->bias.copy_(torch::linspace(-0.3, 0.4, c.channels));
        }
        norm->to(kDevice);
        // The modules run in fp32 on the same values, since LibTorch rounds in between.
        const auto own = (fused ? x : x.to(torch::kFloat)).detach().clone(channels_last).requires_grad_();
        ASSERT_TRUE(!fused || can_batch_norm_relu(*norm, own)) << c.channels;
        if (!fused) is_clear = norm->forward(own).detach().abs() > 1e-4;
        if (!fused) norm->reset_running_stats();
        const auto y = fused ? batch_norm_relu(*norm, own, Pass::first) : torch::relu(norm->forward(own));
        EXPECT_TRUE(y.is_contiguous(channels_last));
        y.backward(upstream.to(y.scalar_type()));
        results.push_back({y.detach(), own.grad(), norm->weight.grad(), norm->bias.grad(), norm->running_mean,
                           norm->running_var, norm->num_batches_tracked});
      }
      for (size_t i = 0; i < results[0].size(); ++i) {
        const auto ours = results[0][i].to(torch::kDouble), theirs = results[1][i].to(torch::kDouble);
        const auto difference = i == 1 ? (ours - theirs) * is_clear : ours - theirs;
        const double scale = std::max(1.0, theirs.abs().max().item<double>());
        const double tolerance = type == torch::kFloat || i >= 4 ? 1e-5 : type == torch::kHalf ? 2e-3 : 1.0 / 64;
        EXPECT_LT(difference.abs().max().item<double>() / scale, tolerance)
            << "result " << i << " of " << c.channels << " channels, " << torch::toString(type);
      }
    }
}

TEST_F(TrainingOnCuda, FusedOptimizersMatchTensorOperations) {
  const torch::NoGradGuard no_grad;
  std::vector<int64_t> sizes{1, 3, 64, 100000, 1 << 20};
  for (int64_t i = 0; i < 195; ++i) sizes.push_back(1 + 37 * i);
  for (const OptimizerOracle& oracle : optimizer_oracles())
    for (const auto type : {torch::kFloat, torch::kDouble}) {
      TinyTraining training({"train.optimizer=" + oracle.options});
      const OptimizerRule& rule = *training.config().train.optimizer;
      std::array<std::vector<torch::Tensor>, 2> parameters;
      std::array<std::vector<TensorMap>, 2> states{std::vector<TensorMap>(200), std::vector<TensorMap>(200)};
      torch::manual_seed(1);
      for (const int64_t size : sizes) {
        parameters[0].push_back(torch::randn({size}, type).to(kDevice));
        parameters[1].push_back(parameters[0].back().clone());
      }
      parameters[0][2] = torch::randn({65}, type).to(kDevice).narrow(0, 1, 64);                        // unaligned
      parameters[0][7] = torch::randn({2 * sizes[7]}, type).to(kDevice).slice(0, 0, 2 * sizes[7], 2);  // with gaps
      for (const size_t i : {2, 7}) parameters[1][i] = parameters[0][i].clone();
      for (int64_t step = 1; step <= 4; ++step) {
        std::vector<torch::Tensor> gradients;
        for (const int64_t size : sizes) {
          const auto drawn = torch::randn({size}, type);
          gradients.push_back(
              (drawn + 0.1 * drawn.sign()).to(kDevice));  // near 0 their square roots round too differently
        }
        for (size_t variant = 0; variant < 2; ++variant) {
          ParameterGroup group{parameters[variant], gradients, {}};
          for (auto& state : states[variant]) group.states.push_back(&state);
          const UpdateArgs args{step, /*lr=*/0.01, /*weight_decay=*/0.1, /*gradient_factor=*/0.5};
          if (variant == 0)
            rule.update(group, args);
          else
            oracle.update(group, args);
        }
      }
      for (size_t i = 0; i < sizes.size(); ++i)
        EXPECT_LT((parameters[0][i] - parameters[1][i]).abs().max().item<double>(),
                  type == torch::kFloat ? 1e-4 : 1e-12)
            << oracle.options << " of " << sizes[i];
    }
}

TEST_F(TrainingOnCuda, PrefetchedBatchesMatchTheLoader) {
  TinyTraining training;
  const TrainingSet set(training.data().train, training.config().data, training.config().augment, 1);
  for (const int64_t workers : {0, 2}) {
    LoaderPlan plan{2, workers, 3};
    Loader plain(set, plan, 0);
    plan.pinned = true;
    Loader pinned(set, plan, 0);
    DevicePrefetcher prefetcher(pinned, kDevice);
    int64_t count = 0;
    while (const auto batch = prefetcher.next()) {
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
