/// The losses l(z, y) of the output layer, and nothing else, so that every room can name one.
#pragma once

namespace admmnet {

/// squared            1/2 |z - y|^2, y one-hot (0/1; one output: y = class)
/// hinge              sum_i max(1 - z_i, 0) if y_i = 1, max(z_i, 0) if y_i = 0  (Taylor's coding)
/// multiclass_hinge   max_j (1 - [j=y] + z_j) - z_y                             (Crammer, Singer)
/// softmax            log sum_j exp(z_j) - z_y                                  (cross-entropy)
enum class Loss { squared, hinge, multiclass_hinge, softmax };

}  // namespace admmnet
