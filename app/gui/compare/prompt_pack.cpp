#include "prompt_pack.h"

#include "components/text_file.h"
#include <QCoreApplication>
#include <QFile>
#include <QFileInfo>
#include <QJsonArray>
#include <QJsonDocument>
#include <QLocale>
#include <QRegularExpression>

namespace nibble::gui {

namespace {

constexpr qint64 kMostBytes = 1000000;

struct Words {
    Q_DECLARE_TR_FUNCTIONS(PromptPack)
};

} // namespace

QStringList officeTasks() {
    QFile file(QStringLiteral(":/texts/prompts.%1.json").arg(QLocale().name().section('_', 0, 0)));
    if (!file.exists()) file.setFileName(QStringLiteral(":/texts/prompts.json"));
    if (!file.open(QIODevice::ReadOnly)) return {};
    QStringList tasks;
    const QJsonArray list = QJsonDocument::fromJson(file.readAll()).array();
    for (const QJsonValue& task : list) tasks += task.toString();
    return tasks;
}

QStringList questionsOf(const QString& text) {
    static const QRegularExpression emptyLine(QStringLiteral("\\n[ \\t]*\\n\\s*")), line(QStringLiteral("\\n"));
    const QString clean = QString(text).replace(QLatin1String("\r\n"), QLatin1String("\n")).trimmed();
    QStringList questions;
    const QStringList parts = clean.split(clean.contains(emptyLine) ? emptyLine : line);
    for (const QString& part : parts) {
        const QString question = part.trimmed().left(kLongestQuestion);
        if (!question.isEmpty()) questions += question;
        if (questions.size() == kMostQuestions) break;
    }
    return questions;
}

QStringList questionsFromFile(const QString& path, QString& problem) {
    const auto text = readTextFile(path, kMostBytes, problem);
    if (!text) return {};
    const QStringList questions = questionsOf(*text);
    if (questions.isEmpty()) problem = Words::tr("%1 has no questions in it.").arg(QFileInfo(path).fileName());
    return questions;
}

} // namespace nibble::gui
