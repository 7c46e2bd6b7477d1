# Read by CMake right after `project(llama_cpp)`, before llama.cpp's own project and its options are looked at.
#
# llama-cpp-python's own CMakeLists sets LLAMA_BUILD_COMMON to ON with FORCE, which no -D can
# undo; a plain variable hides the cache entry. Without libllama-common the
# build takes less than half the processor time, and nothing of ours calls it.
set(LLAMA_BUILD_COMMON OFF)

# A wheel knows no symbolic links: libggml.so, libggml.so.0 and libggml.so.0.25.3 would be three
# copies, and a process that loads two of them has two registries of devices.
set(CMAKE_PLATFORM_NO_VERSIONED_SONAME ON)

# Functions of a shared library may be replaced from outside, so the compiler leaves calls between them
# alone. Nothing replaces ours, and saying so makes reading and writing one to two per cent faster.
if(CMAKE_CXX_COMPILER_ID STREQUAL "GNU")
  add_compile_options(-fno-semantic-interposition)
endif()

# pip keeps what it built before, whatever flags it was built with; by this file ours is known from another.
file(WRITE "${CMAKE_CURRENT_BINARY_DIR}/built-for-hanare.txt" "${HANARE_BUILD}")
install(FILES "${CMAKE_CURRENT_BINARY_DIR}/built-for-hanare.txt" DESTINATION llama_cpp/lib)
