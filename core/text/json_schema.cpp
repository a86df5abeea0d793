#include <algorithm>
#include <base/text.h>
#include <files/json_file.h>
#include <functional>
#include <map>
#include <nibble/error.h>
#include <set>
#include <text/json_grammar.h>
#include <text/json_schema.h>
#include <text/number_grammar.h>
#include <text/pattern_grammar.h>
#include <text/schema_error.h>
#include <text/schema_merge.h>
#include <text/schema_number.h>

namespace nibble {

namespace {

using nlohmann::ordered_json;
using Node = Grammar::Node;

constexpr std::size_t kMostProperties = 256; // of one object
constexpr std::size_t kMostValues = 4096;    // of one enum
constexpr int kMaxDepth = 64;
constexpr int kMostJoined = 1000;
constexpr std::size_t kMostJoinedBytes = 32 * 1024; // of a schema, parts of which are joined
constexpr std::size_t kMostDifferent = 64;          // schemas of one oneOf
constexpr int kMostLooks = 100;                     // at pairs of a oneOf, each: also how deep they may lie

constexpr std::string_view kDescribing[] = {"title",    "description", "default",   "examples",
                                            "$schema",  "$id",         "$comment",  "$defs",
                                            "readOnly", "definitions", "writeOnly", "deprecated"};

class Compiler {
public:
    Compiler(const ordered_json& root, std::size_t bytes)
        : m_root(root), m_grammar(std::make_shared<Grammar>()), m_parts(*m_grammar), m_bytes(bytes) {}

    std::shared_ptr<const Grammar> compile() {
        const Node value = reference("#", "#");
        if (!m_grammar->finish(m_grammar->sequence({m_parts.space, value})))
            throw Error(ErrorKind::BadRequest, "No JSON text can follow this schema.",
                        "it needs itself without end, or more than " + std::to_string(Grammar::kMaxNesting) + " levels",
                        "Make a part that refers to itself optional.");
        return m_grammar;
    }

private:
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
        if (!found->is_number_unsigned()) refuseSchema(at + "/" + keyword, "is not a whole number of 0 or more");
        return int32_t(std::min<uint64_t>(found->get<uint64_t>(), uint64_t(INT32_MAX) - 1));
    }

    /// min and max, the latter at most what is ever written.
    std::pair<int32_t, int32_t> bounds(const ordered_json& schema, const char* min, const char* max,
                                       const std::string& at) const {
        const int32_t low = count(schema, min, at, 0), high = count(schema, max, at, Grammar::kUnbounded);
        if (low > high) refuseSchema(at, std::string(min) + " is more than " + max);
        if (low > kMostRepeats) refuseSchema(at + "/" + min, format("is more than %d", kMostRepeats));
        return {low, high == Grammar::kUnbounded ? high : std::min(high, kMostRepeats)};
    }

    Node literal(const ordered_json& value) { return m_grammar->text(value.dump()); }

    Node values(const ordered_json& list, const ordered_json& schema, const std::string& at) {
        if (!list.is_array() || list.empty() || list.size() > kMostValues)
            refuseSchema(at + "/enum", "is not a list of 1 to " + std::to_string(kMostValues) + " values");
        std::vector<Node> nodes;
        for (const ordered_json& value : list) {
            const auto types = typesOf(schema, at);
            if (types.empty() ||
                std::any_of(types.begin(), types.end(), [&](const std::string& t) { return isOfType(value, t); }))
                nodes.push_back(literal(value));
        }
        if (nodes.empty()) refuseSchema(at, "none of its values has its type");
        return m_grammar->choice(std::move(nodes));
    }

    std::vector<std::string> typesOf(const ordered_json& schema, const std::string& at) const {
        const auto found = schema.find("type");
        std::vector<std::string> types;
        if (found == schema.end()) return types;
        const ordered_json list = found->is_array() ? *found : ordered_json::array({*found});
        for (const ordered_json& type : list) {
            if (!type.is_string()) refuseSchema(at + "/type", "is not a name or a list of names");
            types.push_back(type.get<std::string>());
        }
        if (types.empty()) refuseSchema(at + "/type", "is empty");
        return types;
    }

    /// What `pointer` ("#", "#/$defs/name") names.
    const ordered_json& named(const std::string& pointer, const std::string& at) const {
        if (pointer == "#") return m_root;
        const std::size_t slash = pointer.find('/', 2);
        const std::string list = slash == std::string::npos ? "" : pointer.substr(2, slash - 2);
        if (!pointer.starts_with("#/") || (list != "$defs" && list != "definitions"))
            refuseKeyword(at, "$ref: " + pointer);
        const auto name = replaced(replaced(pointer.substr(slash + 1), "~1", "/"), "~0", "~");
        const auto definitions = m_root.find(list);
        if (definitions == m_root.end() || !definitions->is_object() || !definitions->contains(name))
            refuseSchema(at, "$ref names \"" + printable(pointer, 100) + "\", which is not there");
        return (*definitions)[name];
    }

    /// Its node, compiled once.
    Node reference(const std::string& pointer, const std::string& at) {
        if (const auto known = m_references.find(pointer); known != m_references.end()) return known->second;
        const ordered_json& target = named(pointer, at);
        const Node node = m_grammar->declare();
        m_references.emplace(pointer, node);
        m_grammar->define(node, value(target, pointer));
        return node;
    }

    static std::string replaced(std::string text, std::string_view from, std::string_view to) {
        for (std::size_t at = 0; (at = text.find(from, at)) != std::string::npos; at += to.size())
            text.replace(at, from.size(), to);
        return text;
    }

    Node value(const ordered_json& schema, const std::string& at) {
        if (schema == true) return m_parts.any;
        if (!schema.is_object()) refuseSchema(at, "is not an object");
        if (++m_depth > kMaxDepth) refuseSchema(at, "is nested too deeply");
        const Node node = valueOf(schema, at);
        --m_depth;
        return node;
    }

    /// `schema` without one of its keywords and those that only describe; null where nothing is left.
    static ordered_json without(const ordered_json& schema, const std::string& keyword) {
        ordered_json rest = ordered_json::object();
        for (const auto& [name, value] : schema.items())
            if (name != keyword &&
                std::find(std::begin(kDescribing), std::end(kDescribing), name) == std::end(kDescribing))
                rest[name] = value;
        return rest.empty() ? ordered_json(nullptr) : rest;
    }

    const ordered_json& alternatives(const ordered_json& schema, const char* keyword, const std::string& at) const {
        const ordered_json& list = schema[keyword];
        if (!list.is_array() || list.empty() || list.size() > kMostValues)
            refuseSchema(at + "/" + keyword, "is not a list of schemas");
        return list;
    }

    /// Both at once, as one schema whose top has no $ref and no alternatives but at most one anyOf or oneOf. None where
    /// nothing follows both.
    std::optional<ordered_json> joined(const ordered_json& a, const ordered_json& b, const std::string& at, int depth) {
        if (depth > kMaxDepth || ++m_joined > kMostJoined) refuseSchema(at, "holds too much together");
        for (const auto& [one, other] : {std::pair(&a, &b), std::pair(&b, &a)}) {
            if (!one->is_object()) continue;
            for (const char* keyword : {"$ref", "allOf", "anyOf", "oneOf"}) {
                if (!one->contains(keyword)) continue;
                const ordered_json rest = without(*one, keyword);
                std::optional<ordered_json> both =
                    rest.is_null() ? std::optional(*other) : joined(rest, *other, at, depth + 1);
                if (!both) return std::nullopt;
                if (std::string_view(keyword) == "$ref") {
                    if (!(*one)[keyword].is_string()) refuseSchema(at + "/$ref", "is not text");
                    return joined(named((*one)[keyword].get<std::string>(), at), *both, at, depth + 1);
                }
                if (std::string_view(keyword) == "allOf") {
                    for (const ordered_json& part : alternatives(*one, keyword, at))
                        if (!(both = joined(*both, part, at, depth + 1))) return std::nullopt;
                    return both;
                }
                ordered_json list = ordered_json::array();
                for (const ordered_json& part : alternatives(*one, keyword, at))
                    if (auto way = joined(part, *both, at, depth + 1)) list.push_back(std::move(*way));
                if (list.empty()) return std::nullopt;
                return ordered_json{{keyword, std::move(list)}};
            }
        }
        try {
            return merged(a, b);
        } catch (const std::string& keyword) {
            refuseKeyword(at, "two of " + keyword);
        }
    }

    /// A schema of several that hold together.
    Node together(const ordered_json& schema, const char* keyword, const std::string& at) {
        if (m_bytes > kMostJoinedBytes)
            refuseSchema(at + "/" + keyword, "stands in a schema too large to join its parts");
        const std::string text = schema.dump();
        if (const auto known = m_together.find(text); known != m_together.end()) return known->second;
        const Node node = m_grammar->declare(); // the schema may hold itself
        m_together.emplace(text, node);
        const std::optional<ordered_json> one = joined(schema, true, at, 0);
        if (!one) refuseSchema(at + "/" + keyword, "nothing follows all of it at once");
        m_grammar->define(node, value(*one, at));
        return node;
    }

    /// Exactly one may fit, so they must differ in what can be seen.
    void requireDifferent(const ordered_json& list, const std::string& at) const {
        const SchemaOfReference lookUp = [&](const std::string& pointer) -> const ordered_json& {
            return named(pointer, at);
        };
        if (list.size() > kMostDifferent)
            refuseSchema(at + "/oneOf", format("has more than %zu schemas", kMostDifferent));
        for (std::size_t i = 0; i < list.size(); ++i)
            for (std::size_t k = 0; k < list.size(); ++k)
                if (int looks = kMostLooks; i != k && !neverFollows(list[i], list[k], lookUp, looks))
                    refuseKeyword(at, format("oneOf, as what follows its schema %zu may follow %zu, too", i, k));
    }

    Node valueOf(const ordered_json& schema, const std::string& at) {
        if (const auto found = schema.find("$ref"); found != schema.end()) {
            if (!found->is_string()) refuseSchema(at + "/$ref", "is not text");
            if (!without(schema, "$ref").is_null()) return together(schema, "$ref", at);
            return reference(found->get<std::string>(), at);
        }
        if (schema.contains("allOf")) return together(schema, "allOf", at);
        for (const char* keyword : {"anyOf", "oneOf"}) {
            if (!schema.contains(keyword)) continue;
            const ordered_json& list = alternatives(schema, keyword, at);
            if (!without(schema, keyword).is_null()) return together(schema, keyword, at);
            if (std::string_view(keyword) == "oneOf") requireDifferent(list, at);
            std::vector<Node> nodes;
            for (std::size_t i = 0; i < list.size(); ++i)
                nodes.push_back(value(list[i], at + "/" + keyword + "/" + std::to_string(i)));
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
        if (types.empty()) types = schemaTypes(schema); // what its keywords speak of is written
        checkKeywords(schema, at, types);
        if (types.empty()) return m_parts.any;
        std::vector<Node> nodes;
        for (const std::string& type : types) nodes.push_back(ofType(type, schema, at));
        return nodes.size() == 1 ? nodes[0] : m_grammar->choice(std::move(nodes));
    }

    void checkKeywords(const ordered_json& schema, const std::string& at, const std::vector<std::string>& types) const {
        for (const auto& [keyword, unused] : schema.items()) {
            const auto known = std::ranges::find(kKeywordsOfTypes, keyword, &KeywordOfType::keyword);
            const auto is = [&](std::string_view type) { return std::ranges::find(types, type) != types.end(); };
            if (known == kKeywordsOfTypes.end())
                only(ordered_json{{keyword, nullptr}}, at, {"type"});
            else if (!is(known->type) && !(known->type == "number" && is("integer")))
                refuseSchema(at, keyword + " says nothing about a value of its type");
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
            return string(schema, at);
        }
        if (type == "integer" || type == "number") return number(type == "integer", schema, at);
        if (type == "boolean") return m_parts.boolean;
        if (type == "null") return m_parts.null;
        refuseSchema(at + "/type", "\"" + printable(type, 40) + "\" is no type");
    }

    Node string(const ordered_json& schema, const std::string& at) {
        const auto [min, max] = bounds(schema, "minLength", "maxLength", at);
        const auto pattern = schema.find("pattern"), form = schema.find("format");
        if (pattern == schema.end() && form == schema.end()) return m_parts.string(min, max);
        if (pattern != schema.end() && form != schema.end()) refuseKeyword(at, "format beside a pattern");
        const char* const keyword = form == schema.end() ? "pattern" : "format";
        if (!schema[keyword].is_string()) refuseSchema(at + "/" + keyword, "is not text");
        std::string text = schema[keyword].get<std::string>();
        if (form != schema.end()) {
            const char* const known = patternOfFormat(text);
            if (!known) refuseKeyword(at, "format: " + text);
            text = known;
        }
        try {
            return patternNode(*m_grammar, text, min, max);
        } catch (const std::string& what) {
            refuseKeyword(at, form == schema.end() ? what : std::string("minLength or maxLength beside a format"));
        }
    }

    Node number(bool whole, const ordered_json& schema, const std::string& at) {
        const std::optional<DecimalRange> range = decimalRangeOf(whole, schema, at);
        if (!range) return whole ? m_parts.integer : m_parts.number;
        const std::optional<Node> node = decimalNode(*m_grammar, *range);
        if (!node) refuseSchema(at, "no number lies within minimum and maximum");
        return *node;
    }

    std::set<std::string> requiredOf(const ordered_json& schema, const ordered_json& properties,
                                     const std::string& at) const {
        std::set<std::string> names;
        const auto found = schema.find("required");
        if (found == schema.end()) return names;
        if (!found->is_array()) refuseSchema(at + "/required", "is not a list");
        for (const ordered_json& name : *found) {
            if (!name.is_string()) refuseSchema(at + "/required", "is not a list of names");
            if (!properties.contains(name.get<std::string>()))
                refuseSchema(at + "/required",
                             "\"" + printable(name.get<std::string>(), 60) + "\" is not among the properties");
            names.insert(name.get<std::string>());
        }
        return names;
    }

    Node object(const ordered_json& schema, const std::string& at) {
        static const ordered_json kNone = ordered_json::object();
        const auto found = schema.find("properties");
        const ordered_json& properties = found == schema.end() ? kNone : *found;
        if (!properties.is_object()) refuseSchema(at + "/properties", "is not an object");
        if (properties.size() > kMostProperties)
            refuseSchema(at + "/properties", "has more than " + std::to_string(kMostProperties) + " entries");
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
    std::map<std::string, Node> m_together; // by the text of the schema
    std::size_t m_bytes;
    int m_depth = 0;
    int m_joined = 0; // schemas that were joined, however they came together
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
    return Compiler(root, schema.size()).compile();
}

} // namespace nibble
