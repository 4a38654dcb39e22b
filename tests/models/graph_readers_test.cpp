// The readers of a graph that compute nothing, against the network that runs it.

#include <gtest/gtest.h>

#include "models/graph/tensors.h"
#include "models/graph/torchscript_source.h"
#include "tests/support/contains.h"
#include "tests/support/random_network.h"

namespace unet {
namespace {

TEST(GraphTensors, AreTheParametersAndBuffersOfTheNetwork) {
  for (const char* norm : {"batch", "instance", "group", "none"}) {
    const Network network = random_network(small_unet(norm, "relu"));
    std::map<std::string, Shape> actual;
    for (const auto& item : network->named_parameters()) actual[item.key()] = item.value().sizes().vec();
    for (const auto& item : network->named_buffers()) actual[item.key()] = item.value().sizes().vec();
    EXPECT_EQ(tensor_shapes(network->graph()), actual) << norm;
  }
}

TEST(TorchscriptSource, ReadsParametersByTheirDottedNames) {
  const std::string source = torchscript_source(describe_unet(small_unet("batch", "relu"), 3));
  EXPECT_TRUE(contains(source, "def forward(self, image):"));
  EXPECT_TRUE(contains(source, "getattr(self.encoder, \"0\").conv1.weight, None"));
  EXPECT_TRUE(contains(source, "self.head.bias"));
}

}  // namespace
}  // namespace unet
