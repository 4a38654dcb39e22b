// TorchScript source of a graph, and attributes of operations in every reader.

#include <gtest/gtest.h>
#include <torch/types.h>

#include <cmath>

#include "models/graph/torchscript_source.h"
#include "tests/support/contains.h"
#include "tests/support/random_network.h"

namespace unet {
namespace {

TEST(TorchscriptSource, ReadsParametersByTheirDottedNames) {
  const std::string source = torchscript_source(describe_unet(small_unet("batch", "relu"), 3));
  EXPECT_TRUE(contains(source, "def forward(self, image):"));
  EXPECT_TRUE(contains(source, "getattr(self.encoder, \"0\").conv1.weight, None"));
  EXPECT_TRUE(contains(source, "self.head.bias"));
}

/// Network of a single operation.
Network network_of(const Op& operation) {
  Graph graph;
  graph.add("operation", operation, {graph.add("input", op::Input{4}, {})});
  return Network(graph);
}

TEST(Operations, AttributesReachEveryReader) {
  op::Activation leaky, elu;
  leaky.kind = op::ActivationKind::leaky_relu;
  leaky.negative_slope = 0.25;
  elu.kind = op::ActivationKind::elu;
  elu.alpha = 2;
  op::Norm norm;
  norm.channels = 4;
  norm.eps = 0.5;
  const auto x = torch::full({1, 4, 1, 1}, -1.0F);
  EXPECT_EQ(network_of(leaky)->forward(x).flatten()[0].item<double>(), -0.25);
  EXPECT_NEAR(network_of(elu)->forward(x).flatten()[0].item<double>(), 2 * std::expm1(-1.0), 1e-6);
  Network normalizing = network_of(norm);
  normalizing->eval();
  EXPECT_NEAR(normalizing->forward(x).flatten()[0].item<double>(), -1 / std::sqrt(1.5), 1e-6);
  EXPECT_TRUE(contains(torchscript_source(network_of(leaky)->graph()), "torch.leaky_relu(v0, 0.25)"));
  EXPECT_TRUE(contains(torchscript_source(network_of(elu)->graph()), "torch.elu(v0, 2.0)"));
  EXPECT_TRUE(contains(torchscript_source(normalizing->graph()), "False, 0.1, 0.5, False)"));
}

}  // namespace
}  // namespace unet
