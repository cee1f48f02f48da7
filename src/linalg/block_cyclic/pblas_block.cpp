// The computational block size of PBLAS. ScaLAPACK's own pilaenv_ answers 32, which starves dgemm:
// products at n = 2048 run at two thirds of its speed. The shared library finds this definition
// first because the executable exports it.
extern "C" int pilaenv_(const int* /*context*/, const char* /*precision*/) {
  return 256;
}
