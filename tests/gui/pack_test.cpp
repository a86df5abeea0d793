// The page of an offline pack on the scripted engine.
#include "pack/pack_controller.h"
#include "support.h"

#include <nibble/protocol.h>

namespace nibble::gui::test {
namespace {

using State = PageController::State;

struct PackPage : testing::Test {
    PackPage() {
        scriptDemo(engine);
        library.emplace(&engine);
        controller.setProperty("engine", QVariant::fromValue<EngineInterface*>(&engine));
        controller.setProperty("library", QVariant::fromValue(&*library));
        controller.open(QUrl::fromLocalFile("/media/usb/office"));
    }
    void settle() {
        ASSERT_TRUE(waitFor([this] { return engine.pending() == 0; }));
    }
    PackModel model(int row) const { return controller.models()[row].value<PackModel>(); }

    FakeEngine engine;
    std::optional<Library> library;
    PackController controller;
};

TEST_F(PackPage, SaysWhatIsInItAndWhatFits) {
    EXPECT_EQ(controller.state(), State::Loading);
    settle();
    EXPECT_EQ(controller.state(), State::Ready);
    ASSERT_EQ(controller.models().size(), 3);
    EXPECT_EQ(model(0).fitShort, "Is here");
    EXPECT_EQ(model(1).fitTone, "good");
    EXPECT_EQ(model(2).fitTone, "bad");
    EXPECT_EQ(model(1).detail, "1.1 GB  ·  Licence: apache-2.0");
    EXPECT_TRUE(controller.installable());
}

TEST_F(PackPage, StoppingSaysThatNothingWasInstalled) {
    settle();
    engine.script(protocol::kInstallPack,
                  FakeAnswer{.events = {{"progress", QJsonObject{{"fraction", 0.5}}}}, .held = true});
    controller.install();
    EXPECT_EQ(controller.state(), State::Busy);
    ASSERT_TRUE(waitFor([this] { return controller.property("progress").toDouble() == 0.5; }));
    controller.check();
    controller.open(QUrl::fromLocalFile("/other"));
    EXPECT_EQ(engine.count(protocol::kCheckPack), 0) << "one at a time";
    EXPECT_EQ(engine.count(protocol::kPack), 1);
    controller.stop();
    settle();
    EXPECT_EQ(controller.state(), State::Ready);
    EXPECT_EQ(controller.property("outcome").toString(), "Stopped. Nothing was installed.");
}

TEST_F(PackPage, AFolderThatIsNoneIsSaid) {
    settle();
    engine.script(protocol::kPack,
                  FakeAnswer{.error = EngineError{"not-found", "This folder is not a pack of models.", "", ""}});
    controller.open(QUrl::fromLocalFile("/home"));
    settle();
    EXPECT_EQ(controller.state(), State::Failed);
    EXPECT_TRUE(controller.models().isEmpty());
    EXPECT_FALSE(controller.installable());
    controller.install();
    EXPECT_EQ(engine.count(protocol::kInstallPack), 0);
}

} // namespace
} // namespace nibble::gui::test
