#include <base/progress.h>
#include <base/text.h>
#include <chrono>
#include <compare/ask_models.h>
#include <compare/asking.h>
#include <nibble/error.h>

namespace nibble {

namespace {

// Work in units of one token written: loading a model takes about as long as writing thirty.
constexpr double kLoadWork = 30;
constexpr int64_t kLeastContext = 64;

class Run {
public:
    Run(const AskOptions& options, const ProgressFn& progress, std::stop_token stop)
        : m_options(options), m_stop(stop), m_models(inspected(options.models)), m_report(reportOf(m_models)),
          m_asking(m_models, options.prompts, generateOptions(options)),
          m_context(contextWithin(m_models, std::max(kLeastContext, m_asking.contextNeeded()))),
          m_meter(progress, stop, "Asking", workInAll()) {}

    AskReport run(MemoryOrder order) {
        const auto start = std::chrono::steady_clock::now();
        m_report.oneAfterTheOther = order == MemoryOrder::Automatic
                                        ? !fitTogether(m_models, m_context, m_options.threads, 0)
                                        : order == MemoryOrder::OneAfterTheOther;
        if (m_report.oneAfterTheOther) {
            for (std::size_t model = 0; model < m_models.size(); ++model) {
                const auto session = load(model);
                for (std::size_t prompt = 0; prompt < m_asking.count(); ++prompt) answer(*session, model, prompt);
            }
        } else {
            std::vector<std::unique_ptr<Session>> sessions;
            for (std::size_t model = 0; model < m_models.size(); ++model) sessions.push_back(load(model));
            for (std::size_t prompt = 0; prompt < m_asking.count(); ++prompt)
                for (std::size_t model = 0; model < m_models.size(); ++model) answer(*sessions[model], model, prompt);
        }
        m_meter.finish();
        m_report.seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
        return std::move(m_report);
    }

private:
    static std::vector<ModelInfo> inspected(const std::vector<std::filesystem::path>& paths) {
        if (paths.size() < 2 || paths.size() > kMostAsked)
            throw Error(ErrorKind::BadRequest, nibble::format("Two to %zu models can be asked at once.", kMostAsked),
                        nibble::format("models: %zu", paths.size()));
        std::vector<ModelInfo> models;
        for (const std::filesystem::path& path : paths) models.push_back(inspectToRun(path));
        return models;
    }
    static AskReport reportOf(const std::vector<ModelInfo>& models) {
        AskReport report;
        for (const ModelInfo& info : models) {
            AskedModel& model = report.models.emplace_back();
            model.name = info.name;
            model.formatName = info.formatName;
            model.fileBytes = info.fileBytes;
        }
        return report;
    }
    static GenerateOptions generateOptions(const AskOptions& options) {
        GenerateOptions generate = options.generate;
        generate.maxTokens = options.answerTokens;
        return generate;
    }
    double workInAll() const {
        return double(m_models.size()) * (kLoadWork + double(m_asking.count()) * m_options.answerTokens);
    }

    std::unique_ptr<Session> load(std::size_t model) {
        const double before = m_done;
        auto session = loadBeside(
            m_models[model], m_context, m_options.threads,
            [&](const Progress& p) { m_meter.update(before + p.fraction * kLoadWork); }, m_stop);
        m_report.models[model].memoryBytes = session->info().memoryBytes;
        m_done = before + kLoadWork;
        return session;
    }

    void answer(Session& session, std::size_t model, std::size_t prompt) {
        const double before = m_done, all = before + m_options.answerTokens;
        m_asking.answer(
            session, model, prompt,
            [&] {
                m_done = std::min(m_done + 1, all); // about a token
                m_meter.update(m_done, m_asking.prompt(prompt));
            },
            m_stop);
        m_done = all;
        if (model + 1 < m_models.size()) return; // the last model always answers last
        AskedPrompt& asked = m_report.answers.emplace_back();
        asked.prompt = m_asking.prompt(prompt);
        for (std::size_t other = 1; other < m_models.size(); ++other)
            asked.pairs.push_back(m_asking.pair(other, prompt));
        if (m_options.onAnswer) m_options.onAnswer(m_report);
    }

    const AskOptions& m_options;
    std::stop_token m_stop;
    std::vector<ModelInfo> m_models;
    AskReport m_report;
    Asking m_asking;
    int32_t m_context;
    ProgressMeter m_meter;
    double m_done = 0; // work so far
};

} // namespace

AskReport askInOrder(const AskOptions& options, MemoryOrder order, const ProgressFn& progress, std::stop_token stop) {
    return Run(options, progress, std::move(stop)).run(order);
}

AskReport askModels(const AskOptions& options, const ProgressFn& progress, std::stop_token stop) {
    return askInOrder(options, MemoryOrder::Automatic, progress, std::move(stop));
}

} // namespace nibble
