#include <base/text.h>
#include <nibble/error.h>
#include <text/hf_handles.h>

namespace nibble {

namespace {

std::string take(nibble_text text) {
    std::string copy(text.data ? text.data : "", text.size);
    nibble_text_free(text);
    return copy;
}

[[noreturn]] void throwTokenizer(nibble_text_status status, nibble_text error, const std::string& origin,
                                 const std::string& field) {
    const std::string detail = origin + ": " + field + ": " + printable(take(error), 500);
    if (status == NIBBLE_TEXT_UNSUPPORTED)
        throw Error(ErrorKind::Unsupported, "Nibble cannot read this model's tokenizer yet.", detail,
                    "Use another model, or a GGUF file of this one.");
    throw Error(ErrorKind::BadFile, "The model's tokenizer is damaged.", detail, "Download the model again.");
}

[[noreturn]] void throwTemplate(nibble_text_status status, nibble_text error) {
    const std::string detail = printable(take(error), 2000);
    switch (status) {
    case NIBBLE_TEXT_REJECTED:
        throw Error(ErrorKind::BadRequest, detail, "raised by the model's chat template",
                    "Change the conversation as the message says.");
    case NIBBLE_TEXT_LIMIT:
        throw Error(ErrorKind::BadFile, "The model's chat template exceeds a limit and was stopped.",
                    "chat template: " + detail, "Chat with the plain ChatML template instead.");
    default:
        throw Error(ErrorKind::BadFile, "The model's chat template does not work.", "chat template: " + detail,
                    "Chat with the plain ChatML template instead.");
    }
}

} // namespace

HfTokenizer::HfTokenizer(std::string_view json, const std::string& origin, const std::string& field)
    : m_origin(origin) {
    nibble_tokenizer* handle = nullptr;
    nibble_text error{};
    const nibble_text_status status = nibble_tokenizer_open(json.data(), json.size(), &handle, &error);
    if (status != NIBBLE_TEXT_OK) throwTokenizer(status, error, origin, field);
    m_handle.reset(handle);
}

std::vector<int32_t> HfTokenizer::encode(std::string_view text, bool parseSpecial) const {
    nibble_ids ids{};
    nibble_text error{};
    const nibble_text_status status =
        nibble_tokenizer_encode(m_handle.get(), text.data(), text.size(), parseSpecial, &ids, &error);
    if (status != NIBBLE_TEXT_OK) throwTokenizer(status, error, m_origin, "tokenizer");
    std::vector<int32_t> result(ids.data, ids.data + ids.size);
    nibble_ids_free(ids);
    return result;
}

int32_t HfTokenizer::size() const { return int32_t(nibble_tokenizer_size(m_handle.get())); }

std::optional<std::string> HfTokenizer::token(int32_t id) const {
    nibble_text text{};
    if (id < 0 || !nibble_tokenizer_token(m_handle.get(), uint32_t(id), &text)) return std::nullopt;
    return take(text);
}

int32_t HfTokenizer::find(std::string_view text) const {
    return int32_t(nibble_tokenizer_find(m_handle.get(), text.data(), text.size()));
}

nlohmann::json HfTokenizer::describe() const {
    nibble_text text{}, error{};
    const nibble_text_status status = nibble_tokenizer_describe(m_handle.get(), &text, &error);
    if (status != NIBBLE_TEXT_OK) throwTokenizer(status, error, m_origin, "tokenizer");
    return nlohmann::json::parse(take(text));
}

void HfTokenizer::setPreTokenizer(const nlohmann::json& preTokenizer) {
    const std::string json = preTokenizer.dump();
    nibble_text error{};
    const nibble_text_status status =
        nibble_tokenizer_set_pre_tokenizer(m_handle.get(), json.data(), json.size(), &error);
    if (status != NIBBLE_TEXT_OK) throwTokenizer(status, error, m_origin, "pre_tokenizer");
}

HfTemplate::HfTemplate(std::string_view source) {
    nibble_template* handle = nullptr;
    nibble_text error{};
    const nibble_text_status status = nibble_template_open(source.data(), source.size(), &handle, &error);
    if (status != NIBBLE_TEXT_OK) throwTemplate(status, error);
    m_handle.reset(handle);
}

std::string HfTemplate::render(const nlohmann::ordered_json& variables, int64_t now) const {
    const std::string json = variables.dump(-1, ' ', false, nlohmann::ordered_json::error_handler_t::replace);
    nibble_text text{}, error{};
    const nibble_text_status status =
        nibble_template_render(m_handle.get(), json.data(), json.size(), now, &text, &error);
    if (status != NIBBLE_TEXT_OK) throwTemplate(status, error);
    return take(text);
}

} // namespace nibble
