#include <gtest/gtest.h>

#include "models/graph/blocks.h"
#include "models/unet/unet.h"

namespace unet {
namespace {

std::vector<std::string> names_of(const Graph& graph, const std::vector<Value>& values) {
  std::vector<std::string> names;
  for (const Value& value : values) names.push_back(graph.nodes()[value.node].name);
  return names;
}

using Names = std::vector<std::string>;

TEST(GraphBlocks, AreTheLevelsOfAUNetWithWhatCrossesTheirBorders) {
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
    EXPECT_EQ(names_of(graph, blocks[i].reads), reads[i]) << i;
    EXPECT_EQ(names_of(graph, blocks[i].gives), gives[i]) << i;
    EXPECT_EQ(blocks[i].last, i + 1 < blocks.size() ? blocks[i + 1].first : graph.nodes().size() - 2) << i;
  }
  EXPECT_EQ(graph.nodes()[blocks.back().last].name, "head");
}

TEST(GraphBlocks, WhatTheGraphGivesCrossesTheBorder) {
  Graph graph;
  const Value image = graph.add("input", op::Input{3}, {});
  {
    const Graph::Scope scope(graph, "encoder", "block");
    graph.add("block.activation", op::Activation{}, {image});
  }
  const auto blocks = blocks_of(graph);
  ASSERT_EQ(blocks.size(), 1u);
  EXPECT_EQ(names_of(graph, blocks[0].gives), (Names{"block.activation"}));
}

}  // namespace
}  // namespace unet
