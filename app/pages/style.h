#pragma once

namespace unet {

/// The style sheet of our pages: light and dark, from phones to wide screens, and on paper.
extern const char* const kPageStyle;

}  // namespace unet
