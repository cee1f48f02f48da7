/// `admmnet plan -plan_scaling`: one plan for each of several numbers of ranks, as a table. All of
/// it is prediction. Pure arithmetic: not collective, nothing allocated.
#pragma once

#include <string>
#include <vector>

#include "commands/plan.h"

namespace admmnet {

/// A plan for each of options.plan.scaling; of the growing problem, where options.plan.growth says
/// so: with p times the ranks of the first one, p times the training samples, or hidden layers
/// sqrt(p) times as wide. What does not fit has a refusal. The memory of a rank is -plan_memory, or
/// unknown.
/// Throws BadInput.
std::vector<Plan> scaling_plans(const Options& options, const DataShape& shape);

/// Flops a second and rank against those of the first plan that fits; ranks that the plan leaves
/// idle count. 0 for a refused one. With a fixed problem that is the parallel efficiency.
std::vector<double> efficiencies(const std::vector<Plan>& plans);

/// Machine and problem, and a line for each plan.
std::string scaling_report(const std::vector<Plan>& plans, Growth growth);

/// The same with every predicted figure, and the seconds of each phase. Refused plans have their
/// reason in the last column and no figures.
std::string scaling_csv(const std::vector<Plan>& plans);

}  // namespace admmnet
