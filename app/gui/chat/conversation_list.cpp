#include "conversation_list.h"

#include <QLocale>

namespace nibble::gui {

namespace {

QString dayInWords(const QDateTime& time) {
    const QDate day = time.date(), today = QDate::currentDate();
    if (day == today) return ConversationList::tr("Today");
    if (day == today.addDays(-1)) return ConversationList::tr("Yesterday");
    return QLocale().toString(day,
                              day.year() == today.year() ? QStringLiteral("d MMMM") : QStringLiteral("d MMMM yyyy"));
}

} // namespace

QVariant ConversationList::data(const QModelIndex& index, int role) const {
    if (!checkIndex(index, CheckIndexOption::IndexIsValid)) return {};
    const Conversation& one = m_list[index.row()];
    switch (role) {
    case IdRole:
        return one.id;
    case Qt::DisplayRole:
    case TitleRole:
        return one.title;
    case WhenRole:
        return dayInWords(one.changed);
    case FoundRole:
        return one.found;
    default:
        return {};
    }
}

void ConversationList::reset(const QList<Conversation>& list) {
    beginResetModel();
    m_list = list;
    endResetModel();
    emit countChanged();
}

Conversation* ConversationList::find(qint64 id) {
    const int row = indexOf(id);
    return row >= 0 ? &m_list[row] : nullptr;
}

int ConversationList::indexOf(qint64 id) const {
    for (int row = 0; row < rowCount(); ++row) {
        if (m_list[row].id == id) return row;
    }
    return -1;
}

} // namespace nibble::gui
