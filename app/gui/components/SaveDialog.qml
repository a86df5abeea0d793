import QtCore
import QtQuick.Dialogs

/// Asks where to save a document, and proposes a name.
FileDialog {
    id: dialog

    property string proposal // without its ending

    function ask() {
        selectedFile = currentFolder + "/" + proposal + "." + defaultSuffix;
        open();
    }

    fileMode: FileDialog.SaveFile
    currentFolder: StandardPaths.writableLocation(StandardPaths.DocumentsLocation)
}
