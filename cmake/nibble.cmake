# Helpers shared by every CMakeLists.txt: compiler settings, and one call per library and per test program.
find_program(CCACHE ccache)
if(CCACHE)
    set(CMAKE_C_COMPILER_LAUNCHER ${CCACHE})
    set(CMAKE_CXX_COMPILER_LAUNCHER ${CCACHE})
endif()

find_package(Threads REQUIRED)
find_package(nlohmann_json 3.11 REQUIRED)

add_compile_options(-Wall -Wextra -Wshadow -Wno-missing-field-initializers)
if(NIBBLE_WERROR)
    add_compile_options(-Werror)
endif()
if(NIBBLE_SANITIZE)
    add_compile_options(-fsanitize=${NIBBLE_SANITIZE} -fno-omit-frame-pointer -fno-sanitize-recover=undefined -g1)
    add_link_options(-fsanitize=${NIBBLE_SANITIZE})
endif()

# nibble_library(base DEPENDS formats ...): the static library nibble_base of every .cpp in the current folder
# (and in the subfolders named after SUBFOLDERS).
function(nibble_library name)
    cmake_parse_arguments(arg "" "" "DEPENDS;SUBFOLDERS" ${ARGN})
    file(GLOB sources CONFIGURE_DEPENDS *.cpp)
    foreach(folder ${arg_SUBFOLDERS})
        file(GLOB more CONFIGURE_DEPENDS ${folder}/*.cpp)
        list(APPEND sources ${more})
    endforeach()
    if(NOT sources)
        add_library(nibble_${name} INTERFACE)
        set(scope INTERFACE)
    else()
        add_library(nibble_${name} STATIC ${sources})
        set(scope PUBLIC)
    endif()
    target_include_directories(nibble_${name} ${scope} ${CMAKE_SOURCE_DIR}/core ${CMAKE_SOURCE_DIR}/core/include)
    target_link_libraries(nibble_${name} ${scope} nlohmann_json::nlohmann_json Threads::Threads)
    foreach(dep ${arg_DEPENDS})
        target_link_libraries(nibble_${name} ${scope} nibble_${dep})
    endforeach()
endfunction()

# nibble_test(base DEPENDS base): the test program test_base of every .cpp in the current folder, but those whose path
# matches EXCLUDE, registered with ctest.
function(nibble_test name)
    cmake_parse_arguments(arg "" "TIMEOUT;EXCLUDE" "DEPENDS" ${ARGN})
    file(GLOB sources CONFIGURE_DEPENDS *.cpp)
    if(arg_EXCLUDE)
        list(FILTER sources EXCLUDE REGEX ${arg_EXCLUDE})
    endif()
    if(NOT sources)
        return()
    endif()
    add_executable(test_${name} ${sources})
    target_link_libraries(test_${name} PRIVATE GTest::gtest_main)
    target_include_directories(test_${name} PRIVATE ${CMAKE_SOURCE_DIR}/tests)
    foreach(dep ${arg_DEPENDS})
        target_link_libraries(test_${name} PRIVATE nibble_${dep})
    endforeach()
    target_compile_definitions(test_${name} PRIVATE NIBBLE_SOURCE_DIR="${CMAKE_SOURCE_DIR}"
        NIBBLE_BINARY_DIR="${CMAKE_BINARY_DIR}")
    if(NOT arg_TIMEOUT)
        set(arg_TIMEOUT 300)
    endif()
    gtest_discover_tests(test_${name} DISCOVERY_TIMEOUT 60 PROPERTIES TIMEOUT ${arg_TIMEOUT})
endfunction()

# nibble_text(compare sampleText compare/sample_text.h measure.txt): a text of resources/texts becomes part of a library,
# as what the function of the header returns, so that nibble-cli is one file.
function(nibble_text library function header text)
    set(path ${CMAKE_SOURCE_DIR}/resources/texts/${text})
    set_property(DIRECTORY APPEND PROPERTY CMAKE_CONFIGURE_DEPENDS ${path})
    file(READ ${path} bytes HEX)
    string(REGEX REPLACE "([0-9a-f][0-9a-f])" "'\\\\x\\1'," bytes "${bytes}")
    file(CONFIGURE OUTPUT ${function}.cpp @ONLY CONTENT [[// Generated from resources/texts/@text@.
#include <@header@>

namespace nibble {

static constexpr char kText[] = {@bytes@};

std::string_view @function@() { return {kText, sizeof kText}; }

} // namespace nibble
]])
    target_sources(nibble_${library} PRIVATE ${CMAKE_CURRENT_BINARY_DIR}/${function}.cpp)
endfunction()
