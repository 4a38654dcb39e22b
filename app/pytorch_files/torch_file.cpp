#include "app/pytorch_files/torch_file.h"

#include <torch/types.h>

#include <algorithm>
#include <cstring>
#include <optional>

#include "app/pytorch_files/little_endian.h"
#include "app/pytorch_files/pickle.h"
#include "app/pytorch_files/stored_zip.h"
#include "configs/schema/error.h"

namespace unet {
namespace {

using Kind = PickledObject::Kind;
using Storages = std::map<std::string, std::string_view>;  ///< bytes by key

constexpr std::string_view kLegacyMagic("\x6c\xfc\x9c\x46\xf9\x20\x6a\xa8\x50\x19", 10);
constexpr int64_t kLegacyProtocol = 1001;

template <class... Parts>
[[noreturn]] void refuse(const std::string& name, const Parts&... parts) {
  fail(ErrorKind::data, name, ": ", parts...);
}

const PickledObject* find(const Pickle& pickle, const PickledObject& dict, const std::string& key) {
  for (size_t i = 0; i + 1 < dict.items.size(); i += 2) {
    const PickledObject& name = pickle.at(dict.items[i]);
    if (name.kind == Kind::text && name.text == key) return &pickle.at(dict.items[i + 1]);
  }
  return nullptr;
}

bool holds_tensors(const Pickle& pickle, const PickledObject& dict) {
  for (size_t i = 0; i + 1 < dict.items.size(); i += 2)
    if (pickle.at(dict.items[i + 1]).kind == Kind::tensor) return true;
  return false;
}

const PickledObject& find_state_dict(const Pickle& pickle, const std::string& name) {
  const PickledObject& root = pickle.at(pickle.root);
  if (root.kind == Kind::dict) {
    if (holds_tensors(pickle, root)) return root;
    for (const char* key : {"state_dict", "model_state_dict", "model"}) {
      const PickledObject* inner = find(pickle, root, key);
      if (inner != nullptr && inner->kind == Kind::dict && holds_tensors(pickle, *inner)) return *inner;
    }
  }
  refuse(name, "has no named tensors. Write the file with torch.save(model.state_dict(), FILE).");
}

/// Builds tensors from their descriptions in pickles; those that share a storage share its memory.
class TensorBuilder {
 public:
  TensorBuilder(const Storages& bytes, const std::string& name) : bytes_(bytes), name_(name) {}

  torch::Tensor tensor(const std::string& tensor_name, const PickledTensor& described) {
    const torch::Tensor& values = storage(described);
    if (!lies_within(described, values.numel()))
      refuse(name_, "tensor '", tensor_name, "' of shape ", torch::IntArrayRef(described.sizes), " exceeds the ",
             values.numel(), " elements of its storage. The file is damaged.");
    return values.as_strided(described.sizes, described.strides, described.offset);
  }

 private:
  const torch::Tensor& storage(const PickledTensor& described) {
    const auto known = storages_.find(described.storage);
    if (known != storages_.end()) {
      if (known->second.scalar_type() != described.type)
        refuse(name_, "storage '", described.storage, "' has two different types");
      return known->second;
    }
    const auto found = bytes_.find(described.storage);
    if (found == bytes_.end()) refuse(name_, "storage '", described.storage, "' is missing. The file is damaged.");
    const size_t element = torch::elementSize(described.type), size = found->second.size();
    if (size % element != 0 || static_cast<int64_t>(size / element) != described.storage_elements)
      refuse(name_, "storage '", described.storage, "' has ", size, " bytes, expected ", described.storage_elements,
             " elements of ", element, " bytes. The file is damaged.");
    auto values = torch::empty({described.storage_elements}, described.type);
    if (size != 0) std::memcpy(values.data_ptr(), found->second.data(), size);
    return storages_.emplace(described.storage, values).first->second;
  }

  /// Whether the tensor lies within its storage and has no more elements. With repeated elements, a small file could
  /// hold a huge tensor.
  static bool lies_within(const PickledTensor& described, int64_t elements) {
    if (described.sizes.size() != described.strides.size() || described.offset < 0 || described.offset > elements)
      return false;
    int64_t last = described.offset, count = 1;
    for (size_t i = 0; i < described.sizes.size(); ++i) {
      const int64_t size = described.sizes[i], stride = described.strides[i];
      if (size < 1 || stride < 0 || size > elements / count) return false;
      if (stride > 0 && size - 1 > (elements - 1 - last) / stride) return false;
      count *= size;
      last += (size - 1) * stride;
    }
    return last < elements;
  }

  const Storages& bytes_;
  const std::string& name_;
  TensorMap storages_;
};

constexpr size_t kMaxMaskValues = 256, kMaxChannels = 4;

/// Returns a whole number, or a short list of them; nullopt for other values.
std::optional<std::vector<int64_t>> whole_numbers(const Pickle& pickle, const PickledObject& object) {
  const auto is_number = [](const PickledObject& item) { return item.kind == Kind::integer && item.text.empty(); };
  if (is_number(object)) return std::vector<int64_t>{object.number};
  const bool is_list = object.kind == Kind::list || object.kind == Kind::tuple;
  if (!is_list || object.items.size() > kMaxChannels) return std::nullopt;
  std::vector<int64_t> numbers;
  for (const size_t index : object.items) {
    if (!is_number(pickle.at(index))) return std::nullopt;
    numbers.push_back(pickle.at(index).number);
  }
  return numbers;
}

std::vector<std::vector<int64_t>> read_mask_values(const Pickle& pickle, const PickledObject& list) {
  std::vector<std::vector<int64_t>> rows;
  if (list.kind != Kind::list || list.items.size() > kMaxMaskValues) return {};
  for (const size_t index : list.items) {
    auto row = whole_numbers(pickle, pickle.at(index));
    if (!row) return {};
    rows.push_back(std::move(*row));
  }
  return rows;
}

TorchFile build(const Pickle& pickle, const Storages& storages, const std::string& name) {
  const PickledObject& dict = find_state_dict(pickle, name);
  TensorBuilder builder(storages, name);
  TorchFile file;
  for (size_t i = 0; i + 1 < dict.items.size(); i += 2) {
    const PickledObject &key = pickle.at(dict.items[i]), &value = pickle.at(dict.items[i + 1]);
    if (key.kind != Kind::text) continue;
    if (value.kind == Kind::tensor) file.tensors[key.text] = builder.tensor(key.text, value.tensor);
    if (key.text == "mask_values") file.mask_values = read_mask_values(pickle, value);
  }
  return file;
}

TorchFile read_zip(const std::string& bytes, const std::string& name) {
  static const std::string pickle_name = "data.pkl";
  const auto files = read_stored_zip(bytes, name);
  const auto found = std::find_if(files.begin(), files.end(), [](const auto& file) {
    const std::string& path = file.first;
    return path.size() > pickle_name.size() && path.find('/') == path.size() - pickle_name.size() - 1 &&
           path.compare(path.size() - pickle_name.size(), pickle_name.size(), pickle_name) == 0;
  });
  if (found == files.end())
    refuse(name, "a zip archive without data.pkl. Expected a file written by torch.save(model.state_dict(), FILE).");
  const std::string folder = found->first.substr(0, found->first.size() - pickle_name.size());
  if (files.count(folder + "constants.pkl") != 0)
    refuse(name, "a TorchScript file, which is code. Save the weights only: torch.save(model.state_dict(), FILE).");
  const auto order = files.find(folder + "byteorder");
  if (order != files.end() && order->second != "little")
    refuse(name, "written on a big-endian machine, expected little-endian. Save it again on a little-endian machine.");
  Storages storages;
  const std::string prefix = folder + "data/";
  for (const auto& [path, content] : files)
    if (path.rfind(prefix, 0) == 0) storages[path.substr(prefix.size())] = content;
  return build(read_pickle(found->second, name), storages, name);
}

/// The legacy format: five pickles (magic number, protocol, system information, the object, the keys of its storages),
/// then for each key the number of elements and their bytes.
class LegacyFile {
 public:
  LegacyFile(std::string_view bytes, const std::string& name) : remaining_(bytes), name_(name) {}

  TorchFile read() {
    if (next_root().text != kLegacyMagic)
      refuse(name_,
             "a pickle that torch.save did not write. Write the file with torch.save(model.state_dict(), FILE).");
    if (next_root().number != kLegacyProtocol) refuse(name_, "a protocol other than ", kLegacyProtocol);
    next_root();
    const Pickle object = next_pickle();
    const Pickle keys = next_pickle();
    std::map<std::string, size_t> element_sizes;
    for (const PickledObject& part : object.objects)
      if (part.kind == Kind::storage) element_sizes[part.tensor.storage] = torch::elementSize(part.tensor.type);
    Storages storages;
    for (const size_t item : keys.at(keys.root).items) {
      const std::string& key = keys.at(item).text;
      if (element_sizes.count(key) == 0) refuse(name_, "storage '", key, "' belongs to no tensor");
      storages[key] = next_storage(element_sizes[key]);
    }
    if (!remaining_.empty()) refuse(name_, remaining_.size(), " bytes after the last storage. The file is damaged.");
    return build(object, storages, name_);
  }

 private:
  Pickle next_pickle() {
    Pickle pickle = read_pickle(remaining_, name_);
    remaining_.remove_prefix(pickle.end);
    return pickle;
  }
  PickledObject next_root() {
    const Pickle pickle = next_pickle();
    return pickle.at(pickle.root);
  }
  std::string_view next_storage(size_t element_size) {
    constexpr size_t length_bytes = 8;
    const uint64_t count = remaining_.size() < length_bytes ? 0 : little_endian(remaining_, length_bytes);
    if (remaining_.size() < length_bytes || count > (remaining_.size() - length_bytes) / element_size)
      refuse(name_, "truncated within its tensors; copy or download it again");
    const std::string_view content = remaining_.substr(length_bytes, count * element_size);
    remaining_.remove_prefix(length_bytes + content.size());
    return content;
  }

  std::string_view remaining_;
  const std::string& name_;
};

/// Removes the prefix from all names, or from none if one lacks it.
TensorMap strip_prefix(TensorMap tensors, const std::string& prefix) {
  TensorMap bare;
  for (const auto& [name, tensor] : tensors) {
    if (name.rfind(prefix, 0) != 0) return tensors;
    bare[name.substr(prefix.size())] = tensor;
  }
  return bare;
}

}  // namespace

TorchFile read_torch_file(const std::string& bytes, const std::string& name) {
  const bool is_zip = bytes.rfind("PK", 0) == 0, is_pickle = bytes.rfind('\x80', 0) == 0;
  if (!is_zip && !is_pickle)
    refuse(name,
           "neither a zip archive nor a pickle. Expected a file written by torch.save(model.state_dict(), FILE).");
  TorchFile file = is_zip ? read_zip(bytes, name) : LegacyFile(bytes, name).read();
  file.tensors = strip_prefix(std::move(file.tensors), "module.");
  return file;
}

TensorMap tensors_from_torch_file(const std::string& bytes, const std::string& name) {
  return read_torch_file(bytes, name).tensors;
}

}  // namespace unet
