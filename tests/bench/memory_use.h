/// Memory of this process: what it holds at most, and how often it asks for large pieces.
#pragma once

namespace admmnet::bench {

/// Resident bytes now, and the most since forget_peak() (VmRSS and VmHWM of /proc/self/status).
double resident_bytes();
double peak_bytes();
/// Gives freed memory back to the system first. Where the kernel does not allow it, the peak stays
/// that of the whole process.
void forget_peak();

constexpr unsigned long kLargeAllocation = 65536;

/// Calls of malloc and its relatives (operator new and PetscMalloc come down to them) for at least
/// kLargeAllocation bytes, by any library of this process. Only glibc's can be counted.
struct LargeAllocations {
  double count, bytes;
};
LargeAllocations large_allocations();

}  // namespace admmnet::bench
