#include "model_filter.h"

#include <algorithm>

namespace nibble::gui {

ModelFilter::ModelFilter(QObject* parent) : QSortFilterProxyModel(parent) {
    for (const auto signal : {&QAbstractItemModel::rowsInserted, &QAbstractItemModel::rowsRemoved})
        connect(this, signal, this, &ModelFilter::countChanged);
    connect(this, &QAbstractItemModel::modelReset, this, &ModelFilter::countChanged);
}

void ModelFilter::setText(const QString& text) {
    if (text == m_text) return;
    m_text = text;
    m_words = text.split(' ', Qt::SkipEmptyParts);
    invalidateFilter();
    emit textChanged();
    emit countChanged();
}

int ModelFilter::indexOf(const QString& path) const {
    for (int row = 0; row < rowCount(); ++row) {
        if (pathAt(row) == path) return row;
    }
    return -1;
}

QString ModelFilter::pathAt(int row) const { return index(row, 0).data(ModelList::PathRole).toString(); }

bool ModelFilter::filterAcceptsRow(int row, const QModelIndex& parent) const {
    const auto entry = sourceModel()->index(row, 0, parent).data(ModelList::EntryRole).value<ModelEntry>();
    const QString all =
        QStringList{entry.name, entry.formatName, entry.bits, entry.architecture, entry.license, entry.path}.join('\n');
    return std::all_of(m_words.begin(), m_words.end(),
                       [&all](const QString& word) { return all.contains(word, Qt::CaseInsensitive); });
}

} // namespace nibble::gui
