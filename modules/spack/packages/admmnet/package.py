"""Spack's recipe for admmnet. NOT TRIED: it was written without a Spack at hand. Use it with the
environment two folders above (spack.yaml), which builds the source tree it lies in."""
from spack.package import *


class Admmnet(CMakePackage):
    """Gradient-free training of very wide, fully connected neural networks by ADMM; matrices are
    spread over an MPI job in two-dimensional block-cyclic form."""

    license("Apache-2.0")
    has_code = True

    version("0.1.0")

    variant("native", default=False, description="Compile for this machine's processor only")

    depends_on("c", type="build")
    depends_on("cxx", type="build")
    depends_on("cmake@3.24:", type="build")
    depends_on("pkgconfig", type="build")
    depends_on("mpi")
    depends_on("petsc@3.18: +mpi +double ~complex +scalapack")
    depends_on("slepc@3.18:")
    depends_on("scalapack")
    depends_on("blas")
    depends_on("lapack")
    depends_on("hdf5@1.10: +mpi")
    depends_on("zlib-api")
    depends_on("yaml-cpp")
    depends_on("nlohmann-json")
    depends_on("random123")
    depends_on("catch2@2", type="test")

    def cmake_args(self):
        return [
            self.define("ADMMNET_BUILD_TESTS", self.run_tests),
            self.define_from_variant("ADMMNET_NATIVE", "native"),
        ]
