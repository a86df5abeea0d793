// The files that go with the next question, each with what it costs of the model's context.
#pragma once

#include "chat_store.h"
#include "engine/engine_interface.h"
#include <QUrl>
#include <QVariantList>
#include <QtQml/qqmlregistration.h>

namespace nibble::gui {

class AttachmentList : public QObject {
    Q_OBJECT
    QML_ELEMENT
    QML_UNCREATABLE("Part of ChatController")
    Q_PROPERTY(QVariantList files READ files NOTIFY changed)
    Q_PROPERTY(QString problem READ problem NOTIFY changed)

public:
    using QObject::QObject;

    /// {name, size ("1,234 tokens", or bytes where they were not counted)} of each.
    QVariantList files() const;
    /// Why they should not be sent like this, in plain words; empty where all is well.
    QString problem() const;

    /// Reads text files; says of each that cannot be sent why not.
    QStringList add(const QList<QUrl>& files);
    Q_INVOKABLE void remove(int row);
    /// All of them, and none is left here.
    QList<AttachedFile> take();

    /// Asks the model that the engine has loaded how many tokens each file is.
    void count(EngineInterface* engine);
    void forgetCounts();
    /// Tokens of the model's context that the chat leaves.
    void setRoom(int tokens);

signals:
    void changed();

private:
    QList<AttachedFile> m_files;
    int m_room = 0;
};

} // namespace nibble::gui
