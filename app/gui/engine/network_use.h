// Whether Nibble may use a network, and what it has used it for: asked once, remembered, and always in sight.
#pragma once

#include <QObject>
#include <QStringList>
#include <QtQml/qqmlregistration.h>

namespace nibble::gui {

class NetworkUse : public QObject {
    Q_OBJECT
    QML_ELEMENT
    QML_UNCREATABLE("One for the window, see App")
    Q_PROPERTY(bool allowed READ allowed WRITE setAllowed NOTIFY changed)
    Q_PROPERTY(QString hub READ hub WRITE setHub NOTIFY changed)
    Q_PROPERTY(QString hubName READ hubName NOTIFY changed)
    Q_PROPERTY(bool signedIn READ signedIn NOTIFY changed)
    Q_PROPERTY(QString line READ line NOTIFY changed)
    Q_PROPERTY(bool used READ used NOTIFY changed)
    Q_PROPERTY(QStringList uses READ uses NOTIFY changed)

public:
    using QObject::QObject;

    /// The user has allowed searching and downloading. False until asked.
    bool allowed() const { return isAllowed(); }
    void setAllowed(bool allowed);
    /// The same for those who have no object: the engine that may use a network is started only where this holds.
    static bool isAllowed();

    /// The address of the hub: as set, else $NIBBLE_HUB, else Hugging Face.
    QString hub() const;
    void setHub(const QString& address);
    QString hubName() const; // "huggingface.co"
    /// An access token for this hub is kept, for models that ask for signing in (engine/hub_token.h).
    bool signedIn() const;
    /// Keeps it; empty: forgets it. Says in plain words what went wrong, or nothing.
    Q_INVOKABLE QString keepToken(const QString& token);
    /// The system's proxy for it, as the engine takes it; empty where there is none, or where the environment says.
    QString proxy() const;

    /// A request is being sent. `purpose`: in words, for the list.
    void note(const QString& host, const QString& purpose);
    /// What was used, the latest first: "28 Nov 2026, 14:03: huggingface.co, searching for smollm2".
    QStringList uses() const;
    bool used() const;
    /// For the line that is always in sight.
    QString line() const;
    Q_INVOKABLE void retranslate() { emit changed(); }

signals:
    void changed();
};

} // namespace nibble::gui
