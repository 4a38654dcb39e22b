#include "app/export/onnx_model.h"

#include <torch/types.h>

#include <cstring>
#include <limits>
#include <protozero/pbf_reader.hpp>

#include "app/export/onnx_schema.h"
#include "configs/schema/error.h"

namespace unet {
namespace {

using protozero::pbf_reader;
using Names = std::vector<std::string>;

/// Whether the current field is this one. Compares the wire type too, since a damaged file may change either.
bool is_message(const pbf_reader& reader, uint32_t field) {
  return reader.tag_and_type() == protozero::tag_and_type(field, protozero::pbf_wire_type::length_delimited);
}
bool is_integer(const pbf_reader& reader, uint32_t field) {
  return reader.tag_and_type() == protozero::tag_and_type(field, protozero::pbf_wire_type::varint);
}
bool is_float(const pbf_reader& reader, uint32_t field) {
  return reader.tag_and_type() == protozero::tag_and_type(field, protozero::pbf_wire_type::fixed32);
}

void parse_attribute(pbf_reader reader, OnnxNode& node) {
  std::string name;
  while (reader.next()) {
    if (is_message(reader, onnx::attribute::name))
      name = reader.get_string();
    else if (is_integer(reader, onnx::attribute::i))
      node.numbers[name] = reader.get_int64();
    else if (is_float(reader, onnx::attribute::f))
      node.reals[name] = static_cast<double>(reader.get_float());
    else if (is_message(reader, onnx::attribute::s))
      node.texts[name] = reader.get_bytes();
    else if (is_integer(reader, onnx::attribute::ints))
      node.lists[name].push_back(reader.get_int64());
    else
      reader.skip();
  }
}

OnnxNode parse_node(pbf_reader reader) {
  OnnxNode node;
  while (reader.next()) {
    if (is_message(reader, onnx::node::input))
      node.inputs.push_back(reader.get_string());
    else if (is_message(reader, onnx::node::output))
      node.outputs.push_back(reader.get_string());
    else if (is_message(reader, onnx::node::op_type))
      node.op_type = reader.get_string();
    else if (is_message(reader, onnx::node::attribute))
      parse_attribute(reader.get_message(), node);
    else
      reader.skip();
  }
  return node;
}

torch::Tensor make_tensor(const std::vector<int64_t>& sizes, int64_t data_type, std::string_view raw,
                          const std::string& tensor, const std::string& file) {
  const auto refuse = [&](const char* what) {
    fail(ErrorKind::data, file, ": tensor '", tensor, "': ", what, ". The file is damaged.");
  };
  if (data_type != onnx::tensor::data_float && data_type != onnx::tensor::data_int64) refuse("an unknown type");
  const auto type = data_type == onnx::tensor::data_float ? torch::kFloat : torch::kLong;
  uint64_t bytes = torch::elementSize(type);
  for (const int64_t size : sizes) {
    if (size < 0 || (size > 0 && bytes > raw.size() / static_cast<uint64_t>(size))) refuse("a shape without values");
    bytes *= static_cast<uint64_t>(size);
  }
  if (bytes != raw.size()) refuse("a shape that does not match its values");
  auto values = torch::empty(sizes, type);
  if (bytes != 0) std::memcpy(values.data_ptr(), raw.data(), bytes);
  return values;
}

void parse_initializer(pbf_reader reader, OnnxModel& model, const std::string& file) {
  std::string name;
  std::vector<int64_t> sizes;
  int64_t data_type = 0;
  std::string_view raw;
  while (reader.next()) {
    if (is_message(reader, onnx::tensor::name)) {
      name = reader.get_string();
    } else if (is_integer(reader, onnx::tensor::dims)) {
      sizes.push_back(reader.get_int64());
    } else if (is_integer(reader, onnx::tensor::data_type)) {
      data_type = reader.get_int64();
    } else if (is_message(reader, onnx::tensor::raw_data)) {
      const auto view = reader.get_view();
      raw = {view.data(), view.size()};
    } else {
      reader.skip();
    }
  }
  model.initializers[name] = make_tensor(sizes, data_type, raw, name, file);
}

/// Returns the name in a ValueInfoProto.
std::string value_name(pbf_reader reader) {
  while (reader.next()) {
    if (is_message(reader, onnx::value_info::name)) return reader.get_string();
    reader.skip();
  }
  return "";
}

void parse_graph(pbf_reader reader, OnnxModel& model, const std::string& file) {
  while (reader.next()) {
    if (is_message(reader, onnx::graph::node))
      model.nodes.push_back(parse_node(reader.get_message()));
    else if (is_message(reader, onnx::graph::initializer))
      parse_initializer(reader.get_message(), model, file);
    else if (is_message(reader, onnx::graph::input))
      model.inputs.push_back(value_name(reader.get_message()));
    else if (is_message(reader, onnx::graph::output))
      model.outputs.push_back(value_name(reader.get_message()));
    else
      reader.skip();
  }
}

void parse_entry(pbf_reader reader, OnnxModel& model) {
  std::string key, value;
  while (reader.next()) {
    if (is_message(reader, onnx::entry::key))
      key = reader.get_string();
    else if (is_message(reader, onnx::entry::value))
      value = reader.get_string();
    else
      reader.skip();
  }
  model.metadata[key] = value;
}

void parse_opset(pbf_reader reader, OnnxModel& model) {
  while (reader.next()) {
    if (is_integer(reader, onnx::opset::version))
      model.opset = reader.get_int64();
    else
      reader.skip();
  }
}

OnnxModel parse_model(pbf_reader reader, const std::string& file) {
  OnnxModel model;
  while (reader.next()) {
    if (is_integer(reader, onnx::model::ir_version))
      model.ir_version = reader.get_int64();
    else if (is_message(reader, onnx::model::graph))
      parse_graph(reader.get_message(), model, file);
    else if (is_message(reader, onnx::model::opset_import))
      parse_opset(reader.get_message(), model);
    else if (is_message(reader, onnx::model::metadata_props))
      parse_entry(reader.get_message(), model);
    else
      reader.skip();
  }
  return model;
}

}  // namespace

OnnxModel parse_onnx(std::string_view bytes, const std::string& name) {
  try {
    return parse_model(pbf_reader(bytes.data(), bytes.size()), name);
  } catch (const protozero::exception& error) {
    fail(ErrorKind::data, name, ": cannot be parsed: ", error.what(),
         ". The file is truncated, damaged or not an ONNX model.");
  }
}

}  // namespace unet
