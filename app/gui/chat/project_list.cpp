#include "project_list.h"

#include <QLocale>
#include <algorithm>

namespace nibble::gui {

namespace {

constexpr int kMostCharacters = 60;

QString cleaned(const QString& name) { return name.simplified().left(kMostCharacters).trimmed(); }

} // namespace

void ProjectList::setStore(ChatStore* store) {
    m_store = store;
    m_list.clear();
    m_view = 0;
    refresh();
}

void ProjectList::refresh() {
    const qint64 shownNow = shown();
    m_list = m_store->projects();
    m_anyTrash = m_store->countInTrash() > 0;
    if (shownNow == ChatStore::kTrash) {
        m_view = m_anyTrash ? int(m_list.size()) + kFirst : 0;
    } else if (m_view >= kFirst) {
        const int place = placeOf(shownNow);
        m_view = place > 0 ? place - 1 + kFirst : 0;
    }
    emit changed();
}

QStringList ProjectList::views() const {
    QStringList names{tr("All chats"), tr("Without a project")};
    for (const Project& project : m_list) names += project.name;
    if (m_anyTrash) names += tr("Trash");
    return names;
}

QStringList ProjectList::places() const {
    QStringList names{tr("No project")};
    for (const Project& project : m_list) names += project.name;
    return names;
}

void ProjectList::setView(int row) {
    if (row == m_view || row < 0 || row >= views().size()) return;
    m_view = row;
    emit changed();
}

QString ProjectList::size() const {
    return isProject() ? tr("Chats: %1").arg(QLocale().toString(m_list[m_view - kFirst].chats)) : QString();
}

qint64 ProjectList::shown() const {
    if (m_view == 0) return ChatStore::kEverywhere;
    if (inTrash()) return ChatStore::kTrash;
    return m_view >= kFirst ? m_list[m_view - kFirst].id : ChatStore::kNoProject;
}

int ProjectList::placeOf(qint64 project) const {
    const auto found =
        std::find_if(m_list.begin(), m_list.end(), [project](const Project& one) { return one.id == project; });
    return found == m_list.end() ? 0 : int(found - m_list.begin()) + 1;
}

void ProjectList::add(const QString& name) {
    const QString clean = cleaned(name);
    if (clean.isEmpty()) return;
    const auto same = std::find_if(m_list.begin(), m_list.end(), [&clean](const Project& one) {
        return one.name.compare(clean, Qt::CaseInsensitive) == 0;
    });
    const qint64 id = same == m_list.end() ? m_store->createProject(clean) : same->id;
    m_list = m_store->projects();
    if (const int place = placeOf(id)) m_view = place - 1 + kFirst; // not where it could not be saved
    emit changed();
}

void ProjectList::rename(const QString& name) {
    if (!isProject() || cleaned(name).isEmpty()) return;
    m_store->renameProject(shown(), cleaned(name));
    refresh();
}

void ProjectList::remove() {
    if (!isProject()) return;
    m_store->removeProject(shown());
    m_view = 0;
    refresh();
}

} // namespace nibble::gui
