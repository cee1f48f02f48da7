/// The activations h, and nothing else, so that every room can name one.
#pragma once

namespace admmnet {

/// h(z):
///   relu           max(z, 0)
///   leaky_relu     max(z, slope z)
///   hard_sigmoid   clip(z, 0, 1)
///   hard_tanh      clip(z, -1, 1)
enum class ActivationKind { relu, leaky_relu, hard_sigmoid, hard_tanh };

/// An activation with its parameter: the slope of leaky_relu for z < 0, 0 < slope < 1.
struct Activation {
  ActivationKind kind = ActivationKind::relu;
  double slope = 0.01;
};

}  // namespace admmnet
