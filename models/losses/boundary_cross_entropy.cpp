#include "models/losses/boundary_cross_entropy.h"

namespace unet {

void BoundaryCrossEntropy::fields(FieldVisitor& visit) {
  CrossEntropy::fields(visit);
  visit("w0", map.w0, "weight added to 1 where two objects touch; other terms do not see it", in_range(0, 1000));
  visit("sigma", map.sigma, "decay of this weight with the distances to the two nearest objects, pixels",
        in_range(0.1, 1000));
}

}  // namespace unet
