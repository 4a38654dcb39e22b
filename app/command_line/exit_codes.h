#pragma once

namespace unet {

inline constexpr int kExitDone = 0;
inline constexpr int kExitUsage = 2;
inline constexpr int kExitBadData = 65;
inline constexpr int kExitInternal = 70;
inline constexpr int kExitOutOfMemory = 71;
inline constexpr int kExitResumable = 75;

}  // namespace unet
