#include <algorithm>
#include <base/text.h>
#include <files/json_file.h>
#include <functional>
#include <nibble/error.h>
#include <set>
#include <text/json_grammar.h>
#include <text/json_schema.h>

namespace nibble {

namespace {

using nlohmann::ordered_json;
using Node = Grammar::Node;

constexpr std::size_t kMostProperties = 256; // of one object
constexpr std::size_t kMostValues = 4096;    // of one enum
constexpr int kMaxDepth = 64;

constexpr std::string_view kDescribing[] = {"title",    "description", "default",   "examples",
                                            "$schema",  "$id",         "$comment",  "$defs",
                                            "readOnly", "definitions", "writeOnly", "deprecated"};

class Compiler {
public:
    explicit Compiler(const ordered_json& root)
        : m_root(root), m_grammar(std::make_shared<Grammar>()), m_parts(*m_grammar) {}

    std::shared_ptr<const Grammar> compile() {
        const Node value = reference("#", "#");
        if (!m_grammar->finish(m_grammar->sequence({m_parts.space, value})))
            throw Error(ErrorKind::BadRequest, "No JSON text can follow this schema.",
                        "it needs itself without end, or more than " + std::to_string(Grammar::kMaxNesting) + " levels",
                        "Make a part that refers to itself optional.");
        return m_grammar;
    }

private:
    [[noreturn]] void refuse(const std::string& at, const std::string& why) const {
        throw Error(ErrorKind::BadRequest, "The JSON schema cannot be read.", "schema " + at + ": " + why,
                    "Correct the schema.");
    }
    [[noreturn]] void refuseKeyword(const std::string& at, const std::string& keyword) const {
        throw Error(ErrorKind::Unsupported,
                    "Nibble cannot promise \"" + printable(keyword, 60) + "\" of the JSON schema yet.", "schema " + at,
                    "Leave it out and check the answer yourself.");
    }

    /// All keywords but those that only describe must be among `known`.
    void only(const ordered_json& schema, const std::string& at, std::initializer_list<std::string_view> known) const {
        for (const auto& [keyword, value] : schema.items())
            if (std::find(known.begin(), known.end(), keyword) == known.end() &&
                std::find(std::begin(kDescribing), std::end(kDescribing), keyword) == std::end(kDescribing))
                refuseKeyword(at, keyword);
    }

    int32_t count(const ordered_json& schema, const char* keyword, const std::string& at, int32_t missing) const {
        const auto found = schema.find(keyword);
        if (found == schema.end()) return missing;
        if (!found->is_number_unsigned()) refuse(at + "/" + keyword, "is not a whole number of 0 or more");
        return int32_t(std::min<uint64_t>(found->get<uint64_t>(), uint64_t(INT32_MAX) - 1));
    }

    /// min and max, the latter at most what is ever written.
    std::pair<int32_t, int32_t> bounds(const ordered_json& schema, const char* min, const char* max,
                                       const std::string& at) const {
        const int32_t low = count(schema, min, at, 0), high = count(schema, max, at, Grammar::kUnbounded);
        if (low > high) refuse(at, std::string(min) + " is more than " + max);
        if (low > kMostRepeats) refuse(at + "/" + min, format("is more than %d", kMostRepeats));
        return {low, high == Grammar::kUnbounded ? high : std::min(high, kMostRepeats)};
    }

    Node literal(const ordered_json& value) { return m_grammar->text(value.dump()); }

    static bool isOfType(const ordered_json& value, const std::string& type) {
        if (type == "integer") return value.is_number_integer();
        return type == (value.is_number() ? "number" : value.is_boolean() ? "boolean" : value.type_name());
    }

    Node values(const ordered_json& list, const ordered_json& schema, const std::string& at) {
        if (!list.is_array() || list.empty() || list.size() > kMostValues)
            refuse(at + "/enum", "is not a list of 1 to " + std::to_string(kMostValues) + " values");
        std::vector<Node> nodes;
        for (const ordered_json& value : list) {
            const auto types = typesOf(schema, at);
            if (types.empty() ||
                std::any_of(types.begin(), types.end(), [&](const std::string& t) { return isOfType(value, t); }))
                nodes.push_back(literal(value));
        }
        if (nodes.empty()) refuse(at, "none of its values has its type");
        return m_grammar->choice(std::move(nodes));
    }

    std::vector<std::string> typesOf(const ordered_json& schema, const std::string& at) const {
        const auto found = schema.find("type");
        std::vector<std::string> types;
        if (found == schema.end()) return types;
        const ordered_json list = found->is_array() ? *found : ordered_json::array({*found});
        for (const ordered_json& type : list) {
            if (!type.is_string()) refuse(at + "/type", "is not a name or a list of names");
            types.push_back(type.get<std::string>());
        }
        if (types.empty()) refuse(at + "/type", "is empty");
        return types;
    }

    /// The node of what `pointer` ("#/$defs/name") names, compiled once.
    Node reference(const std::string& pointer, const std::string& at) {
        if (const auto known = m_references.find(pointer); known != m_references.end()) return known->second;
        const ordered_json* target = &m_root;
        if (pointer != "#") {
            const std::size_t slash = pointer.find('/', 2);
            const std::string list = slash == std::string::npos ? "" : pointer.substr(2, slash - 2);
            if (!pointer.starts_with("#/") || (list != "$defs" && list != "definitions"))
                refuseKeyword(at, "$ref: " + pointer);
            const auto name = replaced(replaced(pointer.substr(slash + 1), "~1", "/"), "~0", "~");
            const auto definitions = m_root.find(list);
            if (definitions == m_root.end() || !definitions->is_object() || !definitions->contains(name))
                refuse(at, "$ref names \"" + printable(pointer, 100) + "\", which is not there");
            target = &(*definitions)[name];
        }
        const Node node = m_grammar->declare();
        m_references.emplace(pointer, node);
        m_grammar->define(node, value(*target, pointer));
        return node;
    }

    static std::string replaced(std::string text, std::string_view from, std::string_view to) {
        for (std::size_t at = 0; (at = text.find(from, at)) != std::string::npos; at += to.size())
            text.replace(at, from.size(), to);
        return text;
    }

    Node value(const ordered_json& schema, const std::string& at) {
        if (schema == true) return m_parts.any;
        if (!schema.is_object()) refuse(at, "is not an object");
        if (++m_depth > kMaxDepth) refuse(at, "is nested too deeply");
        const Node node = valueOf(schema, at);
        --m_depth;
        return node;
    }

    Node valueOf(const ordered_json& schema, const std::string& at) {
        if (const auto found = schema.find("$ref"); found != schema.end()) {
            only(schema, at, {"$ref"});
            if (!found->is_string()) refuse(at + "/$ref", "is not text");
            return reference(found->get<std::string>(), at);
        }
        if (const auto found = schema.find("anyOf"); found != schema.end()) {
            only(schema, at, {"anyOf"});
            if (!found->is_array() || found->empty()) refuse(at + "/anyOf", "is not a list of schemas");
            std::vector<Node> nodes;
            for (std::size_t i = 0; i < found->size(); ++i)
                nodes.push_back(value((*found)[i], at + "/anyOf/" + std::to_string(i)));
            return m_grammar->choice(std::move(nodes));
        }
        if (schema.contains("enum")) {
            only(schema, at, {"enum", "type"});
            return values(schema["enum"], schema, at);
        }
        if (schema.contains("const")) {
            only(schema, at, {"const", "type"});
            return values(ordered_json::array({schema["const"]}), schema, at);
        }
        std::vector<std::string> types = typesOf(schema, at);
        if (types.empty()) types = impliedTypes(schema);
        checkKeywords(schema, at, types);
        if (types.empty()) return m_parts.any;
        std::vector<Node> nodes;
        for (const std::string& type : types) nodes.push_back(ofType(type, schema, at));
        return nodes.size() == 1 ? nodes[0] : m_grammar->choice(std::move(nodes));
    }

    struct KeywordOfType {
        std::string_view keyword, type;
    };
    static constexpr KeywordOfType kKeywords[] = {
        {"properties", "object"}, {"required", "object"}, {"additionalProperties", "object"},
        {"items", "array"},       {"minItems", "array"},  {"maxItems", "array"},
        {"minLength", "string"},  {"maxLength", "string"}};

    /// Without "type", what its keywords speak of is written.
    static std::vector<std::string> impliedTypes(const ordered_json& schema) {
        for (const auto& [keyword, type] : kKeywords)
            if (schema.contains(keyword)) return {std::string(type)};
        return {};
    }

    void checkKeywords(const ordered_json& schema, const std::string& at, const std::vector<std::string>& types) const {
        for (const auto& [keyword, unused] : schema.items()) {
            const auto known = std::find_if(std::begin(kKeywords), std::end(kKeywords),
                                            [&, &word = keyword](const KeywordOfType& k) { return k.keyword == word; });
            if (known == std::end(kKeywords))
                only(ordered_json{{keyword, nullptr}}, at, {"type"});
            else if (std::find(types.begin(), types.end(), known->type) == types.end())
                refuse(at, keyword + " says nothing about a value of its type");
        }
    }

    Node ofType(const std::string& type, const ordered_json& schema, const std::string& at) {
        if (type == "object") return object(schema, at);
        if (type == "array") {
            const auto items = schema.find("items");
            const Node item = items == schema.end() ? m_parts.any : value(*items, at + "/items");
            const auto [min, max] = bounds(schema, "minItems", "maxItems", at);
            return m_parts.array(item, min, max);
        }
        if (type == "string") {
            const auto [min, max] = bounds(schema, "minLength", "maxLength", at);
            return m_parts.string(min, max);
        }
        if (type == "integer") return m_parts.integer;
        if (type == "number") return m_parts.number;
        if (type == "boolean") return m_parts.boolean;
        if (type == "null") return m_parts.null;
        refuse(at + "/type", "\"" + printable(type, 40) + "\" is no type");
    }

    std::set<std::string> requiredOf(const ordered_json& schema, const ordered_json& properties,
                                     const std::string& at) const {
        std::set<std::string> names;
        const auto found = schema.find("required");
        if (found == schema.end()) return names;
        if (!found->is_array()) refuse(at + "/required", "is not a list");
        for (const ordered_json& name : *found) {
            if (!name.is_string()) refuse(at + "/required", "is not a list of names");
            if (!properties.contains(name.get<std::string>()))
                refuse(at + "/required",
                       "\"" + printable(name.get<std::string>(), 60) + "\" is not among the properties");
            names.insert(name.get<std::string>());
        }
        return names;
    }

    Node object(const ordered_json& schema, const std::string& at) {
        static const ordered_json kNone = ordered_json::object();
        const auto found = schema.find("properties");
        const ordered_json& properties = found == schema.end() ? kNone : *found;
        if (!properties.is_object()) refuse(at + "/properties", "is not an object");
        if (properties.size() > kMostProperties)
            refuse(at + "/properties", "has more than " + std::to_string(kMostProperties) + " entries");
        const std::set<std::string> required = requiredOf(schema, properties, at);
        const auto more = schema.find("additionalProperties");
        const bool closed = more != schema.end() && *more == false;
        const Node other =
            more == schema.end() || more->is_boolean() ? m_parts.any : value(*more, at + "/additionalProperties");
        if (properties.empty() && !closed) return m_parts.map(other);
        return members(properties, required, at);
    }

    /// Properties in their order, the optional ones maybe left out. Built from the end: `later` is what may follow when
    /// one stands already, `first` when none does.
    Node members(const ordered_json& properties, const std::set<std::string>& required, const std::string& at) {
        Grammar& g = *m_grammar;
        std::vector<std::pair<Node, bool>> entries; // and whether it is required
        for (const auto& [name, schema] : properties.items())
            entries.emplace_back(g.sequence({literal(name), m_parts.colonSpace,
                                             value(schema, at + "/properties/" + printable(name, 60))}),
                                 required.contains(name));
        Node later = m_parts.space, first = g.text("");
        for (auto it = entries.rbegin(); it != entries.rend(); ++it) {
            const auto [entry, isRequired] = *it;
            const Node begun = g.sequence({entry, later}), continued = g.sequence({m_parts.commaSpace, entry, later});
            first = isRequired ? begun : g.choice({begun, first});
            later = isRequired ? continued : g.choice({continued, later});
        }
        return g.nest(g.sequence({g.text("{"), m_parts.space, first, g.text("}")}));
    }

    const ordered_json& m_root;
    std::shared_ptr<Grammar> m_grammar;
    JsonParts m_parts;
    std::map<std::string, Node> m_references;
    int m_depth = 0;
};

} // namespace

std::shared_ptr<const Grammar> grammarOfJsonSchema(std::string_view schema) {
    if (schema.size() > kMaxSchemaBytes)
        throw Error(ErrorKind::BadRequest, "The JSON schema is too large.", std::to_string(schema.size()) + " bytes");
    try {
        parseJson(schema, "the JSON schema"); // limits depth, refuses names that stand twice
    } catch (const Error& e) {
        throw Error(ErrorKind::BadRequest, "The JSON schema is not JSON.", e.detail, "Correct the schema.");
    }
    const ordered_json root = ordered_json::parse(schema); // keeps the order of properties
    return Compiler(root).compile();
}

} // namespace nibble
