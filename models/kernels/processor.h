#pragma once

namespace unet::kernels {

/// Whether the processor multiplies matrices of bf16 (AMX). Older clang does not know the question.
inline bool processor_has_amx() {
#if defined(__x86_64__) && defined(__GNUC__) && (!defined(__clang__) || __clang_major__ >= 16)
  return __builtin_cpu_supports("amx-bf16") != 0;
#else
  return false;
#endif
}

}  // namespace unet::kernels
