#include <gtest/gtest.h>

#include "models/graph/blocks.h"
#include "models/unet/parts.h"
#include "models/unet/unet.h"

namespace unet {
namespace {

std::vector<std::string> names_of(const Graph& graph, const std::vector<Value>& values) {
  std::vector<std::string> names;
  for (const Value& value : values) names.push_back(graph.nodes()[value.node].name);
  return names;
}

using Names = std::vector<std::string>;

TEST(GraphBlocks, AreTheLevelsOfAUNetWithTheValuesTheyExchange) {
  UNetOptions options;
  options.num_classes = 2;
  options.depth = 2;
  options.dropout = 0.5;
  const Graph graph = describe_unet(options, 3);
  const auto blocks = blocks_of(graph);
  ASSERT_EQ(blocks.size(), 5u);
  const std::vector<Names> reads{{"pad"},
                                 {"encoder.0.pool"},
                                 {"encoder.1.pool"},
                                 {"encoder.1.dropout", "bottleneck.dropout"},
                                 {"encoder.0.activation2", "decoder.0.activation2"}};
  const std::vector<Names> gives{{"encoder.0.activation2", "encoder.0.pool"},
                                 {"encoder.1.dropout", "encoder.1.pool"},
                                 {"bottleneck.dropout"},
                                 {"decoder.0.activation2"},
                                 {"decoder.1.activation2"}};
  for (size_t i = 0; i < blocks.size(); ++i) {
    EXPECT_EQ(names_of(graph, blocks[i].inputs), reads[i]) << i;
    EXPECT_EQ(names_of(graph, blocks[i].outputs), gives[i]) << i;
    EXPECT_EQ(blocks[i].last, i + 1 < blocks.size() ? blocks[i + 1].first : graph.nodes().size() - 2) << i;
  }
  EXPECT_EQ(graph.nodes()[blocks.back().last].name, "head");
}

TEST(GraphBlocks, TheOutputOfTheGraphIsGivenByItsBlock) {
  Graph graph;
  const Value image = graph.add("input", op::Input{3}, {});
  {
    const Graph::Scope scope(graph, "encoder", "block");
    graph.add("block.activation", op::Activation{}, {image});
  }
  const auto blocks = blocks_of(graph);
  ASSERT_EQ(blocks.size(), 1u);
  EXPECT_EQ(names_of(graph, blocks[0].outputs), (Names{"block.activation"}));
}

TEST(GraphBlocks, NodeNamesBeginWithTheirPartAndBlock) {
  UNetOptions plain, resnet;
  plain.num_classes = resnet.num_classes = 2;
  plain.deep_supervision = resnet.deep_supervision = {0.5};
  plain.attention_gates = true;
  plain.dropout = resnet.dropout = 0.5;
  resnet.encoder = "resnet18";
  for (const UNetOptions* options : {&plain, &resnet})
    for (const Graph& graph : {describe_unet(*options, 3), without_auxiliary(describe_unet(*options, 3))})
      for (const Node& node : graph.nodes()) {
        const bool is_outside = node.name == "input" || node.name == "pad" || node.name == "crop";
        EXPECT_TRUE(is_outside || node.part == part_of(node.name)) << node.name << " in " << node.part;
        EXPECT_TRUE(!node.block.empty() || is_outside || node.name == "head") << node.name;
        EXPECT_EQ(node.name.rfind(node.block, 0), 0u) << node.name << " in " << node.block;
      }
}

TEST(GraphBlocks, AScopeEndsWithItsLifetime) {
  Graph graph;
  const Value image = graph.add("input", op::Input{3}, {});
  {
    const Graph::Scope outer(graph, "encoder", "encoder.0");
    {
      const Graph::Scope inner(graph, "encoder", "encoder.1");
      graph.add("a", op::Activation{}, {image});
    }
    graph.add("b", op::Activation{}, {image});
  }
  graph.add("c", op::Activation{}, {image});
  Names blocks;
  for (const Node& node : graph.nodes()) blocks.push_back(node.block);
  EXPECT_EQ(blocks, (Names{"", "encoder.1", "encoder.0", ""}));
}

}  // namespace
}  // namespace unet
