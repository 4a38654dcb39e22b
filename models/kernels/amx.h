#pragma once

namespace unet::kernels {

/// Whether the processor multiplies tiles of bf16 (AMX) and has AVX-512, the compiler knows both, and the system lets
/// this process use tiles.
bool processor_has_amx();

}  // namespace unet::kernels
