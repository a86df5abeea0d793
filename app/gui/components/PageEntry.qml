import QtQml

/// One row of the page table in Main.qml.
QtObject {
    property string name  // what --page and App.go() call it
    property string title
    property string icon
    property url source
    property bool listed: true // in the rail
    property bool rail: true   // the rail is beside it
    property string parentPage // that the rail shows as the current one; for pages that are not listed
}
