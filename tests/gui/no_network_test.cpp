// "Nothing has been sent. Network used: never." is true of the window and of the engine.
#include "engine/network_use.h"
#include "engine/no_network.h"
#include "engine/process_engine.h"
#include "support.h"

#include <QFileInfo>
#include <QNetworkAccessManager>
#include <QNetworkReply>
#include <QSettings>
#include <QTemporaryDir>

namespace nibble::gui::test {
namespace {

TEST(NoNetwork, TheEngineGetsNoSocketButLocalOnes) {
    ProcessEngine engine(GUI_CHILD, {"good"});
    for (const Lane lane : {Lane::Work, Lane::Chat}) {
        Outcome sockets(engine.request("sockets", {}, lane));
        ASSERT_TRUE(sockets.wait());
        EXPECT_EQ(sockets.result.value(), (QJsonObject{{"inet", false}, {"inet6", false}, {"local", true}}));
    }
}

TEST(NoNetwork, OnlyTheLaneForDownloadsGetsSocketsAndOnlyWhenAllowed) {
    QSettings().clear();
    ProcessEngine engine(GUI_CHILD, {"good"});
    Outcome before(engine.request("sockets", {}, Lane::Network));
    ASSERT_TRUE(before.wait());
    EXPECT_TRUE(before.error) << "it was answered";
    EXPECT_FALSE(engine.process(Lane::Network).findChild<QProcess*>()) << "it was started";
    NetworkUse use;
    use.setAllowed(true);
    Outcome after(engine.request("sockets", {}, Lane::Network)), work(engine.request("sockets", {}, Lane::Work));
    ASSERT_TRUE(after.wait() && work.wait());
    EXPECT_EQ(after.result.value()["inet"], true);
    EXPECT_EQ(work.result.value()["inet"], false);
    QSettings().clear();
}

TEST(NoNetwork, WhatItWasUsedForIsKept) {
    QSettings().clear();
    NetworkUse use;
    EXPECT_FALSE(use.used());
    use.note("hub.example", "searching");
    use.note("hub.example", "searching");
    use.note("cdn.example", "downloading a|b");
    ASSERT_EQ(NetworkUse().uses().size(), 2);
    EXPECT_TRUE(NetworkUse().uses()[0].endsWith(": cdn.example, downloading a|b")) << qPrintable(use.uses()[0]);
    EXPECT_TRUE(use.line().contains("cdn.example")) << qPrintable(use.line());
    QSettings().clear();
}

TEST(NoNetwork, WhoTriesIsEndedWhereATestWantsThat) {
    QProcess process;
    forbidNetwork(process, OnSocket::End);
    process.start(GUI_CHILD, {"good"});
    ASSERT_TRUE(process.waitForStarted());
    process.write("{\"id\":1,\"verb\":\"sockets\",\"params\":{}}\n");
    ASSERT_TRUE(process.waitForFinished());
    EXPECT_EQ(process.exitStatus(), QProcess::CrashExit);
    EXPECT_EQ(process.exitCode(), SIGSYS);
}

TEST(NoNetwork, QmlGetsFilesOfTheProgramOnly) {
    NoNetworkForQml factory;
    const std::unique_ptr<QNetworkAccessManager> manager(factory.create(nullptr));
    for (const char* url : {"http://127.0.0.1:9/x.png", "https://example.com/x.png", "ftp://example.com/x"}) {
        const std::unique_ptr<QNetworkReply> reply(manager->get(QNetworkRequest(QUrl(url))));
        ASSERT_TRUE(waitFor([&] { return reply->isFinished(); })) << url;
        EXPECT_EQ(reply->error(), QNetworkReply::ProtocolUnknownError) << url;
    }
    const std::unique_ptr<QNetworkReply> own(manager->get(QNetworkRequest(QUrl("qrc:/icons/shield.svg"))));
    ASSERT_TRUE(waitFor([&] { return own->isFinished(); }));
    EXPECT_EQ(own->error(), QNetworkReply::NoError);
}

/// The real program opens a model and answers a question, where the kernel ends every process that opens a socket to
/// anywhere but this computer's own programs.
TEST(NoNetwork, TheWholeProgramOpensNoConnection) {
    if (!QFileInfo::exists(NIBBLE_CLI)) GTEST_SKIP() << "nibble-cli is not built";
    QTemporaryDir folder;
    const QString picture = folder.filePath("chat.png");
    QProcess process;
    forbidNetwork(process, OnSocket::End);
    process.setProcessChannelMode(QProcess::ForwardedErrorChannel);
    process.start(NIBBLE_PROGRAM, {"--model", NIBBLE_SOURCE_DIR "/resources/demo/tiny.gguf", "--ask",
                                   "What is a nibble?", "--screenshot", picture});
    ASSERT_TRUE(process.waitForFinished(60000));
    EXPECT_EQ(process.exitStatus(), QProcess::NormalExit) << "signal " << process.exitCode();
    EXPECT_EQ(process.exitCode(), 0);
    EXPECT_TRUE(QFileInfo::exists(picture));
}

} // namespace
} // namespace nibble::gui::test
