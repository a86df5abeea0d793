// Reports as JSON: one list of fields for each struct, as protocol.h documents them.
#include <nibble/json.h>

namespace nibble {

using nlohmann::json;

NLOHMANN_DEFINE_TYPE_NON_INTRUSIVE(Measured, value, error)
NLOHMANN_DEFINE_TYPE_NON_INTRUSIVE(ModelFigures, name, formatName, fileBytes, memoryBytes, bitsPerWeight, perplexity,
                                   prefillSpeed, decodeSpeed)
NLOHMANN_DEFINE_TYPE_NON_INTRUSIVE(AnswerPair, prompt, original, smaller, sameWords, identical, differsAtOriginal,
                                   differsAtSmaller, originalTokens, smallerTokens, originalSpeed, smallerSpeed,
                                   originalChance, smallerChance)
NLOHMANN_DEFINE_TYPE_NON_INTRUSIVE(WorstMoment, position, context, follows, original, smaller, originalChance,
                                   smallerChance, divergence)
NLOHMANN_DEFINE_TYPE_NON_INTRUSIVE(Stretch, position, tokens, begins, divergence, agreement, drift)
NLOHMANN_DEFINE_TYPE_NON_INTRUSIVE(TaskGroup, name, items, same, originalRight, smallerRight)
NLOHMANN_DEFINE_TYPE_NON_INTRUSIVE(TaskChange, group, question, right, original, smaller)
NLOHMANN_DEFINE_TYPE_NON_INTRUSIVE(TaskReport, items, same, originalRight, smallerRight, lost, gained, sameLow,
                                   sameHigh, signTest, sentence, groups, changes)
NLOHMANN_DEFINE_TYPE_NON_INTRUSIVE(CompareReport, original, smaller, tokensScored, textName, textHash, oneAfterTheOther,
                                   meanDivergence, divergence99, divergence999, maxDivergence, wordAgreement,
                                   agreementLow, agreementHigh, logPerplexityRatio, verdict, drift, warning, sentence,
                                   worstMoments, stretches, tasks, answers, seconds, version, measuredAt)

NLOHMANN_DEFINE_TYPE_NON_INTRUSIVE(AskedModel, name, formatName, fileBytes, memoryBytes)
NLOHMANN_DEFINE_TYPE_NON_INTRUSIVE(AskedPrompt, prompt, pairs)
NLOHMANN_DEFINE_TYPE_NON_INTRUSIVE(AskReport, models, oneAfterTheOther, answers, seconds)

NLOHMANN_DEFINE_TYPE_NON_INTRUSIVE(Passport, weightsHash, sourceHash, text, textHash, tokens, wordAgreement,
                                   agreementLow, agreementHigh, meanDivergence, logPerplexityRatio, drift, verdict,
                                   version, measuredAt)

json toJson(const AskedPrompt& value) { return value; }
json toJson(const AskReport& value) { return value; }
json toJson(const CompareReport& value) { return value; }

json toJson(const Passport& value) { return value; }

CompareReport compareReportFrom(const json& value) try {
    return value.get<CompareReport>();
} catch (const json::exception& e) {
    throw Error(ErrorKind::BadRequest, "This is not a whole report of a comparison.", e.what());
}

} // namespace nibble
