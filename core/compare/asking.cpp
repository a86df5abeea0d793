#include <algorithm>
#include <base/progress.h>
#include <compare/asking.h>
#include <text/sampler.h>

namespace nibble {

namespace {

constexpr int64_t kTemplateTokens = 512; // more than any template adds to one question

} // namespace

Asking::Asking(std::span<const ModelInfo> models, std::vector<std::string> prompts, GenerateOptions generate)
    : m_models(models), m_prompts(std::move(prompts)), m_generate(std::move(generate)),
      m_useTemplate(std::ranges::all_of(models, &ModelInfo::hasChatTemplate)),
      m_written(models.size(), std::vector<Written>(m_prompts.size())), m_chances(m_prompts.size()) {
    if (m_generate.sampling.seed == 0) m_generate.sampling.seed = randomSeed();
}

int64_t Asking::contextNeeded() const {
    int64_t needed = 0;
    for (const std::string& prompt : m_prompts) // at most one token a byte
        needed = std::max(needed, int64_t(prompt.size()) + kTemplateTokens + m_generate.maxTokens);
    return needed;
}

void Asking::answer(Session& session, std::size_t model, std::size_t prompt, const std::function<void()>& onText,
                    const std::stop_token& stop) {
    const std::string& asked = m_prompts[prompt];
    const Message message{"user", asked};
    GenerateOptions generate = m_generate;
    if (model == 0)
        generate.onLogits = [&chances = m_chances[prompt]](std::span<const float> logits) { chances.add(logits); };
    const auto heard = [&onText](std::string_view) { onText(); };
    Generated generated = m_useTemplate ? session.chat({&message, 1}, generate, heard, stop)
                                        : session.complete(asked, generate, heard, stop);
    throwIfStopped(stop);
    Written& written = m_written[model][prompt];
    const std::size_t n = generated.tokens.size(); // the first one's time is the prompt's
    written.speed = n > 8 && generated.decodeSeconds > 0 ? double(n - 1) / generated.decodeSeconds : 0;
    written.text = std::move(generated.text);
    written.tokens = std::move(generated.tokens);
    written.promptTokens = session.tokenize(asked, false);
}

AnswerPair Asking::pair(std::size_t model, std::size_t prompt) const {
    const Written &original = m_written[0][prompt], &other = m_written[model][prompt];
    AnswerPair pair;
    pair.prompt = m_prompts[prompt];
    pair.original = original.text;
    pair.smaller = other.text;
    pair.originalTokens = int32_t(original.tokens.size());
    pair.smallerTokens = int32_t(other.tokens.size());
    pair.originalSpeed = original.speed;
    pair.smallerSpeed = other.speed;
    findFirstDifference(pair);
    // Tokens of different vocabularies, even of the same size, mean different things.
    const bool sameVocabulary =
        m_models[0].vocab == m_models[model].vocab && original.promptTokens == other.promptTokens;
    if (sameVocabulary && !pair.identical) findChances(pair, original.tokens, other.tokens, m_chances[prompt]);
    return pair;
}

} // namespace nibble
