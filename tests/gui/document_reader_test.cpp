// PDF files, spreadsheets and documents that go with a question, made here: good, damaged and hostile ones, read by the
// real nibble-reader.
#include "chat/document_reader.h"
#include "components/text_file.h"
#include "support.h"

#include <QTemporaryDir>
#include <archive.h>
#include <archive_entry.h>

namespace nibble::gui::test {
namespace {

using Parts = QList<std::pair<const char*, QByteArray>>;

QByteArray zipped(const Parts& parts) {
    std::vector<char> bytes(1 << 20);
    std::size_t used = 0;
    archive* zip = archive_write_new();
    archive_write_set_format_zip(zip);
    archive_write_open_memory(zip, bytes.data(), bytes.size(), &used);
    for (const auto& [name, content] : parts) {
        archive_entry* entry = archive_entry_new();
        archive_entry_set_pathname(entry, name);
        archive_entry_set_size(entry, content.size());
        archive_entry_set_filetype(entry, AE_IFREG);
        EXPECT_EQ(archive_write_header(zip, entry), ARCHIVE_OK);
        EXPECT_EQ(archive_write_data(zip, content.constData(), std::size_t(content.size())), content.size());
        archive_entry_free(entry);
    }
    archive_write_close(zip);
    archive_write_free(zip);
    return QByteArray(bytes.data(), qsizetype(used));
}

/// A PDF file of one page for each of `pages`, which are drawing instructions.
QByteArray pdf(const QList<QByteArray>& pages, const QByteArray& trailer = {}) {
    QByteArray kids, objects;
    for (int i = 0; i < pages.size(); ++i) {
        const QByteArray page = QByteArray::number(4 + 2 * i), content = QByteArray::number(5 + 2 * i);
        kids += page + " 0 R ";
        objects += page + " 0 obj\n<</Type/Page/Parent 2 0 R/MediaBox[0 0 595 842]/Contents " + content +
                   " 0 R/Resources<</Font<</F 3 0 R>>>>>>\nendobj\n" + content + " 0 obj\n<</Length " +
                   QByteArray::number(pages[i].size()) + ">>stream\n" + pages[i] + "\nendstream\nendobj\n";
    }
    return "%PDF-1.4\n1 0 obj\n<</Type/Catalog/Pages 2 0 R>>\nendobj\n2 0 obj\n<</Type/Pages/Kids[" + kids +
           "]/Count " + QByteArray::number(pages.size()) +
           ">>\nendobj\n3 0 obj\n<</Type/Font/Subtype/Type1/BaseFont/Helvetica>>\nendobj\n" + objects +
           "trailer\n<</Root 1 0 R/Size 99" + trailer + ">>\n%%EOF\n";
}

QByteArray line(const char* text) { return QByteArray("BT /F 12 Tf 72 700 Td (") + text + ") Tj ET"; }

QByteArray workbook(const QByteArray& sheet, const Parts& more = {}) {
    Parts parts{{"xl/workbook.xml",
                 "<workbook xmlns:r='r'><sheets><sheet name='Offers &amp; prices' r:id='a'/></sheets>"
                 "</workbook>"},
                {"xl/_rels/workbook.xml.rels", "<Relationships><Relationship Id='a' Target='worksheets/one.xml'/>"
                                               "</Relationships>"},
                {"xl/worksheets/one.xml", "<worksheet><sheetData>" + sheet + "</sheetData></worksheet>"}};
    return zipped(parts + more);
}

struct Reading : testing::Test {
    struct Result {
        QString text, note, problem;
    };
    QString file(const QByteArray& content, const QString& name) {
        QFile file(folder.filePath(name));
        EXPECT_TRUE(file.open(QIODevice::WriteOnly));
        file.write(content);
        return file.fileName();
    }
    Result read(const QByteArray& content, const QString& name = "offer", int mostCharacters = 10000) {
        const QString path = file(content, name);
        EXPECT_TRUE(DocumentReader::isDocument(path));
        DocumentReader reader(path, mostCharacters, nullptr);
        Result result;
        bool done = false;
        QObject::connect(&reader, &DocumentReader::finished, [&](const QString& text, const QString& note) {
            result = {text, note, {}};
            done = true;
        });
        QObject::connect(&reader, &DocumentReader::failed, [&](const QString& problem) {
            result.problem = problem;
            done = true;
        });
        EXPECT_TRUE(waitFor([&] { return done; }, 40000));
        return result;
    }
    bool canReadPdf() {
        QProcess process;
        process.start(NIBBLE_BIN "/nibble-reader", {"--check"});
        return process.waitForFinished() && process.readAllStandardOutput().contains("PDF");
    }
    QTemporaryDir folder;
};

TEST_F(Reading, PagesOfAPdfFile) {
    if (!canReadPdf()) GTEST_SKIP() << "built without Qt PDF";
    EXPECT_EQ(read(pdf({line("Offer 4711: 12 chairs")})).text, "Offer 4711: 12 chairs");
    const Result both = read(pdf({line("First"), "0 0 100 100 re f", line("Last")}), "scan.pdf");
    EXPECT_EQ(both.text, "[Page 1 of 3]\nFirst\n\n[Page 3 of 3]\nLast");
    EXPECT_EQ(both.note, "scan.pdf: 1 of 3 pages hold no text but pictures; the model will not see these.");
}

TEST_F(Reading, PdfFilesWithoutText) {
    if (!canReadPdf()) {
        EXPECT_TRUE(read(pdf({line("x")})).problem.contains("Qt PDF"));
        return;
    }
    EXPECT_TRUE(
        read(pdf({"0 0 100 100 re f"}), "scan.pdf").problem.startsWith("scan.pdf holds no text. If it is a scan"));
    const QByteArray locked = "/ID[<00><00>]/Encrypt<</Filter/Standard/V 2/R 3/Length 128/P -4/O<" +
                              QByteArray("41").repeated(32) + ">/U<" + QByteArray("42").repeated(32) + ">>>";
    EXPECT_EQ(read(pdf({line("x")}, locked), "pay.pdf").problem,
              "pay.pdf is protected with a password. Save it without one first.");
    EXPECT_EQ(read("%PDF-1.4 and nothing", "bad.pdf").problem, "bad.pdf is damaged and cannot be read.");
}

TEST_F(Reading, AWorkbookWithNumbersAsTheyAreMeant) {
    const Parts more{{"xl/sharedStrings.xml", "<sst><si><t>Item</t></si><si><r><t>When </t></r><r><t>due</t></r>"
                                              "<rPh><t>reading</t></rPh></si></sst>"},
                     {"xl/styles.xml",
                      "<styleSheet><numFmts><numFmt numFmtId='164' formatCode='[$-407]dd\\.mm\\.yyyy'/>"
                      "<numFmt numFmtId='165' formatCode='0.00 &quot;days&quot;'/></numFmts>"
                      "<cellStyleXfs><xf numFmtId='14'/></cellStyleXfs><cellXfs><xf numFmtId='0'/>"
                      "<xf numFmtId='164'/><xf numFmtId='9'/><xf numFmtId='22'/><xf numFmtId='165'/>"
                      "<xf numFmtId='46'/></cellXfs></styleSheet>"}};
    const Result result = read(workbook("<row><c t='s'><v>0</v></c><c r='C1' t='s'><v>1</v></c></row><row/><row/>"
                                        "<row><c s='1'><v>46086</v></c><c s='2'><v>0.19</v></c><c s='3'><v>46086.5</v>"
                                        "</c><c s='4'><v>0.30000000000000004</v></c><c s='5'><v>1.5</v></c></row>"
                                        "<row><c t='b'><v>1</v></c><c t='inlineStr'><is><t>a\tb</t></is></c>"
                                        "<c t='str'><f>A1&amp;B1</f><v>sum</v></c><c s='1'><v>1e300</v></c></row>",
                                        more));
    EXPECT_EQ(result.problem, "");
    EXPECT_EQ(result.text, "Sheet \"Offers & prices\":\nItem\t\tWhen due\n\n"
                           "2026-03-05\t19%\t2026-03-05 12:00\t0.3\t36:00:00\nTRUE\ta b\tsum\t1e+300\n\n");
}

TEST_F(Reading, OpenDocumentAndWord) {
    const QByteArray cells = "<t:table-row><t:table-cell><x:p>Item<x:s x:c='2'/>A</x:p><o:annotation><x:p>secret</x:p>"
                             "</o:annotation></t:table-cell><t:table-cell t:number-columns-repeated='2' "
                             "o:date-value='2026-03-05T10:00:00'><x:p>5.3.26</x:p></t:table-cell></t:table-row>"
                             "<t:table-row t:number-rows-repeated='1048576'><t:table-cell "
                             "t:number-columns-repeated='16384'/></t:table-row>";
    const QByteArray names = " xmlns:t='t' xmlns:x='x' xmlns:o='o'>";
    EXPECT_EQ(read(zipped({{"content.xml", "<o:spreadsheet" + names + "<t:table t:name='March'>" + cells +
                                               "</t:table></o:spreadsheet>"}}))
                  .text,
              "Sheet \"March\":\nItem A\t2026-03-05 10:00:00\t2026-03-05 10:00:00\n\n");
    EXPECT_EQ(read(zipped({{"content.xml", "<o:text" + names +
                                               "<x:h>Minutes</x:h><x:tracked-changes><x:p>gone</x:p>"
                                               "</x:tracked-changes><t:table>" +
                                               cells + "</t:table></o:text>"}}))
                  .text,
              "Minutes\nItem A\t2026-03-05 10:00:00\t2026-03-05 10:00:00\n\n");
    EXPECT_EQ(read(zipped({{"word/document.xml",
                            "<w:document xmlns:w='w'><w:p><w:pPr><w:tabs><w:tab/></w:tabs></w:pPr><w:r><w:t>Dear </w:t>"
                            "</w:r><w:r><w:t>Ann</w:t><w:delText>Bob</w:delText></w:r></w:p><w:tbl><w:tr><w:tc><w:p>"
                            "<w:r><w:t>1</w:t></w:r></w:p></w:tc><w:tc><w:p><w:r><w:t>2</w:t></w:r></w:p></w:tc></w:tr>"
                            "</w:tbl></w:document>"}}))
                  .text,
              "Dear Ann\n1\t2\n\n");
}

TEST_F(Reading, HostileFilesEndWithWords) {
    const QByteArray bomb = "<!DOCTYPE x [<!ENTITY a 'ha'><!ENTITY b '&a;&a;&a;&a;'>]><worksheet>&b;</worksheet>";
    EXPECT_EQ(read(workbook("", {{"xl/styles.xml", bomb}}), "bomb.xlsx").problem,
              "bomb.xlsx is damaged and cannot be read.");
    const QByteArray deep = QByteArray("<a>").repeated(100000);
    EXPECT_EQ(read(workbook(deep), "deep.xlsx").problem, "deep.xlsx is damaged and cannot be read.");
    EXPECT_EQ(read(workbook("<row><c r='XFE1'><v>1</v></c></row>")).text, "Sheet \"Offers & prices\":\n1\n\n");
    const QByteArray large(200 << 20, ' '); // packed, 200 KB
    EXPECT_EQ(read(workbook(large), "large.xlsx").problem, "large.xlsx is too large to be read.");
    EXPECT_TRUE(read(workbook("<row><c t='str'><v>" + QByteArray(11000, 'x') + "</v></c></row>"))
                    .problem.contains("more text than can go"));
    EXPECT_EQ(
        read(zipped({{"content.xml", "<o:text xmlns:o='o'/>"}, {"META-INF/manifest.xml", "<m><encryption-data/></m>"}}),
             "pay.ods")
            .problem,
        "pay.ods is protected with a password. Save it without one first.");
    EXPECT_TRUE(read(zipped({{"readme.txt", "x"}})).problem.contains("of a kind that cannot be read"));
    EXPECT_TRUE(read(zipped({{"word/document.xml", "<w:document xmlns:w='w'/>"}})).problem.contains("no text"));
    EXPECT_TRUE(read("\xD0\xCF\x11\xE0 old", "old.xls").problem.contains("old format"));
    QByteArray cut = workbook("<row><c><v>1</v></c></row>");
    EXPECT_TRUE(read(cut.left(cut.size() / 2), "cut.xlsx").problem.contains("cut.xlsx"));
    for (int at = 30; at < cut.size(); at += 7) { // whatever it is, there is an end and a word
        QByteArray flipped = cut;
        flipped[at] = char(~flipped[at]);
        const Result result = read(flipped);
        EXPECT_NE(result.text.isEmpty(), result.problem.isEmpty()) << at;
    }
}

TEST_F(Reading, ALostReaderIsSaid) {
    const QString path = file(workbook(""), "a.xlsx");
    qputenv("NIBBLE_READER", "/bin/false");
    EXPECT_TRUE(read(workbook(""), "a.xlsx").problem.contains("does not start"));
    QFile script(folder.filePath("slow"));
    ASSERT_TRUE(script.open(QIODevice::WriteOnly));
    script.write("#!/bin/sh\nsleep 60\n");
    script.close();
    script.setPermissions(QFile::ReadOwner | QFile::ExeOwner);
    qputenv("NIBBLE_READER", script.fileName().toUtf8());
    DocumentReader reader(path, 100, nullptr);
    qunsetenv("NIBBLE_READER");
    QSignalSpy failed(&reader, &DocumentReader::failed);
    reader.setTimeout(50);
    ASSERT_TRUE(failed.wait(5000));
    EXPECT_TRUE(failed[0][0].toString().contains("took too long"));
}

TEST_F(Reading, TextOfWindows) {
    QString problem;
    EXPECT_EQ(readTextFile(file("Preis;12 \x80;\x84gut\x93;M\xFCller\r\n", "a.csv"), 1000, problem),
              QString::fromUtf8("Preis;12 €;„gut“;Müller\r\n"));
    EXPECT_FALSE(readTextFile(file("\x89PNG\r\n\x1a\n", "a.png"), 1000, problem));
    EXPECT_TRUE(problem.contains("is not a text file"));
    EXPECT_EQ(readTextFile(file("", "empty.txt"), 1000, problem), "");
}

} // namespace
} // namespace nibble::gui::test
