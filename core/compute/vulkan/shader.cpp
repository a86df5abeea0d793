#include <algorithm>
#include <base/hash.h>
#include <cassert>
#include <compute/vulkan/shader.h>
#include <map>

namespace nibble {

namespace {

// The few instructions and enumerants of SPIR-V 1.5 that describe an interface.
enum Op : uint32_t {
    kOpCapability = 17,
    kOpTypeInt = 21,
    kOpTypeFloat = 22,
    kOpTypeVector = 23,
    kOpTypeArray = 28,
    kOpTypeStruct = 30,
    kOpTypePointer = 32,
    kOpConstant = 43,
    kOpVariable = 59,
    kOpDecorate = 71,
    kOpMemberDecorate = 72,
};
enum Decoration : uint32_t { kNonWritable = 24, kNonReadable = 25, kBinding = 33, kOffset = 35 };
constexpr uint32_t kStorageBuffer = 12, kPushConstant = 9, kDotProduct = 6019, kCooperativeMatrix = 6022,
                   kHeaderWords = 5;

struct Module {
    struct Type {
        uint32_t op = 0;
        std::vector<uint32_t> operands; // behind the result id
    };
    struct Variable {
        uint32_t id, pointer, storage;
    };
    std::map<uint32_t, Type> types;
    std::map<uint32_t, uint32_t> constants;
    std::vector<Variable> variables;
    std::map<uint32_t, uint32_t> bindings;                     // by variable
    std::map<uint32_t, std::pair<bool, bool>> access;          // of a variable or struct: NonWritable, NonReadable
    std::map<std::pair<uint32_t, uint32_t>, uint32_t> offsets; // of struct members
    bool integerDot = false, matrices = false;

    void decorate(uint32_t target, uint32_t decoration) {
        if (decoration == kNonWritable) access[target].first = true;
        if (decoration == kNonReadable) access[target].second = true;
    }
    void read(uint32_t op, std::span<const uint32_t> args);
    uint32_t sizeOf(uint32_t type) const;
    ShaderInterface::Binding bindingOf(const Variable& variable, uint32_t block);
};

void Module::read(uint32_t op, std::span<const uint32_t> args) {
    switch (op) {
    case kOpCapability:
        integerDot |= args[0] == kDotProduct;
        matrices |= args[0] == kCooperativeMatrix;
        break;
    case kOpTypeInt:
    case kOpTypeFloat:
    case kOpTypeVector:
    case kOpTypeArray:
    case kOpTypeStruct:
    case kOpTypePointer:
        types[args[0]] = {op, {args.begin() + 1, args.end()}};
        break;
    case kOpConstant:
        constants[args[1]] = args[2];
        break;
    case kOpVariable:
        variables.push_back({args[1], args[0], args[2]});
        break;
    case kOpDecorate:
        if (args[1] == kBinding) bindings[args[0]] = args[2];
        decorate(args[0], args[1]);
        break;
    case kOpMemberDecorate:
        if (args[2] == kOffset) offsets[{args[0], args[1]}] = args[3];
        decorate(args[0], args[2]);
        break;
    default:
        break;
    }
}

/// Bytes of a type as push constants hold it.
uint32_t Module::sizeOf(uint32_t id) const {
    const Type& type = types.at(id);
    switch (type.op) {
    case kOpTypeVector:
        return sizeOf(type.operands[0]) * type.operands[1];
    case kOpTypeArray:
        return sizeOf(type.operands[0]) * constants.at(type.operands[1]);
    case kOpTypeStruct: {
        const auto last = uint32_t(type.operands.size()) - 1;
        return offsets.at({id, last}) + sizeOf(type.operands[last]);
    }
    default:
        return type.operands[0] / 8;
    }
}

/// Of a variable whose buffers are of the type `block`; its first element.
ShaderInterface::Binding Module::bindingOf(const Variable& variable, uint32_t block) {
    const auto ofVariable = access[variable.id], ofType = access[block];
    return {!ofVariable.second && !ofType.second, !ofVariable.first && !ofType.first, bindings.at(variable.id), 0};
}

} // namespace

ShaderInterface reflect(std::span<const uint32_t> code) {
    Module module;
    for (std::size_t at = kHeaderWords; at < code.size(); at += code[at] >> 16)
        module.read(code[at] & 0xffff, code.subspan(at + 1, (code[at] >> 16) - 1));

    ShaderInterface result;
    result.integerDot = module.integerDot;
    result.matrices = module.matrices;
    for (const Module::Variable& variable : module.variables) {
        if (variable.storage != kStorageBuffer && variable.storage != kPushConstant) continue;
        uint32_t type = module.types.at(variable.pointer).operands[1];
        if (variable.storage == kPushConstant) {
            result.pushBytes = module.sizeOf(type);
            continue;
        }
        uint32_t count = 1;
        if (const Module::Type& array = module.types.at(type); array.op == kOpTypeArray) {
            type = array.operands[0];
            count = module.constants.at(array.operands[1]);
        }
        ShaderInterface::Binding binding = module.bindingOf(variable, type);
        if (std::ranges::find(result.bindings, binding.number, &ShaderInterface::Binding::number) !=
            result.bindings.end())
            continue; // the same bytes by another name
        for (; binding.element < count; ++binding.element) result.bindings.push_back(binding);
    }
    std::ranges::sort(result.bindings, {}, [](const auto& b) { return std::pair(b.number, b.element); });
    for ([[maybe_unused]] uint32_t next = 0; [[maybe_unused]] const auto& b : result.bindings) {
        assert(b.reads != b.writes && "bindings are readonly or writeonly");
        assert((b.element > 0 || b.number == next++) && "there are no gaps");
    }
    return result;
}

const Shader& findShader(std::string_view name) {
    const auto all = shaders();
    const auto found = std::ranges::find(all, name, &Shader::name);
    assert(found != all.end());
    return *found;
}

uint64_t shaderVersion() {
    static const uint64_t version = [] {
        uint64_t hash = 0;
        for (const Shader& shader : shaders()) hash = hashOf(std::as_bytes(shader.code), hash);
        return hash;
    }();
    return version;
}

} // namespace nibble
