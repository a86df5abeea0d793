#include "office_roles.h"

#include <QCoreApplication>

namespace nibble::gui {

namespace {

struct Words {
    Q_DECLARE_TR_FUNCTIONS(OfficeRoles)
};

} // namespace

QList<OfficeRole> officeRoles() {
    return {
        {Words::tr("No instructions"), {}},
        {Words::tr("E-mails"),
         Words::tr(
             "You help office staff to write e-mails. Write politely, clearly and briefly, with a subject line. Give "
             "only the e-mail. Use no facts that you were not given.")},
        {Words::tr("Proofreading"),
         Words::tr("You correct spelling, grammar and punctuation. Change nothing else and keep the tone. Give the "
                   "corrected text first, then a short list of what you changed.")},
        {Words::tr("Summaries"),
         Words::tr(
             "You summarise texts for busy people. Start with one sentence that says the most important thing, then "
             "at most five short points. Use only what is in the text.")},
        {Words::tr("Plain language"),
         Words::tr(
             "You rewrite texts in plain language: short sentences, everyday words, no jargon. Keep every fact and "
             "every number.")},
        {Words::tr("Translation into English"),
         Words::tr("You translate into English. Keep names, numbers and formatting. Give only the translation.")},
        {Words::tr("Minutes and task lists"),
         Words::tr(
             "You turn notes into minutes: decisions first, then tasks with who and by when, then open questions. Use "
             "only what is in the notes.")},
    };
}

} // namespace nibble::gui
