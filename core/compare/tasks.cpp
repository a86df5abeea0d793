#include <algorithm>
#include <base/text.h>
#include <cassert>
#include <cmath>
#include <compare/office_tasks.h>
#include <compare/statistics.h>
#include <compare/tasks.h>
#include <nibble/error.h>
#include <nlohmann/json.hpp>

namespace nibble {

namespace {

Error damaged(const std::string& detail) {
    return Error(ErrorKind::BadFile, "The list of tasks cannot be read.", detail);
}

constexpr double kChance = 0.05; // below, a difference is called more than chance

std::string sentenceOf(const TaskReport& report) {
    const auto whole = [](double share) { return int(std::lround(100 * share)); };
    std::string text = format("In %d of %d office tasks the smaller model chose the same answer as the original; of "
                              "other such tasks expect %d to %d in 100.",
                              report.same, report.items, whole(report.sameLow), whole(report.sameHigh));
    if (report.lost == 0 && report.gained == 0) return text + " No right answer was lost.";
    text += format(" %d right %s lost and %d gained: ", report.lost, report.lost == 1 ? "answer was" : "answers were",
                   report.gained);
    if (report.signTest >= kChance) return text + "no more than chance explains.";
    return text + (report.lost > report.gained ? "worse than chance explains." : "better than chance explains.");
}

} // namespace

std::string Task::prompt() const { return "Question: " + question + "\nAnswer:"; }

std::vector<Task> readTasks(std::string_view text) try {
    std::vector<Task> tasks;
    const nlohmann::json document = nlohmann::json::parse(text);
    for (const nlohmann::json& group : document.at("groups"))
        for (const nlohmann::json& item : group.at("items")) {
            Task task;
            task.group = group.at("name");
            task.answers = item.get<std::vector<std::string>>();
            if (task.answers.size() < 3) throw damaged(task.group + ": an item has fewer than two answers");
            for (const std::string& part : task.answers)
                if (part.empty()) throw damaged(task.group + ": an item has an empty text");
            task.question = task.answers.front();
            task.answers.erase(task.answers.begin());
            tasks.push_back(std::move(task));
        }
    if (tasks.empty()) throw damaged("no items");
    return tasks;
} catch (const nlohmann::json::exception& e) {
    throw damaged(e.what());
}

std::vector<Task> officeTasks() { return readTasks(officeTaskText()); }

int32_t chooseAnswer(Session& session, const Task& task, std::stop_token stop) {
    // Question and answer are cut into tokens together, as the model knows such text; where that changes the question's
    // last token, it counts for all answers.
    const std::vector<int32_t> question = session.tokenize(task.prompt(), true);
    std::vector<std::vector<int32_t>> texts;
    std::size_t common = question.size();
    for (const std::string& answer : task.answers) {
        texts.push_back(session.tokenize(task.prompt() + " " + answer, true));
        const auto end =
            std::mismatch(question.begin(), question.end(), texts.back().begin(), texts.back().end()).first;
        common = std::min({common, std::size_t(end - question.begin()), texts.back().size() - 1});
    }
    if (common == 0) // an answer would begin where the text does
        throw Error(ErrorKind::Unsupported, "This model's vocabulary cannot be used for tasks.", task.question);
    const std::span<const int32_t> prompt = std::span(question).first(common);
    for (std::vector<int32_t>& text : texts) text.erase(text.begin(), text.begin() + std::ptrdiff_t(common));
    const std::vector<double> likelihoods = session.logLikelihoods(prompt, texts, std::move(stop));
    int32_t best = 0;
    for (std::size_t i = 1; i < texts.size(); ++i) { // values that are not numbers never win
        const auto score = [&](std::size_t a) { return likelihoods[a] / double(task.answers[a].size()); };
        if (score(i) > score(std::size_t(best)) || std::isnan(score(std::size_t(best)))) best = int32_t(i);
    }
    return best;
}

TaskReport summarizeTasks(std::span<const Task> tasks, std::span<const int32_t> original,
                          std::span<const int32_t> smaller) {
    assert(tasks.size() == original.size() && tasks.size() == smaller.size());
    TaskReport report;
    for (std::size_t i = 0; i < tasks.size(); ++i) {
        const Task& task = tasks[i];
        if (report.groups.empty() || report.groups.back().name != task.group) report.groups.push_back({task.group});
        TaskGroup& group = report.groups.back();
        const bool same = original[i] == smaller[i], a = original[i] == 0, b = smaller[i] == 0;
        ++group.items;
        group.same += same;
        group.originalRight += a;
        group.smallerRight += b;
        report.lost += a && !b;
        report.gained += b && !a;
        const auto answer = [&](int32_t choice) { return task.answers[std::size_t(choice)]; };
        if (!same)
            report.changes.push_back({task.group, task.question, answer(0), answer(original[i]), answer(smaller[i])});
    }
    for (const TaskGroup& group : report.groups) {
        report.items += group.items;
        report.same += group.same;
        report.originalRight += group.originalRight;
        report.smallerRight += group.smallerRight;
    }
    if (report.items == 0) return report;
    const Interval interval = wilsonInterval(report.same, report.items);
    report.sameLow = interval.low;
    report.sameHigh = interval.high;
    report.signTest = signTest(report.lost, report.gained);
    report.sentence = sentenceOf(report);
    return report;
}

} // namespace nibble
