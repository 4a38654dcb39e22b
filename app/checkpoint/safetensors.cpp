#include "app/checkpoint/safetensors.h"

#include <torch/types.h>

#include <algorithm>
#include <cstring>
#include <limits>
#include <nlohmann/json.hpp>
#include <set>

#include "configs/schema/error.h"
#include "data/images/image_io.h"

namespace unet {
namespace {

using nlohmann::json;

constexpr uint64_t kMaxHeaderBytes = 100'000'000;
constexpr int kMaxTensors = 5'000;                  // parsing takes quadratic time; networks have about a thousand
constexpr int kMaxHeaderEvents = 30 * kMaxTensors;  // begin, end, key and value events of the parser
constexpr size_t kLengthBytes = 8;

struct DtypeRow {
  const char* name;
  torch::ScalarType type;
};
constexpr DtypeRow kDtypes[] = {{"F64", torch::kDouble},    {"F32", torch::kFloat}, {"F16", torch::kHalf},
                                {"BF16", torch::kBFloat16}, {"I64", torch::kLong},  {"I32", torch::kInt},
                                {"I16", torch::kShort},     {"I8", torch::kChar},   {"U8", torch::kByte},
                                {"BOOL", torch::kBool}};

const DtypeRow* find_dtype(const std::string& name) {
  for (const DtypeRow& row : kDtypes)
    if (name == row.name) return &row;
  return nullptr;
}

std::string dtype_name(torch::ScalarType type, const std::string& tensor) {
  for (const DtypeRow& row : kDtypes)
    if (type == row.type) return row.name;
  fail(ErrorKind::internal, "[safetensors] ", tensor, ": a tensor of this type cannot be stored");
}

/// Parses JSON. Rejects duplicate keys (the parser alone would keep the last), deep nesting, and more tensors than any
/// checkpoint has.
json parse_header(const std::string& text, const std::string& name) {
  std::vector<std::set<std::string>> keys;
  int objects = 0, events = 0;
  const auto check = [&](int depth, json::parse_event_t event, json& parsed) {
    if (depth > 4) fail(ErrorKind::data, name, ": the header is nested too deeply");
    if (event == json::parse_event_t::object_start) ++objects;
    if (objects > kMaxTensors || ++events > kMaxHeaderEvents)
      fail(ErrorKind::data, name, ": the header has more than ", kMaxTensors, " tensors");
    if (event == json::parse_event_t::object_start) keys.emplace_back();
    if (event == json::parse_event_t::object_end) keys.pop_back();
    if (event == json::parse_event_t::key && !keys.back().insert(parsed.get<std::string>()).second)
      fail(ErrorKind::data, name, ": the name ", parsed.dump(), " occurs twice");
    return true;
  };
  try {
    json header = json::parse(text, check);
    if (header.is_object()) return header;
  } catch (const json::exception&) {  // reported below
  }
  fail(ErrorKind::data, name, ": the header is not a JSON object. The file is damaged or not in safetensors format.");
}

struct Entry {
  std::string name;
  const DtypeRow* dtype = nullptr;
  std::vector<int64_t> shape;
  uint64_t begin = 0;
  uint64_t end = 0;
};

Entry parse_entry(const std::string& tensor, const json& value, const std::string& file) {
  const auto refuse = [&](const std::string& what) {
    fail(ErrorKind::data, file, ": tensor '", tensor, "': ", what, ". The file is damaged.");
  };
  if (!value.is_object() || !value.contains("dtype") || !value.contains("shape") || !value.contains("data_offsets"))
    refuse("expected dtype, shape and data_offsets");
  const json &dtype = value["dtype"], &shape = value["shape"], &offsets = value["data_offsets"];
  Entry entry{tensor, dtype.is_string() ? find_dtype(dtype.get<std::string>()) : nullptr, {}, 0, 0};
  if (entry.dtype == nullptr) refuse("unknown dtype " + dtype.dump(-1, ' ', false, json::error_handler_t::replace));
  if (!offsets.is_array() || offsets.size() != 2 || !offsets[0].is_number_unsigned() ||
      !offsets[1].is_number_unsigned())
    refuse("data_offsets are not two integers");
  entry.begin = offsets[0];
  entry.end = offsets[1];
  uint64_t bytes = torch::elementSize(entry.dtype->type);
  uint64_t extent = bytes;  // product of nonzero sizes, because LibTorch computes strides of empty tensors too
  if (!shape.is_array() || shape.size() > 16) refuse("shape is not a short list");
  for (const json& size : shape) {
    if (!size.is_number_unsigned()) refuse("shape is not a list of integers");
    const uint64_t length = size, side = std::max<uint64_t>(1, length);
    if (extent > std::numeric_limits<int64_t>::max() / side) refuse("shape is too large");
    extent *= side;
    bytes *= length;
    entry.shape.push_back(static_cast<int64_t>(length));
  }
  if (entry.end < entry.begin || entry.end - entry.begin != bytes) refuse("shape does not match its byte range");
  return entry;
}

std::map<std::string, std::string> parse_metadata(const json& header, const std::string& name) {
  std::map<std::string, std::string> metadata;
  if (!header.contains("__metadata__")) return metadata;
  const json& stored = header["__metadata__"];
  if (!stored.is_object()) fail(ErrorKind::data, name, ": __metadata__ is not an object");
  for (const auto& [key, value] : stored.items()) {
    if (!value.is_string()) fail(ErrorKind::data, name, ": __metadata__ contains values other than text");
    metadata[key] = value.get<std::string>();
  }
  return metadata;
}

}  // namespace

std::string to_bytes(const Safetensors& content) {
  json header = json::object();
  if (!content.metadata.empty()) header["__metadata__"] = content.metadata;
  size_t offset = 0;
  for (const auto& [name, tensor] : content.tensors) {
    header[name] = {{"dtype", dtype_name(tensor.scalar_type(), name)},
                    {"shape", tensor.sizes().vec()},
                    {"data_offsets", {offset, offset + tensor.nbytes()}}};
    offset += tensor.nbytes();
  }
  std::string text = header.dump();
  text.resize((text.size() + 7) / 8 * 8, ' ');  // tensors start aligned
  std::string bytes;
  bytes.reserve(kLengthBytes + text.size() + offset);
  const uint64_t length = text.size();
  for (size_t i = 0; i < kLengthBytes; ++i) bytes += static_cast<char>(length >> (8 * i) & 0xff);
  bytes += text;
  for (const auto& [name, tensor] : content.tensors) {
    const auto plain = tensor.detach().cpu().contiguous();
    bytes.append(static_cast<const char*>(plain.data_ptr()), plain.nbytes());
  }
  return bytes;
}

Safetensors from_bytes(const std::string& bytes, const std::string& name) {
  uint64_t length = 0;
  for (size_t i = 0; i < std::min(kLengthBytes, bytes.size()); ++i)
    length |= static_cast<uint64_t>(static_cast<unsigned char>(bytes[i])) << (8 * i);
  if (bytes.size() < kLengthBytes || length > kMaxHeaderBytes || length > bytes.size() - kLengthBytes)
    fail(ErrorKind::data, name,
         ": no valid header length. The file is truncated, damaged or not in safetensors format.");
  const json header = parse_header(bytes.substr(kLengthBytes, length), name);
  std::vector<Entry> entries;
  for (const auto& [key, value] : header.items())
    if (key != "__metadata__") entries.push_back(parse_entry(key, value, name));
  std::sort(entries.begin(), entries.end(),
            [](const Entry& a, const Entry& b) { return std::tie(a.begin, a.end) < std::tie(b.begin, b.end); });
  Safetensors content;
  content.metadata = parse_metadata(header, name);
  const char* data = bytes.data() + kLengthBytes + length;
  const uint64_t data_bytes = bytes.size() - kLengthBytes - length;
  uint64_t expected = 0;
  for (const Entry& entry : entries) {
    if (entry.begin != expected || entry.end > data_bytes)
      fail(ErrorKind::data, name, ": tensor '", entry.name, "' lies at bytes ", entry.begin, " to ", entry.end, " of ",
           data_bytes, ", expected to begin at ", expected, ". The file is truncated or damaged.");
    auto tensor = torch::empty(entry.shape, entry.dtype->type);
    if (tensor.nbytes() != 0) std::memcpy(tensor.data_ptr(), data + entry.begin, tensor.nbytes());
    content.tensors[entry.name] = tensor;
    expected = entry.end;
  }
  if (expected != data_bytes)
    fail(ErrorKind::data, name, ": ", data_bytes - expected, " bytes after the last tensor. The file is damaged.");
  return content;
}

Safetensors read_safetensors(const std::string& path) { return from_bytes(read_file(path), path); }

}  // namespace unet
