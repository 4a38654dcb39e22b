#include "app/pytorch_files/storage_types.h"

namespace unet {
namespace {

struct Row {
  const char* name;
  torch::ScalarType type;
};
constexpr Row kRows[] = {{"FloatStorage", torch::kFloat}, {"DoubleStorage", torch::kDouble},
                         {"HalfStorage", torch::kHalf},   {"BFloat16Storage", torch::kBFloat16},
                         {"LongStorage", torch::kLong},   {"IntStorage", torch::kInt},
                         {"ShortStorage", torch::kShort}, {"CharStorage", torch::kChar},
                         {"ByteStorage", torch::kByte},   {"BoolStorage", torch::kBool}};

}  // namespace

std::string storage_name(torch::ScalarType type) {
  for (const Row& row : kRows)
    if (row.type == type) return row.name;
  return "";
}

torch::ScalarType storage_type(const std::string& name) {
  for (const Row& row : kRows)
    if (row.name == name) return row.type;
  return torch::ScalarType::Undefined;
}

}  // namespace unet
