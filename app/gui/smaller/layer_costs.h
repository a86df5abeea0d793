// Which layers of a smaller model cost most: asked of the engine, as bars and a sentence, and what more bits for those
// that cost most would take.
#pragma once

#include "engine/engine_interface.h"
#include <QJsonArray>
#include <QVariantList>

namespace nibble::gui {

/// What one layer costs.
struct LayerBar {
    Q_GADGET
    QML_VALUE_TYPE(layerBar)
    Q_PROPERTY(double height MEMBER height)
    Q_PROPERTY(QString name MEMBER name)
    Q_PROPERTY(QString mark MEMBER mark)
    Q_PROPERTY(QString figures MEMBER figures)
    Q_PROPERTY(QString spoken MEMBER spoken)

public:
    double height = 0; // 0..1, of the costliest
    QString name;      // "Layer 29", "Tables of words"
    QString mark;      // "29" where more bits help most; else empty
    QString figures;   // "5 % of the loss; 3.2 MB, with more bits 3.8 MB"
    QString spoken;    // name and figures
    bool operator==(const LayerBar&) const = default;
};

class LayerCosts : public QObject {
    Q_OBJECT
    QML_ELEMENT
    QML_UNCREATABLE("Belongs to a SmallerController")
    Q_PROPERTY(QVariantList bars READ bars NOTIFY changed)
    Q_PROPERTY(QString basis READ basis NOTIFY changed)
    Q_PROPERTY(QString sentence READ sentence NOTIFY changed)
    Q_PROPERTY(QString offer READ offer NOTIFY changed)
    Q_PROPERTY(nibble::gui::EngineError error READ error NOTIFY changed)

public:
    const QVariantList& bars() const { return m_bars; } // of layerBar; empty: not measured
    const QString& basis() const { return m_basis; }    // what was measured, on how much
    const QString& sentence() const { return m_sentence; }
    const QString& offer() const { return m_offer; } // "Give them 1.9 MB more"; empty: nothing would be gained
    const EngineError& error() const { return m_error; }
    /// The layers that the offer is about, as finerLayers of protocol.h.
    const QJsonArray& worthMost() const { return m_worthMost; }

    /// Asks, once at a time; ended() follows.
    Reply* measure(EngineInterface& engine, const QString& original, const QString& smaller);
    void clear();
    /// Measuring them, or giving them more, failed; an empty error: that is over. What is known stays.
    void fail(const EngineError& error);

signals:
    void changed();
    void known(); // after changed()
    void ended();

private:
    void show(const QJsonObject& report);

    QVariantList m_bars;
    QString m_basis, m_sentence, m_offer;
    QJsonArray m_worthMost;
    EngineError m_error;
};

} // namespace nibble::gui
