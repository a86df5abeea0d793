// The office tasks: their list, the choice of a model, and what is said of two models' choices.
#include <cmath>
#include <compare/comparison.h>
#include <compare/tasks.h>
#include <golden_dir.h>
#include <gtest/gtest.h>
#include <nibble/error.h>
#include <nibble/quantize.h>
#include <process.h>
#include <set>

using namespace nibble;

TEST(Tasks, OursAreManyAndNoneTwice) {
    const std::vector<Task> tasks = officeTasks();
    EXPECT_GE(tasks.size(), 100u);
    std::set<std::string> questions, groups;
    for (const Task& task : tasks) {
        EXPECT_TRUE(questions.insert(task.question).second) << task.question;
        groups.insert(task.group);
        EXPECT_GE(task.answers.size(), 3u) << task.question;
        const std::set<std::string> answers(task.answers.begin(), task.answers.end());
        EXPECT_EQ(answers.size(), task.answers.size()) << task.question;
    }
    EXPECT_EQ(groups.size(), 5u);
}

TEST(Tasks, DamagedListsAreRefused) {
    for (const char* text :
         {"", "{", "[]", R"({"groups":[]})", R"({"groups":[{"items":[["q","a","b"]]}]})",
          R"({"groups":[{"name":"x","items":[["q","a"]]}]})", R"({"groups":[{"name":"x","items":[["q","a",""]]}]})",
          R"({"groups":[{"name":"x","items":[["q","a",3]]}]})"})
        EXPECT_THROW(readTasks(text), Error) << text;
    EXPECT_EQ(readTasks(R"({"groups":[{"name":"x","items":[["q","a","b"]]}]})")[0].prompt(), "Question: q\nAnswer:");
}

TEST(Tasks, CountsPairsAndSaysWhatTheyMean) {
    std::vector<Task> tasks;
    for (int i = 0; i < 20; ++i) tasks.push_back({i < 10 ? "one" : "two", "q" + std::to_string(i), {"a", "b", "c"}});
    std::vector<int32_t> original(20, 0), smaller(20, 0);
    TaskReport report = summarizeTasks(tasks, original, smaller);
    EXPECT_EQ(report.same, 20);
    EXPECT_EQ(report.sameHigh, 1);
    EXPECT_TRUE(report.changes.empty());
    EXPECT_NE(report.sentence.find("In 20 of 20 office tasks"), std::string::npos) << report.sentence;
    EXPECT_NE(report.sentence.find("No right answer was lost."), std::string::npos) << report.sentence;

    original[3] = 1, smaller[3] = 2; // both wrong, and not alike
    original[4] = 1;                 // gained
    for (std::size_t i = 12; i < 14; ++i) smaller[i] = 1;
    report = summarizeTasks(tasks, original, smaller);
    EXPECT_EQ(report.same, 16);
    EXPECT_EQ(report.lost, 2);
    EXPECT_EQ(report.gained, 1);
    EXPECT_EQ(report.originalRight, 18);
    EXPECT_EQ(report.smallerRight, 17);
    EXPECT_EQ(report.signTest, 1);
    ASSERT_EQ(report.groups.size(), 2u);
    EXPECT_EQ(report.groups[0].name, "one");
    EXPECT_EQ(report.groups[0].same, 8);
    EXPECT_EQ(report.groups[1].smallerRight, 8);
    ASSERT_EQ(report.changes.size(), 4u);
    EXPECT_EQ(report.changes[0].original, "b");
    EXPECT_EQ(report.changes[0].smaller, "c");
    EXPECT_EQ(report.changes[0].right, "a");
    EXPECT_NE(report.sentence.find("no more than chance"), std::string::npos) << report.sentence;

    for (std::size_t i = 5; i < 18; ++i) smaller[i] = 1;
    report = summarizeTasks(tasks, original, smaller);
    EXPECT_LT(report.signTest, 0.05);
    EXPECT_NE(report.sentence.find("worse than chance"), std::string::npos) << report.sentence;
    EXPECT_NE(summarizeTasks(tasks, smaller, original).sentence.find("better than chance"), std::string::npos);
    EXPECT_EQ(summarizeTasks({}, {}, {}).items, 0);
}

/// Every answer's likelihood from the logits of the whole text, one by one.
TEST(Tasks, TheLikeliestAnswerAByteIsChosen) {
    const std::filesystem::path model = test::goldenDir("models/llama");
    if (model.empty()) GTEST_SKIP() << "the golden models are not here";
    LoadOptions options;
    options.model = model;
    options.threads = 2;
    const auto session = Session::load(options);
    std::set<int32_t> chosen;
    for (const char* question : {"Why?", "How many are there?", "Who is the shortest of them all?", "When?", "0 1 2"}) {
        const Task task{"x", question, {"yes", "nobody at all", "7", "on Tuesday", "the cat"}};
        int32_t best = -1;
        double highest = -INFINITY;
        for (std::size_t i = 0; i < task.answers.size(); ++i) {
            const std::size_t shared = session->tokenize(task.prompt(), true).size();
            const std::vector<int32_t> all = session->tokenize(task.prompt() + " " + task.answers[i], true);
            double sum = 0;
            session->evaluate(all, int32_t(shared) - 1, [&](int32_t position, std::span<const float> logits) {
                if (position + 1 == int32_t(all.size())) return;
                double total = 0;
                for (float v : logits) total += std::exp(double(v));
                sum += double(logits[std::size_t(all[std::size_t(position) + 1])]) - std::log(total);
            });
            sum /= double(task.answers[i].size());
            if (sum > highest) highest = sum, best = int32_t(i);
        }
        EXPECT_EQ(chooseAnswer(*session, task, {}), best) << question;
        chosen.insert(best);
    }
    EXPECT_FALSE(chosen.empty());
    const Task tooLong{"x", std::string(3000, 'q'), {"a", "b"}};
    EXPECT_THROW(chooseAnswer(*session, tooLong, {}), Error);
}
