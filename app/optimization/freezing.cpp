#include "app/optimization/freezing.h"

#include <algorithm>

namespace unet {

void freeze_parts(torch::nn::Module& network, const std::vector<std::string>& parts) {
  for (const auto& part : network.named_children()) {
    const bool frozen = std::find(parts.begin(), parts.end(), part.key()) != parts.end();
    part.value()->train(!frozen);
    for (auto& parameter : part.value()->parameters()) parameter.requires_grad_(!frozen);
  }
}

}  // namespace unet
