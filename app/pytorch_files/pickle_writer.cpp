#include "app/pytorch_files/pickle_writer.h"

#include <limits>

#include "app/pytorch_files/little_endian.h"
#include "app/pytorch_files/storage_types.h"
#include "configs/schema/error.h"

namespace unet {
PickleWriter::PickleWriter() : bytes_("\x80\x02") {}

void PickleWriter::global(const std::string& module, const std::string& name) {
  bytes_ += "c" + module + "\n" + name + "\n";
}

void PickleWriter::text(const std::string& value) { bytes_ += "X" + little_endian_bytes(value.size(), 4) + value; }

void PickleWriter::integer(int64_t value) {
  const auto bits = static_cast<uint64_t>(value);
  if (value >= 0 && value < 256)
    bytes_ += "K" + little_endian_bytes(bits, 1);
  else if (value >= 0 && value <= std::numeric_limits<int32_t>::max())
    bytes_ += "J" + little_endian_bytes(bits, 4);
  else
    bytes_ += std::string("\x8a\x08") + little_endian_bytes(bits, 8);
}

void PickleWriter::tuple(torch::IntArrayRef values) {
  bytes_ += "(";
  for (const int64_t value : values) integer(value);
  bytes_ += "t";
}

void PickleWriter::empty_ordered_dict() {
  global("collections", "OrderedDict");
  bytes_ += ")R";
}

void PickleWriter::begin_ordered_dict() {
  empty_ordered_dict();
  bytes_ += "(";
}

void PickleWriter::end_ordered_dict() { bytes_ += "u"; }

void PickleWriter::tensor(const torch::Tensor& tensor, const std::string& key) {
  const std::string storage = storage_name(tensor.scalar_type());
  if (storage.empty()) fail(ErrorKind::internal, "[state_dict] unsupported tensor type ", tensor.scalar_type());
  global("torch._utils", "_rebuild_tensor_v2");
  bytes_ += "((";
  text("storage");
  global("torch", storage);
  text(key);
  text("cpu");
  integer(tensor.numel());
  bytes_ += "tQ";  // the persistent id above names the storage
  integer(0);      // offset of the tensor in the storage
  tuple(tensor.sizes());
  tuple(tensor.strides());
  bytes_ += "\x89";  // requires_grad: False
  empty_ordered_dict();
  bytes_ += "tR";
}

std::string PickleWriter::finish() { return bytes_ + "."; }

}  // namespace unet
