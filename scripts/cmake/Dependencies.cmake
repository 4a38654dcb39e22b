# Targets for all libraries of the distribution.

find_package(PkgConfig REQUIRED)
find_package(Threads REQUIRED)
find_package(yaml-cpp REQUIRED)
find_package(nlohmann_json REQUIRED)
if(NOT TARGET yaml-cpp::yaml-cpp)
  add_library(yaml-cpp::yaml-cpp ALIAS yaml-cpp)
endif()

if(UNET_TESTS)
  find_package(GTest REQUIRED)
endif()

if(UNET_TORCH_FREE)
  set(CMAKE_CXX_STANDARD 17)
  return()
endif()

# LibTorch, as one target whose headers are system headers.
find_package(Torch REQUIRED)
if(Torch_VERSION VERSION_LESS 1.13)
  message(FATAL_ERROR "LibTorch ${Torch_VERSION} found, 1.13 or newer needed. Unpack a zip from pytorch.org (cxx11 ABI) "
                      "and pass -DCMAKE_PREFIX_PATH=/path/to/libtorch")
endif()
set(CMAKE_CXX_STANDARD 17)
if(Torch_VERSION VERSION_GREATER_EQUAL 2.10)
  set(CMAKE_CXX_STANDARD 20)
endif()
find_package(OpenMP REQUIRED COMPONENTS CXX)  # LibTorch's threads are those of OpenMP
add_library(unet_torch INTERFACE)
target_include_directories(unet_torch SYSTEM INTERFACE ${TORCH_INCLUDE_DIRS})
# libstdc++ first: PyTorch's LibTorch (2.11) exports functions of std::filesystem that crash in other code (remove_all).
target_link_libraries(unet_torch INTERFACE stdc++ ${TORCH_LIBRARIES} Threads::Threads)
if(TORCH_CUDA_LIBRARIES)
  enable_language(CUDA)
  # If nvcc uses an older g++ (as Debian's does), programs must not be linked with the libstdc++ of that g++.
  list(FILTER CMAKE_CUDA_IMPLICIT_LINK_DIRECTORIES EXCLUDE REGEX "/gcc/")
  set(UNET_CUDA_ARCHITECTURES 75-virtual CACHE STRING
    "Architectures of our CUDA kernels; 75-virtual: the driver compiles them once for its device, 7.5 or newer")
  target_compile_definitions(unet_torch INTERFACE UNET_CUDA)

  # Kernels are compiled without LibTorch's headers and flags.
  function(unet_cuda_library name)
    add_library(${name} STATIC ${ARGN})
    target_include_directories(${name} PRIVATE ${PROJECT_SOURCE_DIR})
    set_target_properties(${name} PROPERTIES CUDA_STANDARD 17 CUDA_RUNTIME_LIBRARY Shared
      POSITION_INDEPENDENT_CODE ON CUDA_ARCHITECTURES "${UNET_CUDA_ARCHITECTURES}")
  endfunction()
endif()
separate_arguments(torch_flags UNIX_COMMAND "${TORCH_CXX_FLAGS}")
target_compile_options(unet_torch INTERFACE ${torch_flags})

# OpenCV: its CMake package needs all modules and their 200 dependencies to be installed; without it, find the three
# modules that are used.
find_package(OpenCV QUIET COMPONENTS core imgproc imgcodecs)
add_library(unet_opencv INTERFACE)
if(OpenCV_FOUND)
  target_include_directories(unet_opencv SYSTEM INTERFACE ${OpenCV_INCLUDE_DIRS})
  target_link_libraries(unet_opencv INTERFACE ${OpenCV_LIBS})
else()
  find_path(OPENCV_INCLUDE_DIR opencv2/core.hpp PATH_SUFFIXES opencv4 REQUIRED)
  target_include_directories(unet_opencv SYSTEM INTERFACE ${OPENCV_INCLUDE_DIR})
  foreach(module core imgproc imgcodecs)
    find_library(OPENCV_${module} opencv_${module} REQUIRED)
    target_link_libraries(unet_opencv INTERFACE ${OPENCV_${module}})
  endforeach()
endif()

# Protocol buffers without libprotobuf, since LibTorch's zips export the symbols of another version of it.
find_path(PROTOZERO_INCLUDE_DIR protozero/pbf_writer.hpp REQUIRED)
add_library(unet_protozero INTERFACE)
target_include_directories(unet_protozero SYSTEM INTERFACE ${PROTOZERO_INCLUDE_DIR})

find_package(CLI11 REQUIRED)
find_package(spdlog REQUIRED)
# spdlog was built with the system's fmt; some versions of LibTorch bring the headers of another one.
find_path(FMT_INCLUDE_DIR fmt/format.h PATHS /usr/include NO_DEFAULT_PATH)
find_path(TORCH_FMT_INCLUDE_DIR fmt/format.h PATHS ${TORCH_INCLUDE_DIRS} NO_DEFAULT_PATH)
if(FMT_INCLUDE_DIR AND TORCH_FMT_INCLUDE_DIR AND NOT TORCH_FMT_INCLUDE_DIR STREQUAL FMT_INCLUDE_DIR)
  file(MAKE_DIRECTORY ${CMAKE_BINARY_DIR}/before_torch)
  file(CREATE_LINK ${FMT_INCLUDE_DIR}/fmt ${CMAKE_BINARY_DIR}/before_torch/fmt SYMBOLIC)
  target_include_directories(unet_torch SYSTEM BEFORE INTERFACE ${CMAKE_BINARY_DIR}/before_torch)
endif()
find_package(JPEG REQUIRED)
find_package(PNG REQUIRED)
find_package(ZLIB REQUIRED)
pkg_check_modules(libdeflate REQUIRED IMPORTED_TARGET libdeflate)
pkg_check_modules(pugixml REQUIRED IMPORTED_TARGET pugixml)
pkg_check_modules(tiff REQUIRED IMPORTED_TARGET libtiff-4)
pkg_check_modules(xxhash REQUIRED IMPORTED_TARGET libxxhash)
