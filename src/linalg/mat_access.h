/// The inside of a PETSc Mat of type scalapack. mat_access.cpp is the only file that includes
/// PETSc's private header.
#pragma once

typedef struct _p_Mat* Mat;

namespace admmnet {

struct MatStorage {
  double* data;
  int leading_dimension;
  int local_rows, local_cols;
  int context;
  int descriptor[9];
};

/// Not collective.
MatStorage storage_of(Mat mat);

}  // namespace admmnet
