# Writes OUTPUT, a header with ADMMNET_GIT_DESCRIBE, unless nothing has changed. Run at each build:
#   cmake -DGIT=<git or empty> -DSOURCE=<folder> -DOUTPUT=<header> -P git_describe.cmake
cmake_minimum_required(VERSION 3.24)
set(description "unknown")
if(GIT)
  # No optional locks: a build must not touch the repository's index.
  execute_process(COMMAND ${GIT} --no-optional-locks describe --always --tags --dirty
                  WORKING_DIRECTORY ${SOURCE} RESULT_VARIABLE status OUTPUT_VARIABLE output
                  ERROR_QUIET OUTPUT_STRIP_TRAILING_WHITESPACE)
  if(status EQUAL 0)
    set(description "${output}")
  endif()
endif()
file(CONFIGURE OUTPUT ${OUTPUT} CONTENT "#define ADMMNET_GIT_DESCRIBE \"${description}\"\n" @ONLY)
