#pragma once

#include <string>

#include "app/pages/html.h"

namespace unet {

/// Returns a whole HTML document with the style of our pages. It is self-contained: it refuses to load anything, runs
/// no script, and follows the reader's light or dark scheme and the width of the window.
std::string html_page(const std::string& title, const Html& body);

}  // namespace unet
