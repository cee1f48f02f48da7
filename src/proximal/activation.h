/// The activations h, by their names. activation_functions.h and hidden_z.h do the work; README.md
/// of this folder shows how to add one.
///
/// A leaf, so that every room can name an activation.
#pragma once

#include <cstddef>

#include "runtime/table.h"

namespace admmnet {

/// The weights of the two squares of the hidden z problem, gamma + beta = 1.
struct HiddenPenalties {
  double gamma, beta;
};

/// A row of the table of activations: all that an activation consists of. Each function works on n
/// entries; `slope` is the parameter of leaky_relu, of no meaning for the others. Made by
/// activation_row (activation_row.h).
struct ActivationFunctions {
  /// a[i] = h(z[i]). a may be z.
  using Activate = void (*)(double slope, std::size_t n, const double* z, double* a);
  /// z[i] = argmin gamma/2 (a[i] - h(z))^2 + beta/2 (z - m[i])^2. z may be a or m.
  using MinimiseHidden = void (*)(double slope, const HiddenPenalties& penalties, std::size_t n,
                                  const double* a, const double* m, double* z);
  /// The same in residual form, hidden_z_step of hidden_z.h.
  using HiddenStep = void (*)(double slope, double ratio, std::size_t n, const double* z,
                              double* delta);
  /// delta[i] := h'(z[i]) delta[i]; where h has a kink, the derivative from the left.
  using Backpropagate = void (*)(double slope, std::size_t n, const double* z, double* delta);

  constexpr ActivationFunctions(const char* its_name, Activate its_activate,
                                Backpropagate its_backpropagate, MinimiseHidden its_minimise_hidden,
                                HiddenStep its_hidden_step)
      : name(its_name),
        activate(its_activate),
        backpropagate(its_backpropagate),
        minimise_hidden(its_minimise_hidden),
        hidden_step(its_hidden_step) {}

  const char* name;
  Activate activate;
  Backpropagate backpropagate;
  /// Null, and hidden_step too: it has no hidden z step, and is for layers that stay as they begin.
  MinimiseHidden minimise_hidden;
  HiddenStep hidden_step;

  bool has_hidden_step() const { return hidden_step != nullptr; }
};

/// h(z):
///   relu           max(z, 0)
///   leaky_relu     max(z, slope z)
///   hard_sigmoid   clip(z, 0, 1)
///   hard_tanh      clip(z, -1, 1)
///   tanh           tanh z
///   sigmoid        1 / (1 + exp(-z))
///   softplus       log(1 + exp(z))
///   cos            cos z; of fixed hidden layers only
extern const ActivationFunctions relu_activation, leaky_relu_activation, hard_sigmoid_activation,
    hard_tanh_activation, tanh_activation, sigmoid_activation, softplus_activation, cos_activation;

/// All activations of the program. Those of this room are listed in activations.cpp.
Table<ActivationFunctions>& activation_table();

/// One row of the table, to be passed by value and compared.
class ActivationKind {
 public:
  static const ActivationKind relu, leaky_relu, hard_sigmoid, hard_tanh, tanh, sigmoid, softplus,
      cos;

  constexpr ActivationKind() : ActivationKind(relu_activation) {}
  explicit constexpr ActivationKind(const ActivationFunctions& functions)
      : functions_(&functions) {}

  const ActivationFunctions* operator->() const { return functions_; }
  bool operator==(ActivationKind other) const { return functions_ == other.functions_; }
  bool operator!=(ActivationKind other) const { return functions_ != other.functions_; }

 private:
  const ActivationFunctions* functions_;
};

inline constexpr ActivationKind ActivationKind::relu{relu_activation};
inline constexpr ActivationKind ActivationKind::leaky_relu{leaky_relu_activation};
inline constexpr ActivationKind ActivationKind::hard_sigmoid{hard_sigmoid_activation};
inline constexpr ActivationKind ActivationKind::hard_tanh{hard_tanh_activation};
inline constexpr ActivationKind ActivationKind::tanh{tanh_activation};
inline constexpr ActivationKind ActivationKind::sigmoid{sigmoid_activation};
inline constexpr ActivationKind ActivationKind::softplus{softplus_activation};
inline constexpr ActivationKind ActivationKind::cos{cos_activation};

/// An activation with its parameter: the slope of leaky_relu for z < 0, 0 < slope < 1.
struct Activation {
  ActivationKind kind = ActivationKind::relu;
  double slope = 0.01;
};

}  // namespace admmnet
