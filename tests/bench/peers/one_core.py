"""One core for numpy, its BLAS named, and that BLAS's own rate: import this before numpy."""
import os

for variable in ("OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS", "MKL_NUM_THREADS"):
    os.environ[variable] = "1"

import time

import numpy as np


def blas_name():
    """Library file, version and kernels of the BLAS that numpy calls, with python3-threadpoolctl."""
    try:
        import threadpoolctl
    except ImportError:
        return "unknown (python3-threadpoolctl would tell)"
    found = [f"{pool['internal_api']} {pool['version']} ({pool.get('architecture', '?')}, "
             f"{pool['num_threads']} thread), {os.path.basename(pool['filepath'])}"
             for pool in threadpoolctl.threadpool_info() if pool["user_api"] == "blas"]
    return "; ".join(found) or "not one that threadpoolctl knows"


def gemm_gflops(dtype, order=2048, repeats=5):
    """1e9 flops/s of a square product, best of five after one that warms up."""
    A, B, C = np.ones((order, order), dtype), np.ones((order, order), dtype), None
    C = np.empty_like(A)
    best = np.inf
    for run in range(repeats + 1):
        start = time.perf_counter()
        np.dot(A, B, out=C)
        if run > 0:
            best = min(best, time.perf_counter() - start)
    return 2e-9 * order**3 / best
