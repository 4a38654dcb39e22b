#pragma once

namespace unet::compat {

/// Whether the processor multiplies tiles of bf16 (AMX) and has AVX-512, the compiler knows both, and the operating
/// system lets this process use tiles. Always false if the compiler lacks AMX (processor_amx_absent.cpp).
bool processor_has_amx();

/// Whether the processor has AVX-512 instructions for bf16. Always false on processors other than x86-64.
bool processor_has_avx512_bf16();

/// Whether the processor has the AVX-512 instructions that oneDNN needs for bf16. Always false on processors other than
/// x86-64.
bool processor_runs_onednn_in_bf16();

/// Whether the processor tells the sizes of its caches. Some virtual machines hide them. Always true on processors
/// other than x86-64.
bool processor_describes_its_caches();

}  // namespace unet::compat
