#include "methods/taylor/keys.h"

#include "config/check.h"
#include "config/key_builders.h"
#include "methods/block_form_keys.h"
#include "methods/taylor/options.h"

namespace admmnet {
namespace {

using A = TaylorOptions;
const OptionsOf<A> kIn;

Key of(std::vector<std::string> sweeps, Key key) {
  return only_with("admm_sweep", std::move(sweeps), std::move(key));
}

std::vector<Key> penalty_keys() {
  return {
      fixed(choice("admm_sweep",
                   "blocks: re-synchronised on blocks of samples, the one that learns fast; full: "
                   "the same on all samples at once, few messages; printed: Taylor et al. (2016)",
                   kIn, &A::sweep)),
      of({"blocks"},
         before_it("first",
                   choice("admm_defaults",
                          "what auto stands for in blocks; columns: by the columns of a block; "
                          "first: blocks of 2500 columns, as in version 0.1; auto: columns",
                          kIn, &A::defaults))),
      of({"blocks"},
         fixed(number("admm_blocks", "", at_least(1),
                      "of a pass; auto: of 830 columns, wider above 100 000 samples, narrower "
                      "where passes or samples are few, one below 1200 samples",
                      kIn, &A::blocks))),
      of({"blocks"},
         fixed(number("admm_block_columns", "samples", at_least(1),
                      "of a block, about, instead of admm_blocks", kIn, &A::block_columns))),
      list("admm_beta", "auto", "", above(0),
           "penalties of z = W a; printed: one, or one a layer; else one, of the output layer; "
           "auto: blocks 0.3, full 1, printed 1",
           kIn, &A::beta),
      of({"printed"},
         list("admm_gamma", "auto", "", above(0),
              "penalties of a = h(z); one, or one a hidden layer; auto: 1", kIn, &A::gamma)),
      of({"blocks", "full"}, number("admm_penalty_ratio", "", above(0),
                                    "beta / gamma of the hidden z step", kIn, &A::penalty_ratio)),
      number("admm_ridge", "", at_least(0),
             "of the weights of layer 1 (printed: of all), relative to the mean diagonal of the "
             "Gram matrix; auto: blocks 3e-4, full 0.3, printed 1e-6",
             kIn, &A::ridge),
      of({"blocks", "full"},
         number("admm_ridge_hidden", "", at_least(0),
                "the same for layers 2 to L-1; auto: blocks admm_ridge, full 0.01", kIn,
                &A::ridge_hidden)),
      of({"blocks", "full"},
         number("admm_ridge_output", "", at_least(0),
                "the same for the output layer; auto: blocks admm_ridge, full 1e-3", kIn,
                &A::ridge_output)),
      of({"full"}, number("admm_ridge_decay", "", {0, 1, true},
                          "factor on the hidden ridge each pass; auto 0.75", kIn, &A::ridge_decay)),
      of({"printed"}, number("admm_warmup", "passes", at_least(0), "before the multiplier moves",
                             kIn, &A::warmup)),
      of({"printed"},
         choice("admm_multiplier",
                "none; output: on z_L as published; residual: on z_L - W_L a, classical ADMM", kIn,
                &A::multiplier)),
  };
}

std::vector<Key> step_keys() {
  return {
      of({"blocks", "full"}, number("admm_step", "", {0, 1e6, true},
                                    "eta of the hidden layers; auto: blocks 25 f / sqrt(hidden "
                                    "layers), f = sqrt(columns / "
                                    "2500) below 2500 columns of a block, full 2 at the start",
                                    kIn, &A::step)),
      of({"blocks"},
         number("admm_step_output", "", {0, 1e6, true},
                "eta of the output layer; auto: 0.2 in the place of 25", kIn, &A::step_output)),
      of({"blocks", "full"}, number("admm_proximal", "", at_least(0),
                                    "proximal weight p of the hidden layers, relative like the "
                                    "ridge; auto: blocks 10 (more "
                                    "from 80 units a column of a block on), "
                                    "full 1",
                                    kIn, &A::proximal)),
      of({"blocks"}, number("admm_proximal_output", "", at_least(0),
                            "p of the output layer; auto: 1/12 of its inputs a column "
                            "of a block, at least 0.1",
                            kIn, &A::proximal_output)),
      of({"blocks", "full"},
         number("admm_momentum", "", {0, 1, false, true},
                "mu of the weight steps; auto: blocks 0.9, full 0.5", kIn, &A::momentum)),
      of({"blocks", "full"},
         number("admm_damping", "", above(0),
                "kappa of the output-side solve, relative; auto: blocks 0.1 (five hidden layers or "
                "more 0.03), full 0.01",
                kIn, &A::damping)),
      of({"blocks"}, choice("admm_schedule",
                            "of the length of steps; cosine: falls over the whole run; linear: 1 "
                            "in the first half of the passes; auto: cosine",
                            kIn, &A::schedule)),
      of({"blocks"},
         choice("admm_error_rule",
                "shorter steps while the error e of the blocks is large; root: sqrt(0.02/e), at "
                "least 0.4; linear: 0.03/e, at least 0.1; auto: root with one hidden layer, linear "
                "with more, off with one block",
                kIn, &A::error_rule)),
      of({"blocks"},
         number("admm_gram_memory", "", {0, 1, false, true},
                "weight of the old Gram matrix in its running mean", kIn, &A::gram_memory)),
      of({"blocks"},
         number("admm_gram_every", "blocks", at_least(1),
                "between updates of the hidden layers' Gram matrices; auto: of 5000 columns", kIn,
                &A::gram_every)),
      of({"blocks", "full"},
         number("admm_step_clip", "", at_least(0),
                "largest relative change of z_l by a step; 0: off; auto: blocks 0.02 from five "
                "hidden layers on, else off",
                kIn, &A::step_clip)),
      of({"full"},
         of_machine(choice("admm_hidden_z",
                           "z of the hidden layers is needed twice a pass; keep it, or recompute "
                           "it to save memory; auto: keep what fits",
                           kIn, &A::hidden_z))),
  };
}

/// "resync" was the name of both sweeps that are re-synchronised, the full batch with one block.
void modernise(std::map<std::string, std::string>& given, std::vector<std::string>& notes) {
  const auto sweep = given.find("admm_sweep");
  if (sweep == given.end() || sweep->second != "resync") return;
  const auto blocks = given.find("admm_blocks");
  const bool full = blocks != given.end() && blocks->second == "1";
  if (full) given.erase(blocks);
  sweep->second = full ? "full" : "blocks";
  notes.push_back(std::string("-admm_sweep resync") + (full ? " -admm_blocks 1" : "") +
                  " is now called -admm_sweep " + sweep->second);
}

void check(const Options& options, Checks& checks) {
  const TaylorOptions& admm = taylor_options(options);
  const std::size_t hidden = options.net.hidden.size(), layers = hidden + 1;
  const std::size_t betas = admm.beta.size(), gammas = admm.gamma.size();
  const bool printed = admm.sweep == Sweep::printed;
  if (admm.sweep != Sweep::blocks)
    refuse_block_forms("-admm_sweep " + name_of(admm.sweep), options, checks);
  checks.refuse(options.init.scheme == InitScheme::zero && !printed && hidden > 0,
                {"init_scheme", "admm_sweep", "net_hidden"},
                "only -admm_sweep printed can start from hidden weights of 0, elsewhere all units "
                "would stay equal; use he or xavier");
  checks.refuse(
      printed && options.init.scheme == InitScheme::normal &&
          options.init.deviation.value_or(1.0) != 1.0,
      {"init_deviation", "init_scheme", "admm_sweep"},
      "-admm_sweep printed begins with weights of 0, and z and a of deviation 1; leave it "
      "out, or take another sweep");
  checks.refuse(admm.blocks.has_value() && admm.block_columns.has_value(),
                {"admm_blocks", "admm_block_columns"},
                "both say how many blocks a pass has; give one of them");
  checks.refuse(!printed && betas > 1, {"admm_beta", "admm_sweep"},
                std::to_string(betas) +
                    " values, but only -admm_sweep printed takes one a layer; give one, of the "
                    "output layer");
  checks.refuse(printed && betas > 1 && betas != layers, {"admm_beta", "admm_sweep", "net_hidden"},
                std::to_string(betas) + " values for " + std::to_string(layers) +
                    " layers (hidden ones and the output); give one, or one a layer");
  checks.refuse(printed && gammas > 1 && gammas != hidden,
                {"admm_gamma", "admm_sweep", "net_hidden"},
                std::to_string(gammas) + " values for " + std::to_string(hidden) +
                    " hidden layers; give one, or one a hidden layer");
  checks.refuse(printed && options.linalg.precision == Precision::single,
                {"linalg_precision", "admm_sweep"},
                "single does not go with -admm_sweep printed, whose Gram matrices are too "
                "ill-conditioned for it; take double, or another sweep");
}

}  // namespace

MethodKeys taylor_keys() {
  MethodKeys keys;
  keys.method = "taylor";
  keys.summary = "ADMM of Taylor et al. (2016) in three sweeps (admm_sweep)";
  keys.group = {"admm", "the sweeps of ADMM"};
  keys.keys = penalty_keys();
  for (const Key& key : step_keys()) keys.keys.push_back(key);
  keys.modernise = modernise;
  keys.check = check;
  return keys;
}

}  // namespace admmnet
