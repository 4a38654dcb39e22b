# How our own code is compiled: language level, warnings, sanitizers, ccache.

set(CMAKE_CXX_STANDARD_REQUIRED ON)
set(CMAKE_CXX_EXTENSIONS OFF)
set(CMAKE_EXPORT_COMPILE_COMMANDS ON)
set(CMAKE_RUNTIME_OUTPUT_DIRECTORY ${CMAKE_BINARY_DIR})

# Linked privately by every target of ours. Without errno, the compiler vectorizes loops with a square root.
add_library(unet_warnings INTERFACE)
target_compile_options(unet_warnings INTERFACE $<$<COMPILE_LANGUAGE:CXX>:-Wall -Wextra -Wconversion -fno-math-errno>)

# Sanitizers go to every target, so that libraries and tests agree on them.
if(UNET_SANITIZE)
  add_compile_options(-fsanitize=${UNET_SANITIZE} -fno-omit-frame-pointer -fno-sanitize-recover=all)
  add_link_options(-fsanitize=${UNET_SANITIZE})
endif()

find_program(CCACHE ccache)
if(CCACHE AND NOT CMAKE_CXX_COMPILER_LAUNCHER)
  set(CMAKE_CXX_COMPILER_LAUNCHER ${CCACHE})
endif()

# Release builds compile each library as a few large units, since a file spends most of its time in LibTorch's headers.
# Development builds (scripts/build.sh debug) compile each file on its own, so that changing a file recompiles only that
# file.
option(UNET_UNITY "Compile many files at once" OFF)

# unet_library(NAME [EXCLUDE PATTERN...]): a static library of all sources below this folder. Adding a file needs no
# change in CMake.
function(unet_library name)
  cmake_parse_arguments(PARSE_ARGV 1 arg "" "" "EXCLUDE")
  file(GLOB_RECURSE sources CONFIGURE_DEPENDS ${CMAKE_CURRENT_SOURCE_DIR}/*.cpp)
  foreach(pattern ${arg_EXCLUDE})
    file(GLOB excluded CONFIGURE_DEPENDS ${CMAKE_CURRENT_SOURCE_DIR}/${pattern})
    list(REMOVE_ITEM sources ${excluded})
  endforeach()
  add_library(${name} STATIC ${sources})
  set_target_properties(${name} PROPERTIES UNITY_BUILD ${UNET_UNITY} UNITY_BUILD_BATCH_SIZE 28)
endfunction()
