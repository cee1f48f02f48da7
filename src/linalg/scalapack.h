/// Declarations of the ScaLAPACK, PBLAS, BLACS, LAPACK and BLAS routines in use. Included only by
/// linalg/*.cpp.
#pragma once

extern "C" {
void Cblacs_gridinfo(int context, int* rows, int* cols, int* my_row, int* my_col);

void pdgemr2d_(const int* m, const int* n, const double* A, const int* ia, const int* ja,
               const int* descA, double* B, const int* ib, const int* jb, const int* descB,
               const int* context);
void pdgemm_(const char* transA, const char* transB, const int* m, const int* n, const int* k,
             const double* alpha, const double* A, const int* ia, const int* ja, const int* descA,
             const double* B, const int* ib, const int* jb, const int* descB, const double* beta,
             double* C, const int* ic, const int* jc, const int* descC);
void pdsyrk_(const char* uplo, const char* trans, const int* n, const int* k, const double* alpha,
             const double* A, const int* ia, const int* ja, const int* descA, const double* beta,
             double* C, const int* ic, const int* jc, const int* descC);
void pdsymm_(const char* side, const char* uplo, const int* m, const int* n, const double* alpha,
             const double* A, const int* ia, const int* ja, const int* descA, const double* B,
             const int* ib, const int* jb, const int* descB, const double* beta, double* C,
             const int* ic, const int* jc, const int* descC);
void pdtradd_(const char* uplo, const char* trans, const int* m, const int* n, const double* alpha,
              const double* A, const int* ia, const int* ja, const int* descA, const double* beta,
              double* C, const int* ic, const int* jc, const int* descC);
void pdgelqf_(const int* m, const int* n, double* A, const int* ia, const int* ja, const int* descA,
              double* tau, double* work, const int* length, int* info);
void pdpotrf_(const char* uplo, const int* n, double* A, const int* ia, const int* ja,
              const int* descA, int* info);
void pdgesvd_(const char* job_U, const char* job_VT, const int* m, const int* n, double* A,
              const int* ia, const int* ja, const int* descA, double* S, double* U, const int* iu,
              const int* ju, const int* descU, double* VT, const int* ivt, const int* jvt,
              const int* descVT, double* work, const int* length, int* info);
void pdsyevd_(const char* job, const char* uplo, const int* n, double* A, const int* ia,
              const int* ja, const int* descA, double* values, double* U, const int* iu,
              const int* ju, const int* descU, double* work, const int* length, int* integers,
              const int* integers_length, int* info);
void pdtrsm_(const char* side, const char* uplo, const char* trans, const char* diag, const int* m,
             const int* n, const double* alpha, const double* A, const int* ia, const int* ja,
             const int* descA, double* B, const int* ib, const int* jb, const int* descB);

void psgemm_(const char* transA, const char* transB, const int* m, const int* n, const int* k,
             const float* alpha, const float* A, const int* ia, const int* ja, const int* descA,
             const float* B, const int* ib, const int* jb, const int* descB, const float* beta,
             float* C, const int* ic, const int* jc, const int* descC);
void pssyrk_(const char* uplo, const char* trans, const int* n, const int* k, const float* alpha,
             const float* A, const int* ia, const int* ja, const int* descA, const float* beta,
             float* C, const int* ic, const int* jc, const int* descC);
void pstrsm_(const char* side, const char* uplo, const char* trans, const char* diag, const int* m,
             const int* n, const float* alpha, const float* A, const int* ia, const int* ja,
             const int* descA, float* B, const int* ib, const int* jb, const int* descB);

void sgemm_(const char* transA, const char* transB, const int* m, const int* n, const int* k,
            const float* alpha, const float* A, const int* lda, const float* B, const int* ldb,
            const float* beta, float* C, const int* ldc);
void ssyrk_(const char* uplo, const char* trans, const int* n, const int* k, const float* alpha,
            const float* A, const int* lda, const float* beta, float* C, const int* ldc);
void dgemm_(const char* transA, const char* transB, const int* m, const int* n, const int* k,
            const double* alpha, const double* A, const int* lda, const double* B, const int* ldb,
            const double* beta, double* C, const int* ldc);
void dgesdd_(const char* job, const int* m, const int* n, double* A, const int* lda, double* S,
             double* U, const int* ldu, double* VT, const int* ldvt, double* work,
             const int* length, int* integers, int* info);
void dsyev_(const char* job, const char* uplo, const int* n, double* A, const int* lda,
            double* values, double* work, const int* length, int* info);
void dtrtri_(const char* uplo, const char* diag, const int* n, double* A, const int* lda,
             int* info);
void dpotrf_(const char* uplo, const int* n, double* A, const int* lda, int* info);
void strmm_(const char* side, const char* uplo, const char* trans, const char* diag, const int* m,
            const int* n, const float* alpha, const float* A, const int* lda, float* B,
            const int* ldb);
void dtrmm_(const char* side, const char* uplo, const char* trans, const char* diag, const int* m,
            const int* n, const double* alpha, const double* A, const int* lda, double* B,
            const int* ldb);
void strsm_(const char* side, const char* uplo, const char* trans, const char* diag, const int* m,
            const int* n, const float* alpha, const float* A, const int* lda, float* B,
            const int* ldb);
void dtrsm_(const char* side, const char* uplo, const char* trans, const char* diag, const int* m,
            const int* n, const double* alpha, const double* A, const int* lda, double* B,
            const int* ldb);
void dsyrk_(const char* uplo, const char* trans, const int* n, const int* k, const double* alpha,
            const double* A, const int* lda, const double* beta, double* C, const int* ldc);
}
