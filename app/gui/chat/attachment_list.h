// The files that go with the next question, each with what it costs of the model's context.
#pragma once

#include "chat_store.h"
#include "document_reader.h"
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
    /// Some of them are still being read: the question waits.
    Q_PROPERTY(bool reading READ reading NOTIFY changed)

public:
    using QObject::QObject;

    /// {name, size ("1,234 tokens", "is being read", or bytes where they were not counted)} of each.
    QVariantList files() const;
    /// Why they should not be sent like this, in plain words; empty where all is well.
    QString problem() const;

    bool reading() const;

    /// Reads text files at once, and PDF files, spreadsheets and documents by and by (read, failed); says of each text
    /// file that cannot be sent why not.
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
    /// A file is there; `note` says what of it is missing, if anything.
    void read(const QString& note);
    void failed(const QString& problem);

private:
    struct Entry {
        AttachedFile file;
        DocumentReader* reader = nullptr; // while it is being read
    };
    void readDocument(const QString& path);
    int indexOf(const DocumentReader* reader) const;

    QList<Entry> m_files;
    int m_room = 0;
};

} // namespace nibble::gui
