# Compiles shaders/*.comp to SPIR-V and embeds them: nibble_shaders(target) gives `target` the function shaders() of
# compute/vulkan/shader.h. A new kernel is a new file in shaders/.
#
# NIBBLE_VULKAN is on where what it needs is installed (Debian: libvulkan-dev libvulkan-volk-dev glslang-tools).
find_path(VULKAN_HEADERS vulkan/vulkan.h)
find_path(VOLK_HEADER volk.h)
find_program(GLSLANG NAMES glslangValidator glslang)
if(VULKAN_HEADERS AND VOLK_HEADER AND GLSLANG)
    set(found ON)
else()
    set(found OFF)
endif()
option(NIBBLE_VULKAN "Build the Vulkan backend" ${found})
if(NIBBLE_VULKAN AND NOT found)
    message(FATAL_ERROR "NIBBLE_VULKAN needs the Vulkan headers (${VULKAN_HEADERS}), volk.h (${VOLK_HEADER}) and "
        "glslangValidator (${GLSLANG}). Debian: apt install libvulkan-dev libvulkan-volk-dev glslang-tools")
elseif(NOT NIBBLE_VULKAN)
    message(WARNING "Without the Vulkan backend: this build runs models on the CPU only. "
        "For GPUs: apt install libvulkan-dev libvulkan-volk-dev glslang-tools")
endif()

function(nibble_shaders target)
    file(GLOB kernels CONFIGURE_DEPENDS ${CMAKE_SOURCE_DIR}/shaders/*.comp)
    file(GLOB includes CONFIGURE_DEPENDS ${CMAKE_SOURCE_DIR}/shaders/include/*)
    set(folder ${CMAKE_CURRENT_BINARY_DIR}/shaders)
    file(MAKE_DIRECTORY ${folder})
    foreach(kernel ${kernels})
        get_filename_component(name ${kernel} NAME_WE)
        add_custom_command(OUTPUT ${folder}/${name}.h
            COMMAND ${GLSLANG} --quiet -V --target-env vulkan1.2 -I${CMAKE_SOURCE_DIR}/shaders/include
                    --vn k_${name} -o ${folder}/${name}.h ${kernel}
            DEPENDS ${kernel} ${includes}
            COMMENT "Compiling kernel ${name}" VERBATIM)
        list(APPEND headers ${folder}/${name}.h)
        string(APPEND includeLines "#include \"${name}.h\"\n")
        string(APPEND tableLines "        {\"${name}\", k_${name}},\n")
    endforeach()
    file(CONFIGURE OUTPUT ${folder}/shaders.cpp @ONLY CONTENT [[// Made by cmake/Shaders.cmake.
#include <compute/vulkan/shader.h>
#include <cstdint>

namespace nibble {
namespace {
@includeLines@} // namespace

std::span<const Shader> shaders() {
    static const Shader table[] = {
@tableLines@    };
    return table;
}

} // namespace nibble
]])
    target_sources(${target} PRIVATE ${folder}/shaders.cpp ${headers})
    set_source_files_properties(${folder}/shaders.cpp PROPERTIES OBJECT_DEPENDS "${headers}")
    target_include_directories(${target} PRIVATE ${folder})
endfunction()
