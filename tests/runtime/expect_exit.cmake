# Runs COMMAND (a list) and fails unless it returns CODE within SECONDS, TEXT (a regular expression)
# stands TIMES times (default: at least once) in what it prints, and NOT_TEXT, when given, does not:
#   cmake -DCOMMAND=... -DCODE=... [-DSECONDS=... -DTEXT=... -DTIMES=... -DNOT_TEXT=...]
#         -P expect_exit.cmake
cmake_minimum_required(VERSION 3.24)
if(NOT SECONDS)
  set(SECONDS 30)
endif()
execute_process(COMMAND ${COMMAND} TIMEOUT ${SECONDS} RESULT_VARIABLE code
                OUTPUT_VARIABLE output ERROR_VARIABLE output)
if(NOT code STREQUAL CODE)
  message(FATAL_ERROR "returned ${code}, expected ${CODE}\n${output}")
endif()
if(DEFINED TEXT)
  string(REPLACE ";" "," text "${output}")
  string(REGEX MATCHALL "${TEXT}" matches "${text}")
  list(LENGTH matches count)
  if(count EQUAL 0 OR (DEFINED TIMES AND NOT count EQUAL TIMES))
    message(FATAL_ERROR "'${TEXT}' was printed ${count} times\n${output}")
  endif()
endif()
if(DEFINED NOT_TEXT AND output MATCHES "${NOT_TEXT}")
  message(FATAL_ERROR "'${NOT_TEXT}' was printed\n${output}")
endif()
