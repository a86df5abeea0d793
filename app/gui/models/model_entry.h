// One model of the library, in the words and figures that the pages show.
#pragma once

#include <QJsonObject>
#include <QObject>
#include <QVariantList>
#include <QtQml/qqmlregistration.h>

namespace nibble::gui {

struct ModelEntry {
    Q_GADGET
    QML_VALUE_TYPE(modelEntry)
    Q_PROPERTY(QString path MEMBER path)
    Q_PROPERTY(QString name MEMBER name)
    Q_PROPERTY(QString architecture MEMBER architecture)
    Q_PROPERTY(QString license MEMBER license)
    Q_PROPERTY(QString formatName MEMBER formatName)
    Q_PROPERTY(QString bits MEMBER bits)
    Q_PROPERTY(QString size MEMBER size)
    Q_PROPERTY(double bytes MEMBER bytes)
    Q_PROPERTY(QString fitText MEMBER fitText)
    Q_PROPERTY(QString fitShort MEMBER fitShort)
    Q_PROPERTY(QString fitTone MEMBER fitTone)
    Q_PROPERTY(QString problem MEMBER problem)
    Q_PROPERTY(bool runnable MEMBER runnable)
    Q_PROPERTY(bool quantized MEMBER quantized)
    Q_PROPERTY(bool chats MEMBER chats)
    Q_PROPERTY(bool trashable MEMBER trashable)
    Q_PROPERTY(int context MEMBER context)
    Q_PROPERTY(QList<int> contexts MEMBER contexts)
    Q_PROPERTY(int contextRow READ contextRow)
    Q_PROPERTY(QVariantList memory MEMBER memory)
    Q_PROPERTY(QString speed MEMBER speed)
    Q_PROPERTY(int layers MEMBER layers)
    Q_PROPERTY(int layersOnCard MEMBER layersOnCard)
    Q_PROPERTY(bool layersAutomatic MEMBER layersAutomatic)
    Q_PROPERTY(QString placement MEMBER placement)
    Q_PROPERTY(QVariantList facts MEMBER facts)
    Q_PROPERTY(QString title READ title)
    Q_PROPERTY(QString precision READ precision)
    Q_PROPERTY(QString summary READ summary)
    Q_PROPERTY(QString spoken READ spoken)

public:
    QString path; // empty: no model
    QString name;
    QString architecture; // "llama"
    QString license;
    QString formatName; // "Q4_K_M": the technical name
    QString bits;       // "4 bits"
    QString size;       // on disk: "270 MB"
    double bytes = 0;   // the same as a number
    QString fitText;    // the engine's verdict sentence, empty until it is known
    QString fitShort;   // "Fits"
    QString fitTone;    // "good", "warn", "bad", "" (see Theme.toneText)
    QString problem;    // why it cannot be opened or run, in plain words
    bool runnable = false;
    bool quantized = false;
    bool chats = false;               // it brings a conversation format
    bool trashable = false;           // one file, which can be moved to the trash
    int context = 0;                  // tokens of conversation that it is estimated for
    QList<int> contexts;              // that can be chosen: 1024, 2048 and so on up to the model's own
    QVariantList memory;              // {label, text, share, strength} of what fills the memory; strength 0: free
    QString speed;                    // "Up to 12 words a second"; empty where it is not known
    int layers = 0, layersOnCard = 0; // as estimated; 0 layers: not yet
    bool layersAutomatic = true;
    QString placement;  // what lies where: "12 of 30 layers on the graphics card (0.9 GB) ..."
    QVariantList facts; // {label, value} for the details

    QString title() const;                                            // "SmolLM2 135M Instruct · Q4_K_M"
    int contextRow() const { return int(contexts.indexOf(context)); } // of `contexts`
    QString precision() const;                                        // "4 bits · 83 MB"
    QString summary() const; // and the technical name and licence; the problem where it cannot be opened
    QString spoken() const;  // the row for a screen reader

    /// From the `info` of protocol.h (inspect, models).
    static ModelEntry fromInfo(const QJsonObject& info);
    static ModelEntry broken(const QString& path, const QString& problem);
    /// Adds the result of an `estimate`.
    void setEstimate(const QJsonObject& estimate);
    bool operator==(const ModelEntry&) const = default;
};

/// {short words, tone} for the `verdict` of an estimate.
std::pair<QString, QString> fitWords(const QJsonObject& verdict);

} // namespace nibble::gui
