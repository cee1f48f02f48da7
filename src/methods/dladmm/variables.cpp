#include "methods/dladmm/variables.h"

#include "linalg/elementwise.h"

namespace admmnet {

DladmmVariables::DladmmVariables(const Topology& topology, Index unit_block,
                                 const ProcessGrid& grid, const SampleSet& train,
                                 const DladmmParameters& parameters)
    : network(grid, topology, unit_block),
      train_(train),
      parameters_(parameters),
      output_target_(workspace(topology.outputs())) {
  const int L = topology.layers();
  for (const SamplePanel& panel : train.panels) {
    const auto make = [&](Index rows) {
      BlockCyclicMatrix matrix = workspace(rows);
      matrix.set_cols(panel.count);
      return matrix;
    };
    DladmmPanel variables;
    for (int l = 1; l <= L; ++l) {
      variables.z.push_back(make(topology.width(l)));
      variables.m.push_back(make(topology.width(l)));
      if (l < L) variables.a.push_back(make(topology.extended(l)));
    }
    variables.u = make(topology.outputs());
    panels_.push_back(std::move(variables));
  }
}

const BlockCyclicMatrix& DladmmVariables::target(std::size_t p, int l) {
  BlockCyclicMatrix &z = panels_[p].z[index(l)], &t = output_target_;
  if (l < layers()) return z;
  const double rho = parameters_.rho;
  t.set_cols(z.cols());
  for_each_entry_in_parts([rho](double& ti, double zi, double ui) { ti = zi + ui / rho; }, t, z,
                          panels_[p].u);
  return t;
}

void DladmmVariables::load_residual(std::size_t p, int l, BlockCyclicMatrix& r) {
  const BlockCyclicMatrix& t = target(p, l);
  r.set_cols(t.cols());
  for_each_entry_in_parts([](double& ri, double mi, double ti) { ri = mi - ti; }, r,
                          panels_[p].m[index(l)], t);
}

void DladmmVariables::append_samples(StateView& view) {
  const auto add = [&](const std::string& path, Index rows, auto&& matrix_of) {
    StateTensor tensor{path, rows, train_.samples, {}};
    for (std::size_t p = 0; p < panels_.size(); ++p)
      tensor.parts.push_back(
          {&matrix_of(panels_[p]), 0, train_.panels[p].count, train_.panels[p].first});
    view.tensors.push_back(tensor);
  };
  for (int l = 1; l <= layers(); ++l) {
    const std::size_t i = index(l);
    const std::string layer = "iterate/layer_" + std::to_string(l) + "/";
    const Index width = topology().width(l);
    add(layer + "z", width, [i](DladmmPanel& v) -> BlockCyclicMatrix& { return v.z[i]; });
    add(layer + "m", width, [i](DladmmPanel& v) -> BlockCyclicMatrix& { return v.m[i]; });
    if (l < layers())
      add(layer + "a", topology().extended(l),
          [i](DladmmPanel& v) -> BlockCyclicMatrix& { return v.a[i]; });
  }
  add("iterate/u", topology().outputs(), [](DladmmPanel& v) -> BlockCyclicMatrix& { return v.u; });
}

}  // namespace admmnet
