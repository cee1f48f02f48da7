# Run by `cmake --install`: fills in modulefile.in. The modules loaded at that moment, those of the
# MPI and the libraries among them, are what the modulefile will load.
get_filename_component(ADMMNET_PREFIX "${CMAKE_INSTALL_PREFIX}" ABSOLUTE)
string(REPLACE ":" " " ADMMNET_MODULES "$ENV{LOADEDMODULES}")
set(modulefile "${ADMMNET_PREFIX}/modules/admmnet/${ADMMNET_VERSION}")
message(STATUS "Installing: $ENV{DESTDIR}${modulefile}")
configure_file(${CMAKE_CURRENT_LIST_DIR}/modulefile.in "$ENV{DESTDIR}${modulefile}" @ONLY)
list(APPEND CMAKE_INSTALL_MANIFEST_FILES "${modulefile}")
