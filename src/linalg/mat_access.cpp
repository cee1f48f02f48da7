#include "linalg/mat_access.h"

#include <algorithm>

#include <petsc/private/petscscalapack.h>

namespace admmnet {

MatStorage storage_of(Mat mat) {
  const auto* inside = static_cast<const Mat_ScaLAPACK*>(mat->data);
  MatStorage storage{inside->loc, inside->lld, inside->locr, inside->locc, inside->grid->ictxt, {}};
  std::copy_n(inside->desc, 9, storage.descriptor);
  return storage;
}

}  // namespace admmnet
