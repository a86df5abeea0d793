#include <base/text.h>
#include <files/damaged.h>
#include <files/json_file.h>
#include <set>
#include <vector>

namespace nibble {

using nlohmann::json;

json parseJson(std::string_view text, const std::string& origin) {
    std::vector<std::set<std::string>> names; // of the objects that are open
    const auto onEvent = [&](int depth, json::parse_event_t event, json& parsed) {
        switch (event) {
        case json::parse_event_t::object_start:
            names.emplace_back();
            [[fallthrough]];
        case json::parse_event_t::array_start:
            if (depth >= kMaxJsonDepth) throwDamaged(origin, "JSON", format("is nested deeper than %d", kMaxJsonDepth));
            break;
        case json::parse_event_t::object_end:
            names.pop_back();
            break;
        case json::parse_event_t::key: {
            const std::string& name = parsed.get_ref<const std::string&>();
            if (!names.back().insert(name).second) throwDamaged(origin, name, "appears twice");
            break;
        }
        case json::parse_event_t::array_end:
        case json::parse_event_t::value:
            break;
        }
        return true;
    };
    try {
        return json::parse(text.begin(), text.end(), onEvent);
    } catch (const json::exception& e) {
        throwDamaged(origin, "JSON", e.what());
    }
}

json readJsonObject(const std::filesystem::path& path, uint64_t maxBytes) {
    json value = parseJson(readTextFile(path, maxBytes), shownFileName(path));
    if (!value.is_object()) throwDamaged(shownFileName(path), "JSON", "is not an object");
    return value;
}

} // namespace nibble
