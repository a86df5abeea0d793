#include <algorithm>
#include <numeric>
#include <text/schema_merge.h>

namespace nibble {

namespace {

using nlohmann::ordered_json;

constexpr KeywordOfType kKeywords[] = {{"properties", "object"},
                                       {"required", "object"},
                                       {"additionalProperties", "object"},
                                       {"items", "array"},
                                       {"minItems", "array"},
                                       {"maxItems", "array"},
                                       {"minLength", "string"},
                                       {"maxLength", "string"},
                                       {"pattern", "string"},
                                       {"format", "string"},
                                       {"minimum", "number"},
                                       {"maximum", "number"},
                                       {"exclusiveMinimum", "number"},
                                       {"exclusiveMaximum", "number"},
                                       {"multipleOf", "number"}};

/// Whether what one schema names a type is one of what the other does.
bool meets(const std::string& a, const std::string& b) {
    return a == b || (a == "integer" && b == "number") || (a == "number" && b == "integer");
}

ordered_json listOf(const ordered_json& value) { return value.is_array() ? value : ordered_json::array({value}); }

ordered_json mergedTypes(const ordered_json& a, const ordered_json& b) {
    ordered_json both = ordered_json::array();
    for (const ordered_json& x : listOf(a))
        for (const ordered_json& y : listOf(b))
            if (x.is_string() && y.is_string() && meets(x.get<std::string>(), y.get<std::string>())) {
                const ordered_json& narrower = x == "integer" ? x : y;
                if (std::find(both.begin(), both.end(), narrower) == both.end()) both.push_back(narrower);
            }
    return both;
}

/// The values that a schema lists; null where it lists none.
const ordered_json* valuesOf(const ordered_json& schema, ordered_json& single) {
    if (const auto found = schema.find("enum"); found != schema.end()) return &*found;
    if (const auto found = schema.find("const"); found != schema.end()) {
        single = ordered_json::array({*found});
        return &single;
    }
    return nullptr;
}

bool lists(const ordered_json& list, const ordered_json& value) {
    return std::find(list.begin(), list.end(), value) != list.end();
}

/// A member of a schema as one that can be asked for its keywords: true allows all, false nothing.
std::optional<ordered_json> mergedMember(const ordered_json& a, const ordered_json& b) {
    if (a == false || b == false) return std::nullopt;
    if (a == true) return b;
    if (b == true) return a;
    for (const ordered_json* side : {&a, &b})
        for (const char* keyword : {"$ref", "anyOf", "oneOf", "allOf"})
            if (side->contains(keyword)) return ordered_json{{"allOf", ordered_json::array({a, b})}};
    return merged(a, b);
}

const ordered_json& memberOf(const ordered_json& schema, const std::string& name) {
    static const ordered_json kAny = true;
    if (const auto found = schema.find("properties"); found != schema.end() && found->contains(name))
        return (*found)[name];
    const auto more = schema.find("additionalProperties");
    return more == schema.end() ? kAny : *more;
}

/// Properties that both allow; none where one that is required is not among them.
bool mergeProperties(const ordered_json& a, const ordered_json& b, ordered_json& result) {
    static const ordered_json kNone = ordered_json::object();
    const auto propertiesOf = [](const ordered_json& schema) -> const ordered_json& {
        const auto found = schema.find("properties");
        return found == schema.end() ? kNone : *found;
    };
    ordered_json properties = ordered_json::object();
    for (const ordered_json* side : {&a, &b})
        for (const auto& [name, unused] : propertiesOf(*side).items()) {
            if (properties.contains(name)) continue;
            if (auto both = mergedMember(memberOf(a, name), memberOf(b, name))) properties[name] = std::move(*both);
        }
    ordered_json required = ordered_json::array();
    for (const ordered_json* side : {&a, &b})
        if (const auto found = side->find("required"); found != side->end())
            for (const ordered_json& name : *found) {
                if (!lists(required, name)) required.push_back(name);
                if (!name.is_string()) continue;
                const auto text = name.get<std::string>();
                const bool isNamed = propertiesOf(a).contains(text) || propertiesOf(b).contains(text);
                if (isNamed && !properties.contains(text)) return false;
            }
    const auto more = mergedMember(memberOf(a, ""), memberOf(b, ""));
    if (!propertiesOf(a).empty() || !propertiesOf(b).empty()) result["properties"] = std::move(properties);
    if (!required.empty()) result["required"] = std::move(required);
    if (a.contains("additionalProperties") || b.contains("additionalProperties"))
        result["additionalProperties"] = more ? *more : ordered_json(false);
    return true;
}

} // namespace

const std::span<const KeywordOfType> kKeywordsOfTypes = kKeywords;

bool isOfType(const ordered_json& value, const std::string& type) {
    if (type == "integer") return value.is_number_integer();
    return type == (value.is_number() ? "number" : value.is_boolean() ? "boolean" : value.type_name());
}

std::vector<std::string> schemaTypes(const ordered_json& schema) {
    std::vector<std::string> types;
    if (const auto found = schema.find("type"); found != schema.end()) {
        for (const ordered_json& type : listOf(*found))
            if (type.is_string()) types.push_back(type.get<std::string>());
        return types;
    }
    for (const auto& [keyword, type] : kKeywords)
        if (schema.contains(keyword)) return {std::string(type)};
    return types;
}

std::optional<ordered_json> merged(const ordered_json& a, const ordered_json& b) {
    if (a == false || b == false) return std::nullopt;
    if (!a.is_object()) return b;
    if (!b.is_object()) return a;
    ordered_json result = ordered_json::object();
    if (!mergeProperties(a, b, result)) return std::nullopt;
    for (const ordered_json* side : {&a, &b})
        for (const auto& [keyword, value] : side->items()) {
            const ordered_json& other = side == &a ? b : a;
            if (result.contains(keyword) || keyword == "properties" || keyword == "required" || keyword == "const" ||
                keyword == "enum")
                continue;
            const auto found = other.find(keyword);
            const auto numbers = [&] { return value.is_number() && found->is_number(); };
            if (found == other.end() || *found == value) {
                result[keyword] = value;
            } else if (keyword == "type") {
                result["type"] = mergedTypes(value, *found);
                if (result["type"].empty()) return std::nullopt;
            } else if (keyword.starts_with("min") || keyword == "exclusiveMinimum") {
                if (!numbers()) throw keyword;
                result[keyword] = std::max(value, *found);
            } else if (keyword.starts_with("max") || keyword == "exclusiveMaximum") {
                if (!numbers()) throw keyword;
                result[keyword] = std::min(value, *found);
            } else if (keyword == "multipleOf" && value.is_number_unsigned() && found->is_number_unsigned() &&
                       value < 1000 && *found < 1000) {
                result[keyword] = std::lcm(value.get<int64_t>(), found->get<int64_t>());
            } else if (keyword == "items") {
                const auto items = mergedMember(value, *found);
                if (!items) throw keyword;
                result[keyword] = *items;
            } else if (keyword == "title" || keyword == "description" || keyword == "default" ||
                       keyword == "examples" || keyword.starts_with("$")) {
                result[keyword] = value;
            } else {
                throw keyword;
            }
        }
    ordered_json singleA, singleB;
    const ordered_json *valuesA = valuesOf(a, singleA), *valuesB = valuesOf(b, singleB);
    if (valuesA || valuesB) {
        ordered_json both = ordered_json::array();
        for (const ordered_json& value : valuesA ? *valuesA : *valuesB)
            if (!valuesA || !valuesB || lists(*valuesB, value)) both.push_back(value);
        if (both.empty()) return std::nullopt;
        result["enum"] = std::move(both);
    }
    return result;
}

bool neverFollows(const ordered_json& a, const ordered_json& b, const SchemaOfReference& lookUp, int& looks) {
    if (--looks < 0) return false;
    const auto again = [&](const ordered_json& x, const ordered_json& y) { return neverFollows(x, y, lookUp, looks); };
    if (b == false) return true;
    if (!a.is_object() || !b.is_object()) return false;
    if (a.contains("$ref") && a["$ref"].is_string()) return again(lookUp(a["$ref"].get<std::string>()), b);
    if (b.contains("$ref") && b["$ref"].is_string()) return again(a, lookUp(b["$ref"].get<std::string>()));
    for (const char* keyword : {"anyOf", "oneOf"}) {
        if (a.contains(keyword) && a[keyword].is_array())
            return std::ranges::all_of(a[keyword], [&](const ordered_json& part) { return again(part, b); });
        if (b.contains(keyword) && b[keyword].is_array() &&
            std::ranges::all_of(b[keyword], [&](const ordered_json& part) { return again(a, part); }))
            return true;
    }
    ordered_json singleA, singleB;
    const ordered_json *valuesA = valuesOf(a, singleA), *valuesB = valuesOf(b, singleB);
    const std::vector<std::string> typesA = schemaTypes(a),
                                   typesB = b.contains("type") ? schemaTypes(b) : std::vector<std::string>();
    if (valuesA)
        return std::ranges::all_of(*valuesA, [&](const ordered_json& value) {
            return (valuesB && !lists(*valuesB, value)) ||
                   (!typesB.empty() &&
                    std::ranges::none_of(typesB, [&](const std::string& type) { return isOfType(value, type); }));
        });
    if (valuesB && !typesA.empty() && std::ranges::none_of(*valuesB, [&](const ordered_json& value) {
            return std::ranges::any_of(typesA, [&](const std::string& type) { return isOfType(value, type); });
        }))
        return true;
    if (!typesA.empty() && !typesB.empty() && std::ranges::none_of(typesA, [&](const std::string& x) {
            return std::ranges::any_of(typesB, [&](const std::string& y) { return meets(x, y); });
        }))
        return true;
    if (typesA != std::vector<std::string>{"object"} || typesB != typesA || !a.contains("properties")) return false;
    // Of `a` only the properties that it names are written.
    const auto properties = [](const ordered_json& schema) {
        const auto found = schema.find("properties");
        return found != schema.end() && found->is_object() ? *found : ordered_json::object();
    };
    const ordered_json ofA = properties(a), ofB = properties(b);
    for (const ordered_json& name : b.value("required", ordered_json::array()))
        if (name.is_string() && !ofA.contains(name.get<std::string>())) return true;
    for (const ordered_json& name : a.value("required", ordered_json::array()))
        if (name.is_string() && ofA.contains(name.get<std::string>()) &&
            again(ofA[name.get<std::string>()], memberOf(b, name.get<std::string>())))
            return true;
    return false;
}

} // namespace nibble
