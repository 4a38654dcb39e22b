#include "app/export/onnx_writer.h"

#include "app/export/onnx_schema.h"
#include "configs/schema/error.h"
#include "models/graph/graph.h"

namespace unet {
namespace {

using protozero::pbf_writer;

void write_attribute(pbf_writer& node, const std::string& name, const OnnxAttribute& value) {
  pbf_writer attribute(node, onnx::node::attribute);
  attribute.add_string(onnx::attribute::name, name);
  const int32_t type = std::visit(overloaded{
                                      [&](int64_t number) {
                                        attribute.add_int64(onnx::attribute::i, number);
                                        return onnx::attribute::type_int;
                                      },
                                      [&](float number) {
                                        attribute.add_float(onnx::attribute::f, number);
                                        return onnx::attribute::type_float;
                                      },
                                      [&](const std::string& text) {
                                        attribute.add_bytes(onnx::attribute::s, text);
                                        return onnx::attribute::type_string;
                                      },
                                      [&](const std::vector<int64_t>& numbers) {
                                        for (const int64_t number : numbers)
                                          attribute.add_int64(onnx::attribute::ints, number);
                                        return onnx::attribute::type_ints;
                                      },
                                  },
                                  value);
  attribute.add_int32(onnx::attribute::type, type);
}

void write_images(pbf_writer& graph, uint32_t field, const std::string& name, int64_t channels) {
  pbf_writer value(graph, field);
  value.add_string(onnx::value_info::name, name);
  pbf_writer type(value, onnx::value_info::type);
  pbf_writer tensor(type, onnx::type::tensor_type);
  tensor.add_int32(onnx::tensor_type::elem_type, onnx::tensor::data_float);
  pbf_writer shape(tensor, onnx::tensor_type::shape);
  for (const char* dimension : {"batch", "", "height", "width"}) {
    pbf_writer dim(shape, onnx::shape::dim);
    if (*dimension == '\0')
      dim.add_int64(onnx::dimension::value, channels);
    else
      dim.add_string(onnx::dimension::param, dimension);
  }
}

}  // namespace

std::string OnnxWriter::node(const std::string& op_type, const std::vector<std::string>& inputs,
                             const std::string& output, const OnnxAttributes& attributes) {
  pbf_writer node(graph_, onnx::graph::node);
  for (const std::string& input : inputs) node.add_string(onnx::node::input, input);
  node.add_string(onnx::node::output, output);
  node.add_string(onnx::node::name, output);
  node.add_string(onnx::node::op_type, op_type);
  for (const auto& [name, value] : attributes) write_attribute(node, name, value);
  return output;
}

std::string OnnxWriter::initializer(const std::string& name, const torch::Tensor& values) {
  const auto plain = values.detach().cpu().contiguous();
  const bool is_float = plain.scalar_type() == torch::kFloat;
  if (!is_float && plain.scalar_type() != torch::kLong)
    fail(ErrorKind::internal, "[onnx] ", name, ": got a tensor of type ", plain.scalar_type());
  pbf_writer tensor(graph_, onnx::graph::initializer);
  for (const int64_t size : plain.sizes()) tensor.add_int64(onnx::tensor::dims, size);
  tensor.add_int32(onnx::tensor::data_type, is_float ? onnx::tensor::data_float : onnx::tensor::data_int64);
  tensor.add_string(onnx::tensor::name, name);
  tensor.add_bytes(onnx::tensor::raw_data, static_cast<const char*>(plain.data_ptr()), plain.nbytes());
  return name;
}

std::string OnnxWriter::integers(const std::vector<int64_t>& values) {
  std::string name = "integers";
  for (const int64_t value : values) name += concat("_", value);
  if (constants_.insert(name).second) initializer(name, torch::tensor(values, torch::kLong));
  return name;
}

std::string OnnxWriter::integer(int64_t value) {
  std::string name = concat("integer_", value);
  if (constants_.insert(name).second) initializer(name, torch::tensor(value, torch::kLong));
  return name;
}

void OnnxWriter::input(const std::string& name, int64_t channels) {
  write_images(graph_, onnx::graph::input, name, channels);
}

void OnnxWriter::output(const std::string& name, int64_t channels) {
  write_images(graph_, onnx::graph::output, name, channels);
}

std::string OnnxWriter::finish(const std::map<std::string, std::string>& metadata) {
  graph_.add_string(onnx::graph::name, "unet");
  std::string bytes;
  pbf_writer model(bytes);
  model.add_int64(onnx::model::ir_version, onnx::kIrVersion);
  model.add_string(onnx::model::producer_name, "unet");
  model.add_message(onnx::model::graph, graph_bytes_);
  {
    pbf_writer opset(model, onnx::model::opset_import);
    opset.add_string(onnx::opset::domain, "");
    opset.add_int64(onnx::opset::version, onnx::kOpset);
  }
  for (const auto& [key, value] : metadata) {
    pbf_writer entry(model, onnx::model::metadata_props);
    entry.add_string(onnx::entry::key, key);
    entry.add_string(onnx::entry::value, value);
  }
  return bytes;
}

}  // namespace unet
