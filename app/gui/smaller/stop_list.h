// The stops on the way from large and exact to small and rough, with the figures of one model.
#pragma once

#include <QAbstractListModel>
#include <QJsonArray>
#include <QJsonObject>
#include <QtQml/qqmlregistration.h>

namespace nibble::gui {

/// How carefully a model is made smaller: the words of protocol.h, by number.
inline constexpr const char* kCares[] = {"quick", "better", "careful"};

struct Stop {
    Q_GADGET
    QML_VALUE_TYPE(stop)
    Q_PROPERTY(QString recipe MEMBER recipe)
    Q_PROPERTY(int bits MEMBER bits)
    Q_PROPERTY(QString label MEMBER label)
    Q_PROPERTY(QString sentence MEMBER sentence)
    Q_PROPERTY(QString size MEMBER size)
    Q_PROPERTY(double share MEMBER share)
    Q_PROPERTY(QString memory MEMBER memory)
    Q_PROPERTY(QString fitShort MEMBER fitShort)
    Q_PROPERTY(QString fitTone MEMBER fitTone)
    Q_PROPERTY(QString fitText MEMBER fitText)
    Q_PROPERTY(QString speed MEMBER speed)
    Q_PROPERTY(QString words MEMBER words)
    Q_PROPERTY(QString wordsRange MEMBER wordsRange)
    Q_PROPERTY(QString drift MEMBER drift)
    Q_PROPERTY(QString making MEMBER making)
    Q_PROPERTY(QString makingRange MEMBER makingRange)
    Q_PROPERTY(bool recommended MEMBER recommended)
    Q_PROPERTY(QString problem MEMBER problem)
    Q_PROPERTY(bool usable MEMBER usable)
    Q_PROPERTY(QString figures READ figures)
    Q_PROPERTY(QString spoken READ spoken)

public:
    QString recipe; // the technical name, "Q4_K_M"
    int bits = 0;   // 8, 6, 5, 4, 3
    QString label;  // "Close": as models are usually, or as this one is expected to be
    QString sentence;
    double bytes = 0;                   // on disk; 0: not known yet
    QString size;                       // the same in words
    double share = 0;                   // of the original's size, 0..1
    QString memory;                     // "210 MB"
    QString fitShort, fitTone, fitText; // as in ModelEntry
    QString speed;                      // "Up to 38 words a second"; empty: not known
    // Predicted for this model (StopPreview); empty: not known yet.
    QString words, wordsRange;   // "91 of 100 words", "between 84 and 96": as the original would choose
    QString drift;               // "drift 47 of 100"
    QString making, makingRange; // "2 seconds", "1 to 4 seconds": with the care that is chosen
    QJsonObject seconds;         // with every care
    bool recommended = false;    // for this model on this computer
    QString problem;             // why this stop cannot be chosen
    bool usable = true;
    bool lastResort = false; // only if nothing else fits: it needs a second yes

    /// What is predicted and the memory, a line each.
    QString figures() const;
    QString spoken() const; // the card for a screen reader
    bool operator==(const Stop&) const = default;
};

/// Roles: stop.
class StopList : public QAbstractListModel {
    Q_OBJECT
    QML_ANONYMOUS

public:
    enum Role { StopRole = Qt::UserRole + 1 };

    using QAbstractListModel::QAbstractListModel;

    int rowCount(const QModelIndex& parent = {}) const override { return parent.isValid() ? 0 : int(m_stops.size()); }
    QVariant data(const QModelIndex& index, int role) const override;
    QHash<int, QByteArray> roleNames() const override { return {{StopRole, "stop"}}; }

    const QList<Stop>& stops() const { return m_stops; }
    /// From the `recipes` of protocol.h: those that are stops, most bits first.
    void setRecipes(const QJsonArray& recipes);
    /// Forgets the figures of the model before.
    void clearFigures();
    /// Adds what `estimate` says about a stop for a model of `originalBytes`.
    void setEstimate(int row, const QJsonObject& estimate, double originalBytes);
    /// Adds the stops of a `preview` of protocol.h.
    void setPreview(const QJsonArray& stops);
    void setProblem(int row, const QString& problem);
    /// Which of kCares the times are for.
    void setCare(int care);

private:
    void tellTime(Stop& stop) const;
    void changed(int row) { emit dataChanged(index(row), index(row)); }

    QList<Stop> m_stops;
    QJsonArray m_recipes;
    int m_care = 0;
};

} // namespace nibble::gui
