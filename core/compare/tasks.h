// Small tasks with answers to choose from, and what two models made of them.
//
// A model chooses the answer that is likeliest a byte: ln P(answer | question) / bytes, so that short answers have no
// advantage ("acc_norm" of Gao et al., lm-evaluation-harness). What counts is whether the smaller model chooses what
// its original chooses: flips show damage that two scores near each other hide (Dutta et al. 2024, "Accuracy is not
// all you need").
#pragma once

#include <cstdint>
#include <nibble/compare.h>
#include <nibble/generate.h>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace nibble {

struct Task {
    std::string group, question;
    std::vector<std::string> answers; // 2 or more, the right one first
    /// What the models read before an answer: "Question: ...\nAnswer:".
    std::string prompt() const;
};

/// Nibble's own, of resources/tasks/office.json.
std::vector<Task> officeTasks();
/// From {"groups":[{"name","items":[[question, right answer, wrong answer, ...], ...]}]}. Throws Error{BadFile}.
std::vector<Task> readTasks(std::string_view text);

/// The index of the answer that the model thinks likeliest. Throws Error{Canceled}, and Error{ContextFull} where the
/// model's context is too short for the question.
int32_t chooseAnswer(Session& session, const Task& task, std::stop_token stop);

/// What both chose, task by task.
TaskReport summarizeTasks(std::span<const Task> tasks, std::span<const int32_t> original,
                          std::span<const int32_t> smaller);

} // namespace nibble
