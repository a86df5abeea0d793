// How much a smaller model differs from its original: numbers on a text, and answers side by side.
#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <nibble/generate.h>
#include <nibble/progress.h>
#include <string>
#include <vector>

namespace nibble {

struct CompareOptions {
    std::filesystem::path original, smaller;
    std::filesystem::path text;            // "" = the text shipped with Nibble
    int32_t chunkTokens = 512, chunks = 8; // scored: the second half of each chunk, as llama-perplexity does
    std::vector<std::string> prompts;      // answered by both, same seed; may be empty
    int32_t answerTokens = 128;
    GenerateOptions generate; // sampling of the answers; temperature 0 by default in the CLI and window
    int32_t threads = 0;
    bool measure = true; // false: only the answers
    bool speed = true;   // also measure tokens per second of both
    bool tasks = false;  // also let both solve Nibble's office tasks
};

/// A value and its standard error.
struct Measured {
    double value = 0, error = 0;
};

struct ModelFigures {
    std::string name, formatName;
    uint64_t fileBytes = 0, memoryBytes = 0;
    double bitsPerWeight = 0;
    Measured perplexity;
    double prefillSpeed = 0, decodeSpeed = 0; // tokens per second
};

struct AnswerPair {
    std::string prompt, original, smaller;
    int32_t sameWords = 0; // words equal from the start; the next one differs
    bool identical = false;
    int64_t differsAtOriginal = -1, differsAtSmaller = -1; // byte offset of the first differing word in each, -1: none
    int32_t originalTokens = 0, smallerTokens = 0;
    double originalSpeed = 0, smallerSpeed = 0; // tokens per second while writing; 0: too short to say
    /// Where the answers part: how probable the original itself found its own next token, and the smaller one's.
    /// 0..1; -1: not known (the same answer, an answer ended there, not among its likeliest, other vocabularies).
    double originalChance = -1, smallerChance = -1;
};

/// A place in the text where the smaller model departs far from the original. The words are ready to be shown: whole
/// where the text stands inside one, a line break as "↵".
struct WorstMoment {
    int32_t position = 0;                         // of the word's last token, in tokens from the start of the text
    std::string context;                          // what comes before
    std::string follows;                          // the word that the text goes on with
    std::string original, smaller;                // the word that each thinks likeliest
    double originalChance = 0, smallerChance = 0; // the probability that each gives to its own, 0..1
    double divergence = 0;                        // KL divergence here, in nats
};

/// The figures of one piece of the text.
struct Stretch {
    int32_t position = 0, tokens = 0; // of the first token scored, counted from the start of the text; how many
    std::string begins;               // its first words
    double divergence = 0;            // mean KL divergence, nats per token
    double agreement = 0;             // share of equal next words, 0..1
    int32_t drift = 0;                // 0..100, as of the whole
};

/// What both models made of one kind of tasks.
struct TaskGroup {
    std::string name;
    int32_t items = 0, same = 0, originalRight = 0, smallerRight = 0;
};
/// A task in which they chose differently.
struct TaskChange {
    std::string group, question, right, original, smaller;
};
/// What both models chose in tasks with answers to choose from; none where items is 0.
struct TaskReport {
    int32_t items = 0, same = 0, originalRight = 0, smallerRight = 0;
    int32_t lost = 0, gained = 0;     // right in the original only, in the smaller one only
    double sameLow = 0, sameHigh = 0; // 95 % Wilson interval of same / items
    double signTest = 1;              // probability that chance alone parts lost and gained so unevenly, or more
    std::string sentence;             // all of it in plain words
    std::vector<TaskGroup> groups;
    std::vector<TaskChange> changes;
};

struct CompareReport {
    ModelFigures original, smaller;
    int32_t tokensScored = 0;
    std::string textName, textHash; // SHA-256 of the text, hexadecimal
    bool oneAfterTheOther = false;  // both did not fit in memory at once
    Measured meanDivergence;        // KL divergence of the smaller from the original, nats per token ("drift")
    double divergence99 = 0, divergence999 = 0, maxDivergence = 0;
    Measured wordAgreement;                     // share of positions where both prefer the same token, 0..1
    double agreementLow = 0, agreementHigh = 0; // 95 % Wilson interval
    Measured logPerplexityRatio;                // ln(ppl smaller / ppl original), paired
    std::string verdict;  // "almost identical", "very close", "close", "noticeable", "weak", "broken"
    int32_t drift = 0;    // 0..100, logarithmic in meanDivergence
    std::string warning;  // why the smaller model must not be used: "Do not use this file: ..."; mostly empty
    std::string sentence; // the warning, or "Very close. 96 of 100 next words match the original (95-97)."
    std::vector<WorstMoment> worstMoments; // worst first, never two of the same few words
    std::vector<Stretch> stretches;        // the text from start to end
    TaskReport tasks;
    std::vector<AnswerPair> answers;
    double seconds = 0;
    std::string version, measuredAt; // of Nibble; "2026-11-27T18:40:00Z"
};

/// Same engine, same tokens, same template for both; models of different vocabularies can only be asked, not measured
/// (Error{BadRequest}). Exact KL divergence where both fit in memory; otherwise the
/// original's top 256 log-probabilities and the rest's mass lie in a temporary file.
CompareReport compareModels(const CompareOptions& options, const ProgressFn& progress = {}, std::stop_token stop = {});

/// The same questions to several models, the first of which is the original that the others are compared with.
struct AskReport;
struct AskOptions {
    std::vector<std::filesystem::path> models; // 2 to kMostAsked
    std::vector<std::string> prompts;          // answered by all, same seed
    int32_t answerTokens = 128;
    GenerateOptions generate; // sampling of the answers
    int32_t threads = 0;
    /// Called when all answers to a prompt are there: they are the report's last, and all models' memory is complete.
    std::function<void(const AskReport& report)> onAnswer;
};
inline constexpr std::size_t kMostAsked = 3;

struct AskedModel {
    std::string name, formatName;
    uint64_t fileBytes = 0, memoryBytes = 0;
};

struct AskedPrompt {
    std::string prompt;
    std::vector<AnswerPair> pairs; // the original beside each other model, in the order of the models
};

struct AskReport {
    std::vector<AskedModel> models;
    bool oneAfterTheOther = false; // all did not fit in memory at once
    std::vector<AskedPrompt> answers;
    double seconds = 0;
};

/// Same engine, same template, same seed for all; the models may have different vocabularies. Where they do not fit
/// into memory at once, one answers all prompts after the other. Throws Error{BadRequest} for too few or too many
/// models.
AskReport askModels(const AskOptions& options, const ProgressFn& progress = {}, std::stop_token stop = {});

/// Writes a report as a page for people (.html) or for programs (.json, as `compare` in protocol.h): whole or not at
/// all. Throws Error{BadRequest} for another ending, and for a file that is there already unless `replace`.
void writeReport(const CompareReport& report, const std::filesystem::path& output, bool replace);
/// What writeReport() checks before it writes, for jobs that work long before.
void checkReportPath(const std::filesystem::path& output, bool replace);

} // namespace nibble
