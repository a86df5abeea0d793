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

# Kernels for matrix units (*_matrix.comp) need GLSL's cooperative matrices: glslang 13 (Debian 13, Ubuntu 24.04). With an
# older one their SPIR-V is taken from shaders/prebuilt, where shaders/prebuilt/make has put it.
set(prebuilt ${CMAKE_SOURCE_DIR}/shaders/prebuilt)
if(NIBBLE_VULKAN)
    set(probe ${CMAKE_BINARY_DIR}/cooperative_matrix.comp)
    file(WRITE ${probe} "#version 460
#extension GL_KHR_memory_scope_semantics : require
#extension GL_KHR_cooperative_matrix : require
void main() { coopmat<float, gl_ScopeSubgroup, 16, 16, gl_MatrixUseAccumulator> m; }
")
    execute_process(COMMAND ${GLSLANG} --quiet -V --target-env vulkan1.2 -o ${probe}.spv ${probe}
        RESULT_VARIABLE noCooperativeMatrix OUTPUT_QUIET ERROR_QUIET)
    execute_process(COMMAND ${prebuilt}/make --check RESULT_VARIABLE outdated)
    if(noCooperativeMatrix AND outdated)
        message(FATAL_ERROR "shaders/prebuilt belongs to other sources than these, and ${GLSLANG} is too old to compile "
            "kernels for matrix units. Run shaders/prebuilt/make.")
    endif()
endif()

function(nibble_shaders target)
    file(GLOB kernels CONFIGURE_DEPENDS ${CMAKE_SOURCE_DIR}/shaders/*.comp)
    file(GLOB includes CONFIGURE_DEPENDS ${CMAKE_SOURCE_DIR}/shaders/include/*)
    set(folder ${CMAKE_CURRENT_BINARY_DIR}/shaders)
    file(MAKE_DIRECTORY ${folder})
    foreach(kernel ${kernels})
        get_filename_component(name ${kernel} NAME_WE)
        if(name MATCHES "_matrix$" AND noCooperativeMatrix)
            set(header ${prebuilt}/${name}.inc)
            set_property(DIRECTORY APPEND PROPERTY CMAKE_CONFIGURE_DEPENDS ${prebuilt}/fingerprint ${kernel} ${includes})
        else()
            set(header ${folder}/${name}.h)
            add_custom_command(OUTPUT ${header}
                COMMAND ${GLSLANG} --quiet -V --target-env vulkan1.2 -I${CMAKE_SOURCE_DIR}/shaders/include
                        --vn k_${name} -o ${header} ${kernel}
                DEPENDS ${kernel} ${includes}
                COMMENT "Compiling kernel ${name}" VERBATIM)
        endif()
        list(APPEND headers ${header})
        string(APPEND includeLines "#include \"${header}\"\n")
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
