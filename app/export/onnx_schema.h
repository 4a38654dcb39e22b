#pragma once

#include <cstdint>

/// Field numbers of ONNX's protocol buffers that are used here. Source: onnx/onnx.proto of ONNX 1.8.
namespace unet::onnx {

namespace model {
enum : uint32_t { ir_version = 1, producer_name = 2, graph = 7, opset_import = 8, metadata_props = 14 };
}
namespace opset {
enum : uint32_t { domain = 1, version = 2 };
}
namespace entry {
enum : uint32_t { key = 1, value = 2 };
}
namespace graph {
enum : uint32_t { node = 1, name = 2, initializer = 5, input = 11, output = 12 };
}
namespace node {
enum : uint32_t { input = 1, output = 2, name = 3, op_type = 4, attribute = 5 };
}
namespace attribute {
enum : uint32_t { name = 1, f = 2, i = 3, s = 4, ints = 8, type = 20 };
enum Type : int32_t { type_float = 1, type_int = 2, type_string = 3, type_ints = 7 };
}  // namespace attribute
namespace tensor {
enum : uint32_t { dims = 1, data_type = 2, name = 8, raw_data = 9 };
enum DataType : int32_t { data_float = 1, data_int64 = 7 };
}  // namespace tensor
namespace value_info {
enum : uint32_t { name = 1, type = 2 };
}
namespace type {
enum : uint32_t { tensor_type = 1 };
}
namespace tensor_type {
enum : uint32_t { elem_type = 1, shape = 2 };
}
namespace shape {
enum : uint32_t { dim = 1 };
}
namespace dimension {
enum : uint32_t { value = 1, param = 2 };
}

/// Opset 13 is the first whose operators all take dynamic sizes as inputs. Runtimes since 2020 read it, with IR 7.
inline constexpr int64_t kIrVersion = 7;
inline constexpr int64_t kOpset = 13;

}  // namespace unet::onnx
