<?xml version="1.0" encoding="utf-8"?>
<!DOCTYPE TS>
<TS version="2.1" language="de">
<context>
    <name>AnswerPair</name>
    <message>
        <source>less than 1 %</source>
        <translation>weniger als 1 %</translation>
    </message>
    <message>
        <source>over 99 %</source>
        <translation>über 99 %</translation>
    </message>
    <message>
        <source>%1 %</source>
        <translation>%1 %</translation>
    </message>
    <message>
        <source>Both answers are the same, word for word.</source>
        <translation>Beide Antworten sind Wort für Wort gleich.</translation>
    </message>
    <message>
        <source>The answers differ from the first word.</source>
        <translation>Die Antworten unterscheiden sich vom ersten Wort an.</translation>
    </message>
    <message>
        <source>The first word is the same.</source>
        <translation>Das erste Wort ist gleich.</translation>
    </message>
    <message>
        <source>The first %1 words are the same.</source>
        <translation>Die ersten %1 Wörter sind gleich.</translation>
    </message>
    <message>
        <source>From there on they go separate ways.</source>
        <translation>Von da an gehen sie getrennte Wege.</translation>
    </message>
    <message>
        <source>Here the original itself gave its own way %1</source>
        <translation>Hier gab das Original selbst seinem eigenen Weg %1</translation>
    </message>
    <message>
        <source>, and hardly anything to the other.</source>
        <translation>, und dem anderen kaum etwas.</translation>
    </message>
    <message>
        <source> and the other %1</source>
        <translation> und dem anderen %1</translation>
    </message>
    <message>
        <source>: nearly a coin toss, so this difference is harmless.</source>
        <translation>: fast ein Münzwurf, also ist dieser Unterschied harmlos.</translation>
    </message>
    <message>
        <source>They part in what the models thought before their answers.</source>
        <translation>Sie trennen sich in dem, was die Modelle vor ihren Antworten dachten.</translation>
    </message>
</context>
<context>
    <name>AnswerPane</name>
    <message>
        <source>Copy the answer of %1</source>
        <translation>Die Antwort von %1 kopieren</translation>
    </message>
</context>
<context>
    <name>AskStep</name>
    <message>
        <source>Write a short, friendly e-mail that moves Thursday&apos;s meeting to Friday at 10.</source>
        <translation>Schreiben Sie eine kurze, freundliche E-Mail, die das Treffen von Donnerstag auf Freitag um 10 Uhr verschiebt.</translation>
    </message>
    <message>
        <source>Give me a checklist for the first day of a new colleague.</source>
        <translation>Geben Sie mir eine Checkliste für den ersten Tag einer neuen Kollegin.</translation>
    </message>
    <message>
        <source>Explain in three sentences, for everyone, what an invoice must contain.</source>
        <translation>Erklären Sie in drei Sätzen, für alle verständlich, was eine Rechnung enthalten muss.</translation>
    </message>
    <message>
        <source>%1 is chosen. Small models make mistakes, so check what matters.</source>
        <translation>%1 ist gewählt. Kleine Modelle machen Fehler, prüfen Sie also, was wichtig ist.</translation>
    </message>
    <message>
        <source>Write my own</source>
        <translation>Selbst schreiben</translation>
    </message>
</context>
<context>
    <name>AskToConnect</name>
    <message>
        <source>May Nibble use the Internet to download models?</source>
        <translation>Darf Nibble das Internet benutzen, um Modelle herunterzuladen?</translation>
    </message>
    <message>
        <source>Until now it has not.</source>
        <translation>Bisher hat es das nie getan.</translation>
    </message>
    <message>
        <source>If you allow it, Nibble connects to %1 when you search there or download a model, and at no other time. What you search for and this computer&apos;s address are seen there. Chats and files are never sent; the part of Nibble that reads them has no access to the Internet.</source>
        <translation>Wenn Sie es erlauben, verbindet sich Nibble mit %1, wenn Sie dort suchen oder ein Modell herunterladen, und sonst nie. Dort sieht man, wonach Sie suchen, und die Adresse dieses Computers. Chats und Dateien werden nie gesendet; der Teil von Nibble, der sie liest, hat keinen Zugang zum Internet.</translation>
    </message>
    <message>
        <source>Every use is listed in the settings, where you can also forbid it again.</source>
        <translation>Jede Benutzung steht in den Einstellungen; dort können Sie es auch wieder verbieten.</translation>
    </message>
    <message>
        <source>Allow</source>
        <translation>Erlauben</translation>
    </message>
    <message>
        <source>Not now</source>
        <translation>Nicht jetzt</translation>
    </message>
</context>
<context>
    <name>Attachments</name>
    <message>
        <source>File %1, %2</source>
        <translation>Datei %1, %2</translation>
    </message>
    <message>
        <source>%1  ·  %2</source>
        <translation>%1  ·  %2</translation>
    </message>
    <message>
        <source>Leave out %1</source>
        <translation>%1 weglassen</translation>
    </message>
</context>
<context>
    <name>ChatExport</name>
    <message>
        <source>You</source>
        <translation>Sie</translation>
    </message>
    <message>
        <source>Answer</source>
        <translation>Antwort</translation>
    </message>
    <message>
        <source>Instructions:</source>
        <translation>Anweisungen:</translation>
    </message>
    <message>
        <source>Files:</source>
        <translation>Dateien:</translation>
    </message>
</context>
<context>
    <name>ChatHeader</name>
    <message>
        <source>All chats</source>
        <translation>Alle Chats</translation>
    </message>
    <message>
        <source>My own instructions</source>
        <translation>Eigene Anweisungen</translation>
    </message>
    <message>
        <source>What the model is told before this chat (Ctrl+I)</source>
        <translation>Was dem Modell vor diesem Chat gesagt wird (Strg+I)</translation>
    </message>
    <message>
        <source>Copy the whole chat</source>
        <translation>Den ganzen Chat kopieren</translation>
    </message>
    <message>
        <source>Save the chat as a document (Ctrl+S)</source>
        <translation>Den Chat als Dokument speichern (Strg+S)</translation>
    </message>
</context>
<context>
    <name>ChatRow</name>
    <message>
        <source>New name of the chat</source>
        <translation>Neuer Name des Chats</translation>
    </message>
    <message>
        <source>Delete this chat?</source>
        <translation>Diesen Chat löschen?</translation>
    </message>
    <message>
        <source>Rename %1 (F2)</source>
        <translation>%1 umbenennen (F2)</translation>
    </message>
    <message>
        <source>Yes, delete %1</source>
        <translation>Ja, %1 löschen</translation>
    </message>
    <message>
        <source>Delete %1</source>
        <translation>%1 löschen</translation>
    </message>
    <message>
        <source>Keep it</source>
        <translation>Behalten</translation>
    </message>
    <message>
        <source>Delete it for good?</source>
        <translation>Endgültig löschen?</translation>
    </message>
</context>
<context>
    <name>ChatWords</name>
    <message>
        <source>Stopped</source>
        <translation>Angehalten</translation>
    </message>
    <message>
        <source>Stopped: the answer reached its longest length</source>
        <translation>Angehalten: Die Antwort hat ihre größte Länge erreicht</translation>
    </message>
    <message>
        <source>Stopped: the chat fills all the model can keep in mind</source>
        <translation>Angehalten: Der Chat füllt alles, was das Modell im Gedächtnis behalten kann</translation>
    </message>
    <message>
        <source>The oldest message was left out</source>
        <translation>Die älteste Nachricht wurde weggelassen</translation>
    </message>
    <message>
        <source>The %1 oldest messages were left out</source>
        <translation>Die %1 ältesten Nachrichten wurden weggelassen</translation>
    </message>
    <message>
        <source>%1 tokens per second</source>
        <translation>%1 Tokens je Sekunde</translation>
    </message>
    <message>
        <source>%1 of %2 tokens in mind</source>
        <translation>%1 von %2 Tokens</translation>
    </message>
    <message>
        <source>%1: nearly full</source>
        <translation>%1: fast voll</translation>
    </message>
    <message>
        <source>Running on the processor</source>
        <translation>Läuft auf dem Prozessor</translation>
    </message>
    <message>
        <source>Running on the graphics card</source>
        <translation>Läuft auf der Grafikkarte</translation>
    </message>
    <message>
        <source>%1 of %2 layers on the graphics card</source>
        <translation>%1 von %2 Schichten auf der Grafikkarte</translation>
    </message>
    <message>
        <source>The model&apos;s own style</source>
        <translation>Eigener Stil</translation>
    </message>
    <message>
        <source>Precise</source>
        <translation>Genau</translation>
    </message>
    <message>
        <source>Balanced</source>
        <translation>Ausgewogen</translation>
    </message>
    <message>
        <source>Creative</source>
        <translation>Kreativ</translation>
    </message>
</context>
<context>
    <name>ChatsPane</name>
    <message>
        <source>New chat</source>
        <translation>Neuer Chat</translation>
    </message>
    <message>
        <source>Ctrl+N</source>
        <translation>Strg+N</translation>
    </message>
    <message>
        <source>Search chats</source>
        <translation>Chats durchsuchen</translation>
    </message>
    <message>
        <source>Search all chats</source>
        <translation>Alle Chats durchsuchen</translation>
    </message>
    <message>
        <source>Chats</source>
        <translation>Chats</translation>
    </message>
    <message>
        <source>Chats are saved here, on this computer only.</source>
        <translation>Chats werden hier gespeichert, nur auf diesem Computer.</translation>
    </message>
    <message>
        <source>No chat has these words.</source>
        <translation>Kein Chat enthält diese Wörter.</translation>
    </message>
    <message>
        <source>Search these chats</source>
        <translation>Diese Chats durchsuchen</translation>
    </message>
    <message>
        <source>No chat here has these words.</source>
        <translation>Kein Chat hier enthält diese Wörter.</translation>
    </message>
    <message>
        <source>No chats in this project yet. A new chat will be in it.</source>
        <translation>Noch keine Chats in diesem Projekt. Ein neuer Chat kommt hinein.</translation>
    </message>
    <message>
        <source>This chat is in</source>
        <translation>Dieser Chat liegt in</translation>
    </message>
    <message>
        <source>Project of this chat</source>
        <translation>Projekt dieses Chats</translation>
    </message>
    <message>
        <source>Put this chat back</source>
        <translation>Chat zurückholen</translation>
    </message>
</context>
<context>
    <name>CheckResult</name>
    <message>
        <source>%1 words/s</source>
        <translation>%1 Wörter/s</translation>
    </message>
    <message>
        <source>%1 %</source>
        <translation>%1 %</translation>
    </message>
    <message>
        <source>between %1 and %2&#xa0;%</source>
        <translation>zwischen %1 und %2&#xa0;%</translation>
    </message>
    <message>
        <source>KL divergence %1 ± %2 nats per token, 99 %: %3, 99.9 %: %4</source>
        <translation>KL-Divergenz %1 ± %2 nats je Token, 99 %: %3, 99,9 %: %4</translation>
    </message>
    <message>
        <source>%1%2 %</source>
        <translation>%1%2 %</translation>
    </message>
    <message>
        <source>Quick look: %1 places in %2.</source>
        <translation>Kurzer Blick: %1 Stellen in %2.</translation>
    </message>
</context>
<context>
    <name>Choice</name>
    <message>
        <source>Choose…</source>
        <translation>Auswählen…</translation>
    </message>
</context>
<context>
    <name>ChoiceRow</name>
    <message>
        <source>Download</source>
        <translation>Herunterladen</translation>
    </message>
    <message>
        <source>Download %1</source>
        <translation>%1 herunterladen</translation>
    </message>
</context>
<context>
    <name>CodeBlock</name>
    <message>
        <source>Code</source>
        <translation>Programmtext</translation>
    </message>
    <message>
        <source>code</source>
        <translation>Programmtext</translation>
    </message>
    <message>
        <source>Copy the code</source>
        <translation>Den Programmtext kopieren</translation>
    </message>
</context>
<context>
    <name>Composer</name>
    <message>
        <source>Send</source>
        <translation>Senden</translation>
    </message>
    <message>
        <source>Your message</source>
        <translation>Ihre Nachricht</translation>
    </message>
    <message>
        <source>Enter sends, Shift and Enter starts a new line</source>
        <translation>Eingabe sendet, Umschalt und Eingabe beginnt eine neue Zeile</translation>
    </message>
    <message>
        <source>Cancel</source>
        <translation>Abbrechen</translation>
    </message>
    <message>
        <source>Stop</source>
        <translation>Anhalten</translation>
    </message>
    <message>
        <source>What was written stays (Esc).</source>
        <translation>Was geschrieben ist, bleibt (Esc).</translation>
    </message>
    <message>
        <source>Add files: text, PDF, spreadsheets</source>
        <translation>Dateien hinzufügen: Text, PDF, Tabellen</translation>
    </message>
</context>
<context>
    <name>ComputerStep</name>
    <message>
        <source>This computer</source>
        <translation>Dieser Computer</translation>
    </message>
    <message>
        <source>How fast it writes</source>
        <translation>Wie schnell er schreibt</translation>
    </message>
    <message>
        <source>Testing, about two seconds. A graphics card is tested more thoroughly the first time.</source>
        <translation>Der Test dauert etwa zwei Sekunden. Eine Grafikkarte wird beim ersten Mal gründlicher geprüft.</translation>
    </message>
    <message>
        <source>Testing this computer</source>
        <translation>Dieser Computer wird getestet</translation>
    </message>
    <message>
        <source>Test again</source>
        <translation>Noch einmal testen</translation>
    </message>
</context>
<context>
    <name>ContextMeter</name>
    <message>
        <source>Context: %1</source>
        <translation>Gedächtnis: %1</translation>
    </message>
    <message>
        <source>Like a whiteboard: when it is full, the oldest messages have to go.</source>
        <translation>Wie eine Tafel: Ist sie voll, müssen die ältesten Nachrichten weichen.</translation>
    </message>
</context>
<context>
    <name>ConversationView</name>
    <message>
        <source>Conversation</source>
        <translation>Gespräch</translation>
    </message>
</context>
<context>
    <name>Database</name>
    <message>
        <source>Nothing can be saved in %1: %2</source>
        <translation>In %1 kann nichts gespeichert werden: %2</translation>
    </message>
    <message>
        <source>The file %1 was written by a newer Nibble.</source>
        <translation>Die Datei %1 wurde von einem neueren Nibble geschrieben.</translation>
    </message>
    <message>
        <source>This could not be saved: %1</source>
        <translation>Das konnte nicht gespeichert werden: %1</translation>
    </message>
</context>
<context>
    <name>DriftPicture</name>
    <message>
        <source>Drift along the text</source>
        <translation>Abweichung entlang des Textes</translation>
    </message>
    <message>
        <source>The numbers are those of the worst moments.</source>
        <translation>Die Nummern sind die der schlimmsten Stellen.</translation>
    </message>
    <message>
        <source>Drift along the text, %1 bars. %2</source>
        <translation>Abweichung entlang des Textes, %1 Balken. %2</translation>
    </message>
    <message>
        <source>Start of the text</source>
        <translation>Anfang des Textes</translation>
    </message>
    <message>
        <source>End</source>
        <translation>Ende</translation>
    </message>
    <message>
        <source>Hide the values</source>
        <translation>Werte verbergen</translation>
    </message>
    <message>
        <source>Show the values as a list</source>
        <translation>Werte als Liste zeigen</translation>
    </message>
</context>
<context>
    <name>DropPlaces</name>
    <message>
        <source>Drop the chat here:</source>
        <translation>Chat hier ablegen:</translation>
    </message>
</context>
<context>
    <name>EmptyChat</name>
    <message>
        <source>Write a short, friendly email that moves Thursday&apos;s meeting to Friday at 10.</source>
        <translation>Schreiben Sie eine kurze, freundliche E-Mail, die das Treffen von Donnerstag auf Freitag um 10 Uhr verschiebt.</translation>
    </message>
    <message>
        <source>Explain in three sentences what a language model is.</source>
        <translation>Erklären Sie in drei Sätzen, was ein Sprachmodell ist.</translation>
    </message>
    <message>
        <source>Give me a checklist for preparing a team meeting.</source>
        <translation>Geben Sie mir eine Checkliste zur Vorbereitung einer Teambesprechung.</translation>
    </message>
    <message>
        <source>Choose a model to chat with</source>
        <translation>Wählen Sie ein Modell zum Chatten</translation>
    </message>
    <message>
        <source>Getting %1 ready…</source>
        <translation>%1 wird vorbereitet…</translation>
    </message>
    <message>
        <source>Ask %1 something</source>
        <translation>Fragen Sie %1 etwas</translation>
    </message>
    <message>
        <source>Small models make mistakes, so check what matters. Nothing you write leaves this computer.</source>
        <translation>Kleine Modelle machen Fehler, prüfen Sie also, was wichtig ist. Nichts, was Sie schreiben, verlässt diesen Computer.</translation>
    </message>
    <message>
        <source>Any model from the Models page that fits this computer.</source>
        <translation>Jedes Modell der Seite Modelle, das auf diesen Computer passt.</translation>
    </message>
    <message>
        <source>Go to Models</source>
        <translation>Zu den Modellen</translation>
    </message>
</context>
<context>
    <name>Engine</name>
    <message>
        <source>Fits, with %1 to spare</source>
        <translation>Passt, %1 bleiben frei</translation>
    </message>
    <message>
        <source>Fits on the graphics card, with %1 to spare</source>
        <translation>Passt auf die Grafikkarte, %1 bleiben frei</translation>
    </message>
    <message>
        <source>Fits, %1 of %2 layers on the graphics card, with %3 to spare</source>
        <translation>Passt, %1 von %2 Schichten auf der Grafikkarte, %3 bleiben frei</translation>
    </message>
    <message>
        <source>Just fits, with %1 to spare: close other programs first</source>
        <translation>Passt gerade noch, %1 bleiben frei: erst andere Programme schließen</translation>
    </message>
    <message>
        <source>Just fits on the graphics card, with %1 to spare: close other programs first</source>
        <translation>Passt gerade noch auf die Grafikkarte, %1 bleiben frei: erst andere Programme schließen</translation>
    </message>
    <message>
        <source>Just fits, %1 of %2 layers on the graphics card, with %3 to spare: close other programs first</source>
        <translation>Passt gerade noch, %1 von %2 Schichten auf der Grafikkarte, %3 bleiben frei: erst andere Programme schließen</translation>
    </message>
    <message>
        <source>Does not fit: %1 of memory are missing</source>
        <translation>Passt nicht: %1 Arbeitsspeicher fehlen</translation>
    </message>
    <message>
        <source>Does not fit: %1 of the graphics card&apos;s memory are missing</source>
        <translation>Passt nicht: %1 Speicher der Grafikkarte fehlen</translation>
    </message>
    <message>
        <source>Almost identical</source>
        <translation>Fast identisch</translation>
    </message>
    <message>
        <source>Half the size; differences are hard to find</source>
        <translation>Halb so groß; Unterschiede sind kaum zu finden</translation>
    </message>
    <message>
        <source>Very close</source>
        <translation>Sehr nah</translation>
    </message>
    <message>
        <source>40 % of the size</source>
        <translation>40 % der Größe</translation>
    </message>
    <message>
        <source>Close</source>
        <translation>Nah</translation>
    </message>
    <message>
        <source>One third of the size</source>
        <translation>Ein Drittel der Größe</translation>
    </message>
    <message>
        <source>30 % of the size; small slips possible</source>
        <translation>30 % der Größe; kleine Patzer möglich</translation>
    </message>
    <message>
        <source>Small</source>
        <translation>Klein</translation>
    </message>
    <message>
        <source>A quarter of the size; only if nothing else fits, expect mistakes</source>
        <translation>Ein Viertel der Größe; nur wenn sonst nichts passt, mit Fehlern ist zu rechnen</translation>
    </message>
    <message>
        <source>Emergency</source>
        <translation>Notlösung</translation>
    </message>
    <message>
        <source>20 % of the size; expect many mistakes</source>
        <translation>20 % der Größe; mit vielen Fehlern ist zu rechnen</translation>
    </message>
    <message>
        <source>processor</source>
        <translation>Prozessor</translation>
    </message>
    <message>
        <source>graphics card</source>
        <translation>Grafikkarte</translation>
    </message>
    <message>
        <source>integrated graphics</source>
        <translation>integrierte Grafik</translation>
    </message>
    <message>
        <source>virtual graphics card</source>
        <translation>virtuelle Grafikkarte</translation>
    </message>
    <message>
        <source>software</source>
        <translation>Software</translation>
    </message>
    <message>
        <source>The graphics drivers of this computer offer no device.</source>
        <translation>Die Grafiktreiber dieses Computers bieten kein Gerät an.</translation>
    </message>
    <message>
        <source>There is no graphics card that Nibble can use.</source>
        <translation>Es gibt keine Grafikkarte, die Nibble nutzen kann.</translation>
    </message>
    <message>
        <source>%1 is used only where it is chosen.</source>
        <translation>%1 wird nur genutzt, wenn sie ausgewählt ist.</translation>
    </message>
    <message>
        <source>%1 has not been tested yet: run `nibble-cli doctor`.</source>
        <translation>%1 wurde noch nicht geprüft: Starten Sie `nibble-cli doctor`.</translation>
    </message>
    <message>
        <source>%1 failed its test (%2), so it is not used. A newer graphics driver may help.</source>
        <translation>%1 hat die Prüfung nicht bestanden (%2) und wird deshalb nicht genutzt. Ein neuerer Grafiktreiber hilft vielleicht.</translation>
    </message>
    <message>
        <source>%1 is not faster than the processor: in its test it wrote at %2 % and read at %3 % of the processor&apos;s speed.</source>
        <translation>%1 ist nicht schneller als der Prozessor: In der Prüfung schrieb sie mit %2 % und las mit %3 % der Geschwindigkeit des Prozessors.</translation>
    </message>
    <message>
        <source>%1 cannot run this model, so the processor does the work. %2</source>
        <translation>%1 kann dieses Modell nicht ausführen, deshalb arbeitet der Prozessor. %2</translation>
    </message>
    <message>
        <source>%1 computes %2 weights wrongly, so the processor does the work.</source>
        <translation>%1 rechnet mit Gewichten im Format %2 falsch, deshalb arbeitet der Prozessor.</translation>
    </message>
    <message>
        <source>%1 computes layers of experts wrongly, so the processor does the work.</source>
        <translation>%1 rechnet bei Experten-Schichten falsch, deshalb arbeitet der Prozessor.</translation>
    </message>
    <message>
        <source>%1 has %2 of free memory: room for %3 of %4 layers.</source>
        <translation>%1 hat %2 freien Speicher: Platz für %3 von %4 Schichten.</translation>
    </message>
    <message>
        <source>Testing the processor</source>
        <translation>Der Prozessor wird getestet</translation>
    </message>
    <message>
        <source>Testing the graphics card</source>
        <translation>Die Grafikkarte wird geprüft</translation>
    </message>
    <message>
        <source>Loading</source>
        <translation>Wird geladen</translation>
    </message>
    <message>
        <source>Reading</source>
        <translation>Wird gelesen</translation>
    </message>
    <message>
        <source>Checking the weights</source>
        <translation>Die Gewichte werden geprüft</translation>
    </message>
    <message>
        <source>Checking the formats</source>
        <translation>Die Formate werden geprüft</translation>
    </message>
    <message>
        <source>Learning what matters</source>
        <translation>Lernt, worauf es ankommt</translation>
    </message>
    <message>
        <source>Measuring what rounding costs</source>
        <translation>Misst, was das Runden kostet</translation>
    </message>
    <message>
        <source>Trying formats</source>
        <translation>Probiert Formate aus</translation>
    </message>
    <message>
        <source>Making smaller</source>
        <translation>Wird verkleinert</translation>
    </message>
    <message>
        <source>Converting</source>
        <translation>Wird umgewandelt</translation>
    </message>
    <message>
        <source>Comparing</source>
        <translation>Wird verglichen</translation>
    </message>
    <message>
        <source>Writing the passport</source>
        <translation>Der Qualitätspass wird geschrieben</translation>
    </message>
    <message>
        <source>Almost identical. %1 of 100 next words match the original (%2-%3).</source>
        <translation>Fast identisch. %1 von 100 nächsten Wörtern stimmen mit dem Original überein (%2-%3).</translation>
    </message>
    <message>
        <source>Very close. %1 of 100 next words match the original (%2-%3).</source>
        <translation>Sehr nah. %1 von 100 nächsten Wörtern stimmen mit dem Original überein (%2-%3).</translation>
    </message>
    <message>
        <source>Close. %1 of 100 next words match the original (%2-%3).</source>
        <translation>Nah. %1 von 100 nächsten Wörtern stimmen mit dem Original überein (%2-%3).</translation>
    </message>
    <message>
        <source>Noticeable. %1 of 100 next words match the original (%2-%3).</source>
        <translation>Merklich anders. %1 von 100 nächsten Wörtern stimmen mit dem Original überein (%2-%3).</translation>
    </message>
    <message>
        <source>Weak. %1 of 100 next words match the original (%2-%3).</source>
        <translation>Schwach. %1 von 100 nächsten Wörtern stimmen mit dem Original überein (%2-%3).</translation>
    </message>
    <message>
        <source>Broken. %1 of 100 next words match the original (%2-%3).</source>
        <translation>Unbrauchbar. %1 von 100 nächsten Wörtern stimmen mit dem Original überein (%2-%3).</translation>
    </message>
    <message>
        <source>It has no chat template: it continues text, but was perhaps not made for conversation.</source>
        <translation>Es bringt keine Gesprächsvorlage mit: Es setzt Texte fort, ist aber vielleicht nicht für Gespräche gemacht.</translation>
    </message>
    <message>
        <source>This model&apos;s file is incomplete.</source>
        <translation>Die Datei dieses Modells ist unvollständig.</translation>
    </message>
    <message>
        <source>The weights of this model are missing.</source>
        <translation>Die Gewichte dieses Modells fehlen.</translation>
    </message>
    <message>
        <source>Nibble cannot read this model&apos;s tokenizer yet.</source>
        <translation>Nibble kann den Tokenizer dieses Modells noch nicht lesen.</translation>
    </message>
    <message>
        <source>This file lets another model see pictures; it is not a model by itself.</source>
        <translation>Diese Datei lässt ein anderes Modell Bilder sehen; sie ist selbst kein Modell.</translation>
    </message>
    <message>
        <source>This file holds statistics for making a model smaller; it is not a model.</source>
        <translation>Diese Datei enthält Statistiken zum Verkleinern eines Modells; sie ist kein Modell.</translation>
    </message>
    <message>
        <source>This file changes another model (an adapter); it is not a model by itself.</source>
        <translation>Diese Datei verändert ein anderes Modell (ein Adapter); sie ist selbst kein Modell.</translation>
    </message>
    <message>
        <source>This file holds a vocabulary only; it is not a model.</source>
        <translation>Diese Datei enthält nur einen Wortschatz; sie ist kein Modell.</translation>
    </message>
    <message>
        <source>Stopped.</source>
        <translation>Angehalten.</translation>
    </message>
    <message>
        <source>There is not enough memory for this.</source>
        <translation>Dafür ist nicht genug Arbeitsspeicher da.</translation>
    </message>
    <message>
        <source>There is not enough memory to load this model.</source>
        <translation>Es ist nicht genug Arbeitsspeicher da, um dieses Modell zu laden.</translation>
    </message>
    <message>
        <source>This model needs %1 of memory, %2 more than is free now.</source>
        <translation>Dieses Modell braucht %1 Arbeitsspeicher, %2 mehr, als gerade frei sind.</translation>
    </message>
    <message>
        <source>Close other programs, choose a shorter context or make the model smaller.</source>
        <translation>Schließen Sie andere Programme, wählen Sie ein kürzeres Gedächtnis oder verkleinern Sie das Modell.</translation>
    </message>
    <message>
        <source>A smaller model or a shorter context usually helps.</source>
        <translation>Meist hilft ein kleineres Modell oder ein kürzeres Gedächtnis.</translation>
    </message>
    <message>
        <source>The conversation is too long for the model&apos;s memory.</source>
        <translation>Das Gespräch ist zu lang für das Gedächtnis des Modells.</translation>
    </message>
    <message>
        <source>Start a new conversation, let the oldest messages be forgotten, or load the model with a longer context.</source>
        <translation>Beginnen Sie ein neues Gespräch, lassen Sie die ältesten Nachrichten vergessen oder laden Sie das Modell mit einem längeren Gedächtnis.</translation>
    </message>
    <message>
        <source>The disk is full.</source>
        <translation>Der Datenträger ist voll.</translation>
    </message>
    <message>
        <source>Free some space, or choose another disk.</source>
        <translation>Schaffen Sie Platz oder wählen Sie einen anderen Datenträger.</translation>
    </message>
    <message>
        <source>%1 does not exist.</source>
        <translation>%1 ist nicht vorhanden.</translation>
    </message>
    <message>
        <source>%1 is not a model.</source>
        <translation>%1 ist kein Modell.</translation>
    </message>
    <message>
        <source>%1 could not be opened.</source>
        <translation>%1 konnte nicht geöffnet werden.</translation>
    </message>
    <message>
        <source>Check the path, or choose the file again.</source>
        <translation>Prüfen Sie den Pfad oder wählen Sie die Datei noch einmal aus.</translation>
    </message>
    <message>
        <source>Choose another model.</source>
        <translation>Wählen Sie ein anderes Modell.</translation>
    </message>
    <message>
        <source>Choose a .gguf file, or a folder with config.json and model.safetensors.</source>
        <translation>Wählen Sie eine .gguf-Datei oder einen Ordner mit config.json und model.safetensors.</translation>
    </message>
    <message>
        <source>Download the model again.</source>
        <translation>Laden Sie das Modell noch einmal herunter.</translation>
    </message>
    <message>
        <source>Download the model again or choose another one.</source>
        <translation>Laden Sie das Modell noch einmal herunter oder wählen Sie ein anderes.</translation>
    </message>
    <message>
        <source>Download the model again, with all its files.</source>
        <translation>Laden Sie das Modell mit allen seinen Dateien noch einmal herunter.</translation>
    </message>
    <message>
        <source>The file is damaged. Download it again.</source>
        <translation>Die Datei ist beschädigt. Laden Sie sie noch einmal herunter.</translation>
    </message>
    <message>
        <source>This model was already made smaller; doing it again would lose quality twice.</source>
        <translation>Dieses Modell wurde schon einmal verkleinert; noch einmal verlöre doppelt an Qualität.</translation>
    </message>
    <message>
        <source>The graphics card stopped working.</source>
        <translation>Die Grafikkarte arbeitet nicht mehr.</translation>
    </message>
    <message>
        <source>The graphics card has not enough free memory.</source>
        <translation>Die Grafikkarte hat nicht genug freien Speicher.</translation>
    </message>
    <message>
        <source>The graphics card&apos;s driver reported an error.</source>
        <translation>Der Treiber der Grafikkarte hat einen Fehler gemeldet.</translation>
    </message>
    <message>
        <source>Run the model on the processor.</source>
        <translation>Führen Sie das Modell auf dem Prozessor aus.</translation>
    </message>
    <message>
        <source>Something went wrong inside Nibble.</source>
        <translation>In Nibble ist etwas schiefgegangen.</translation>
    </message>
    <message>
        <source>Please report this as a bug.</source>
        <translation>Bitte melden Sie das als Fehler.</translation>
    </message>
    <message>
        <source>It computes on the processor, which Nibble does faster by itself.</source>
        <translation>Es rechnet auf dem Prozessor, was Nibble selbst schneller kann.</translation>
    </message>
    <message>
        <source>Nibble&apos;s sample text</source>
        <translation>Nibbles Beispieltext</translation>
    </message>
    <message>
        <source>Good balance</source>
        <translation>Gute Mitte</translation>
    </message>
    <message>
        <source>Noticeable</source>
        <translation>Merklich</translation>
    </message>
    <message>
        <source>Weak</source>
        <translation>Schwach</translation>
    </message>
    <message>
        <source>Broken</source>
        <translation>Unbrauchbar</translation>
    </message>
    <message>
        <source>This model is of the kind &quot;%1&quot;, which Nibble cannot run yet: it has recurrent layers together with experts.</source>
        <translation>Dieses Modell ist von der Art „%1“, die Nibble noch nicht rechnen kann: Es hat rekurrente Schichten zusammen mit Experten.</translation>
    </message>
    <message>
        <source>This model is of the kind &quot;%1&quot;, which Nibble cannot run yet: it has latent attention, whose keys and values are kept compressed.</source>
        <translation>Dieses Modell ist von der Art „%1“, die Nibble noch nicht rechnen kann: Es hat latente Attention, deren Schlüssel und Werte verdichtet aufbewahrt werden.</translation>
    </message>
    <message>
        <source>This model is of the kind &quot;%1&quot;, which Nibble cannot run yet: it has state-space layers.</source>
        <translation>Dieses Modell ist von der Art „%1“, die Nibble noch nicht rechnen kann: Es hat Zustandsraum-Schichten.</translation>
    </message>
    <message>
        <source>This model is of the kind &quot;%1&quot;, which Nibble cannot run yet: it has short convolutions instead of attention in many layers.</source>
        <translation>Dieses Modell ist von der Art „%1“, die Nibble noch nicht rechnen kann: Es hat in vielen Schichten kurze Faltungen statt Attention.</translation>
    </message>
    <message>
        <source>This model is of the kind &quot;%1&quot;, which Nibble cannot run yet: it has time mixing instead of attention.</source>
        <translation>Dieses Modell ist von der Art „%1“, die Nibble noch nicht rechnen kann: Es hat Zeitmischung statt Attention.</translation>
    </message>
    <message>
        <source>This model is of the kind &quot;%1&quot;, which Nibble cannot run yet: it has several hidden states side by side.</source>
        <translation>Dieses Modell ist von der Art „%1“, die Nibble noch nicht rechnen kann: Es hat mehrere verborgene Zustände nebeneinander.</translation>
    </message>
    <message>
        <source>This model is of the kind &quot;%1&quot;, which Nibble cannot run yet: it has experts that every word passes beside those it chooses.</source>
        <translation>Dieses Modell ist von der Art „%1“, die Nibble noch nicht rechnen kann: Es hat Experten, die jedes Wort neben den gewählten durchläuft.</translation>
    </message>
    <message>
        <source>This model is of the kind &quot;%1&quot;, which Nibble cannot run yet: it has attention and feed-forward side by side.</source>
        <translation>Dieses Modell ist von der Art „%1“, die Nibble noch nicht rechnen kann: Es hat Attention und Feed-Forward nebeneinander.</translation>
    </message>
    <message>
        <source>This model is of the kind &quot;%1&quot;, which Nibble cannot run yet: it has learned or sloped positions instead of turned ones.</source>
        <translation>Dieses Modell ist von der Art „%1“, die Nibble noch nicht rechnen kann: Es hat gelernte oder geneigte statt gedrehter Positionen.</translation>
    </message>
    <message>
        <source>This model is of the kind &quot;%1&quot;, which Nibble cannot run yet: it has layers that look in both directions: it turns text into numbers and does not write.</source>
        <translation>Dieses Modell ist von der Art „%1“, die Nibble noch nicht rechnen kann: Es hat Schichten, die in beide Richtungen blicken: Es macht aus Text Zahlen und schreibt nicht.</translation>
    </message>
    <message>
        <source>This model is of the kind &quot;%1&quot;, which Nibble cannot run yet: it has parts for images or sound that its text depends on.</source>
        <translation>Dieses Modell ist von der Art „%1“, die Nibble noch nicht rechnen kann: Es hat Teile für Bilder oder Töne, von denen sein Text abhängt.</translation>
    </message>
    <message>
        <source>This model is of the kind &quot;%1&quot;, which Nibble cannot run yet.</source>
        <translation>Dieses Modell ist von der Art „%1“, die Nibble noch nicht rechnen kann.</translation>
    </message>
    <message>
        <source>It can be inspected. Nibble runs models of the kinds %1.</source>
        <translation>Es lässt sich ansehen. Nibble rechnet Modelle der Arten %1.</translation>
    </message>
    <message>
        <source>It can be inspected and made smaller. Nibble runs models of the kinds %1.</source>
        <translation>Es lässt sich ansehen und verkleinern. Nibble rechnet Modelle der Arten %1.</translation>
    </message>
    <message>
        <source>This model uses the weight format %1, which Nibble cannot read yet.</source>
        <translation>Dieses Modell benutzt das Gewichtsformat %1, das Nibble noch nicht lesen kann.</translation>
    </message>
    <message>
        <source>This model holds %1, which Nibble cannot read yet.</source>
        <translation>Dieses Modell enthält %1, was Nibble noch nicht lesen kann.</translation>
    </message>
    <message>
        <source>This model was already made smaller with %1, which is not supported yet.</source>
        <translation>Dieses Modell wurde bereits mit %1 verkleinert, was noch nicht unterstützt wird.</translation>
    </message>
    <message>
        <source>This model has a part that Nibble does not know, so its answers would be wrong.</source>
        <translation>Dieses Modell hat einen Teil, den Nibble nicht kennt; seine Antworten wären falsch.</translation>
    </message>
    <message>
        <source>This file holds a vocabulary only, no weights.</source>
        <translation>Diese Datei enthält nur ein Vokabular, keine Gewichte.</translation>
    </message>
    <message>
        <source>The model&apos;s tokenizer is damaged.</source>
        <translation>Der Tokenizer des Modells ist beschädigt.</translation>
    </message>
    <message>
        <source>This model does not say how a conversation is written down for it.</source>
        <translation>Dieses Modell sagt nicht, wie ein Gespräch für es aufgeschrieben wird.</translation>
    </message>
    <message>
        <source>Choose another version of this model.</source>
        <translation>Wählen Sie eine andere Fassung dieses Modells.</translation>
    </message>
    <message>
        <source>Choose another model, or a GGUF file of this one.</source>
        <translation>Wählen Sie ein anderes Modell oder eine GGUF-Datei von diesem.</translation>
    </message>
    <message>
        <source>Choose the original model, or a GGUF file of it.</source>
        <translation>Wählen Sie das Originalmodell oder eine GGUF-Datei davon.</translation>
    </message>
    <message>
        <source>Use another model, or a GGUF file of this one.</source>
        <translation>Nehmen Sie ein anderes Modell oder eine GGUF-Datei von diesem.</translation>
    </message>
    <message>
        <source>Use another model, or another file of this one.</source>
        <translation>Nehmen Sie ein anderes Modell oder eine andere Datei von diesem.</translation>
    </message>
    <message>
        <source>This is not the name of a model on a hub: %1</source>
        <translation>Das ist kein Name eines Modells: %1</translation>
    </message>
    <message>
        <source>Write it like owner/model, for example %1, or paste the link to its page.</source>
        <translation>Schreiben Sie ihn wie owner/model, zum Beispiel %1, oder fügen Sie den Link zu seiner Seite ein.</translation>
    </message>
    <message>
        <source>The hub names a file in a way that is not allowed: %1</source>
        <translation>Der Hub nennt eine Datei auf eine Art, die nicht erlaubt ist: %1</translation>
    </message>
    <message>
        <source>Nothing was downloaded. Choose another model, or tell the hub about it.</source>
        <translation>Nichts wurde heruntergeladen. Wählen Sie ein anderes Modell, oder melden Sie es dem Hub.</translation>
    </message>
    <message>
        <source>The address of the hub cannot be used: %1</source>
        <translation>Die Adresse des Hubs ist nicht brauchbar: %1</translation>
    </message>
    <message>
        <source>It has to begin with https:// (or http://127.0.0.1 on this computer).</source>
        <translation>Sie muss mit https:// beginnen (oder http://127.0.0.1 auf diesem Computer).</translation>
    </message>
    <message>
        <source>The connection to %1 is not safe: this computer does not trust its certificate.</source>
        <translation>Die Verbindung zu %1 ist nicht sicher: Dieser Computer vertraut dem Zertifikat nicht.</translation>
    </message>
    <message>
        <source>If your office inspects encrypted traffic, ask its IT to install the office&apos;s certificate on this computer. Check the clock of this computer, too.</source>
        <translation>Falls Ihr Büro verschlüsselte Verbindungen prüft, bitten Sie die IT, das Zertifikat des Büros auf diesem Computer zu installieren. Prüfen Sie auch die Uhr des Computers.</translation>
    </message>
    <message>
        <source>The proxy cannot be found.</source>
        <translation>Der Proxy ist nicht zu finden.</translation>
    </message>
    <message>
        <source>Check the proxy in the system&apos;s settings (HTTPS_PROXY).</source>
        <translation>Prüfen Sie den Proxy in den Einstellungen des Systems (HTTPS_PROXY).</translation>
    </message>
    <message>
        <source>The hub&apos;s answer leads to an address that is not allowed.</source>
        <translation>Die Antwort des Hubs führt zu einer Adresse, die nicht erlaubt ist.</translation>
    </message>
    <message>
        <source>Nothing was downloaded. Choose another model or hub.</source>
        <translation>Nichts wurde heruntergeladen. Wählen Sie ein anderes Modell oder einen anderen Hub.</translation>
    </message>
    <message>
        <source>The hub gives this model only to people who have signed in and agreed to its terms, or it does not exist.</source>
        <translation>Der Hub gibt dieses Modell nur an Angemeldete, die seinen Bedingungen zugestimmt haben, oder es gibt es nicht.</translation>
    </message>
    <message>
        <source>The hub has nothing of this name.</source>
        <translation>Der Hub hat nichts unter diesem Namen.</translation>
    </message>
    <message>
        <source>Check the name: owner/model, with capital letters where the hub has them.</source>
        <translation>Prüfen Sie den Namen: owner/model, mit Großbuchstaben, wo der Hub sie hat.</translation>
    </message>
    <message>
        <source>The proxy asks for a name and a password.</source>
        <translation>Der Proxy verlangt einen Namen und ein Passwort.</translation>
    </message>
    <message>
        <source>Write them into the proxy&apos;s address: %1 (HTTPS_PROXY).</source>
        <translation>Schreiben Sie sie in die Adresse des Proxys: %1 (HTTPS_PROXY).</translation>
    </message>
    <message>
        <source>%1 refuses the request.</source>
        <translation>%1 lehnt die Anfrage ab.</translation>
    </message>
    <message>
        <source>%1 cannot be reached.</source>
        <translation>%1 ist nicht zu erreichen.</translation>
    </message>
    <message>
        <source>Check that this computer is connected to the Internet. In an office, ask whether programs have to use a proxy (HTTPS_PROXY).</source>
        <translation>Prüfen Sie, ob dieser Computer mit dem Internet verbunden ist. Fragen Sie im Büro, ob Programme einen Proxy benutzen müssen (HTTPS_PROXY).</translation>
    </message>
    <message>
        <source>The hub&apos;s answer makes no sense.</source>
        <translation>Die Antwort des Hubs ergibt keinen Sinn.</translation>
    </message>
    <message>
        <source>The hub&apos;s answer is too long.</source>
        <translation>Die Antwort des Hubs ist zu lang.</translation>
    </message>
    <message>
        <source>Try again later.</source>
        <translation>Versuchen Sie es später noch einmal.</translation>
    </message>
    <message>
        <source>There is nothing in %1 that Nibble can open.</source>
        <translation>In %1 ist nichts, was Nibble öffnen kann.</translation>
    </message>
    <message>
        <source>Search for the model&apos;s name with GGUF behind it.</source>
        <translation>Suchen Sie nach dem Namen des Modells mit GGUF dahinter.</translation>
    </message>
    <message>
        <source>The model has no file of this name: %1</source>
        <translation>Das Modell hat keine Datei dieses Namens: %1</translation>
    </message>
    <message>
        <source>Look at the list of its files and choose one.</source>
        <translation>Sehen Sie in die Liste seiner Dateien und wählen Sie eine.</translation>
    </message>
    <message>
        <source>The disk has too little room: %1 are needed, %2 are free.</source>
        <translation>Auf der Festplatte ist zu wenig Platz: %1 werden gebraucht, %2 sind frei.</translation>
    </message>
    <message>
        <source>Free some space, or choose another folder for models.</source>
        <translation>Schaffen Sie Platz, oder wählen Sie einen anderen Ordner für Modelle.</translation>
    </message>
    <message>
        <source>This model is being downloaded at the moment.</source>
        <translation>Dieses Modell wird gerade heruntergeladen.</translation>
    </message>
    <message>
        <source>Wait until it is there.</source>
        <translation>Warten Sie, bis es da ist.</translation>
    </message>
    <message>
        <source>%1 arrived damaged: its checksum is wrong.</source>
        <translation>%1 kam beschädigt an: Die Prüfsumme stimmt nicht.</translation>
    </message>
    <message>
        <source>It was removed. Try again; if it happens again, the file on the hub is not the one that the hub says it is.</source>
        <translation>Sie wurde entfernt. Versuchen Sie es noch einmal; geschieht es wieder, ist die Datei auf dem Hub nicht die, für die er sie ausgibt.</translation>
    </message>
    <message>
        <source>The hub sends another size than it says.</source>
        <translation>Der Hub sendet eine andere Größe, als er angibt.</translation>
    </message>
    <message>
        <source>Try again later, or choose another model.</source>
        <translation>Versuchen Sie es später noch einmal, oder wählen Sie ein anderes Modell.</translation>
    </message>
    <message>
        <source>The connection was lost, and five tries to go on failed.</source>
        <translation>Die Verbindung brach ab, und fünf Versuche fortzufahren schlugen fehl.</translation>
    </message>
    <message>
        <source>What has arrived is kept. Check the network, then continue.</source>
        <translation>Was angekommen ist, bleibt. Prüfen Sie das Netzwerk und fahren Sie dann fort.</translation>
    </message>
    <message>
        <source>The model cannot be put in its place.</source>
        <translation>Das Modell kann nicht an seinen Platz gelegt werden.</translation>
    </message>
    <message>
        <source>This folder is not a pack of models.</source>
        <translation>Dieser Ordner ist kein Paket von Modellen.</translation>
    </message>
    <message>
        <source>Choose the folder of the pack.</source>
        <translation>Wählen Sie den Ordner des Pakets.</translation>
    </message>
    <message>
        <source>The manifest of this pack makes no sense.</source>
        <translation>Das Verzeichnis dieses Pakets ergibt keinen Sinn.</translation>
    </message>
    <message>
        <source>Ask whoever made the pack for a new copy.</source>
        <translation>Bitten Sie den Ersteller des Pakets um eine neue Kopie.</translation>
    </message>
    <message>
        <source>%1 has another size than the pack says.</source>
        <translation>%1 hat eine andere Größe, als das Paket angibt.</translation>
    </message>
    <message>
        <source>%1 is not the file that the pack says: its checksum is wrong.</source>
        <translation>%1 ist nicht die Datei, die das Paket angibt: Die Prüfsumme ist falsch.</translation>
    </message>
    <message>
        <source>This pack was made by a newer Nibble.</source>
        <translation>Dieses Paket wurde von einem neueren Nibble erstellt.</translation>
    </message>
    <message>
        <source>%1 would have to hold all of this model (%2), which has an embedding for every layer, so the processor does the work.</source>
        <translation>%1 müsste dieses ganze Modell (%2) aufnehmen, weil es für jede Schicht eine Einbettung hat, deshalb arbeitet der Prozessor.</translation>
    </message>
    <message>
        <source>%1 would have to hold all of this model (%2), whose layers share keys and values, so the processor does the work.</source>
        <translation>%1 müsste dieses ganze Modell (%2) aufnehmen, weil sich seine Schichten Schlüssel und Werte teilen, deshalb arbeitet der Prozessor.</translation>
    </message>
    <message>
        <source>%1 computes recurrent layers wrongly, so the processor does the work.</source>
        <translation>%1 rechnet rekurrente Schichten falsch, deshalb arbeitet der Prozessor.</translation>
    </message>
    <message>
        <source>Check the name. If it is right, agree to the model&apos;s terms on its page and give Nibble an access token of yours (Settings, Internet; for nibble-cli HF_TOKEN).</source>
        <translation>Prüfen Sie den Namen. Stimmt er, dann stimmen Sie auf der Seite des Modells dessen Bedingungen zu und geben Sie Nibble ein Zugriffstoken von Ihnen (Einstellungen, Internet; für nibble-cli HF_TOKEN).</translation>
    </message>
    <message>
        <source>This is not an access token of a hub.</source>
        <translation>Das ist kein Zugriffstoken eines Hubs.</translation>
    </message>
    <message>
        <source>Copy it again from the hub&apos;s settings: letters, digits and signs without spaces.</source>
        <translation>Kopieren Sie es noch einmal aus den Einstellungen des Hubs: Buchstaben, Ziffern und Zeichen ohne Leerzeichen.</translation>
    </message>
    <message>
        <source>Measuring layers</source>
        <translation>Schichten werden gemessen</translation>
    </message>
    <message>
        <source>This file is of another model, so its formats do not fit.</source>
        <translation>Diese Datei gehört zu einem anderen Modell, deshalb passen ihre Formate nicht.</translation>
    </message>
    <message>
        <source>Name a file that was made from the same model.</source>
        <translation>Nennen Sie eine Datei, die aus demselben Modell gemacht wurde.</translation>
    </message>
</context>
<context>
    <name>ErrorCard</name>
    <message>
        <source>Try again</source>
        <translation>Noch einmal versuchen</translation>
    </message>
    <message>
        <source>Close this message</source>
        <translation>Diese Meldung schließen</translation>
    </message>
    <message>
        <source>Hide details</source>
        <translation>Einzelheiten verbergen</translation>
    </message>
    <message>
        <source>Details</source>
        <translation>Einzelheiten</translation>
    </message>
    <message>
        <source>Copy details</source>
        <translation>Einzelheiten kopieren</translation>
    </message>
</context>
<context>
    <name>Evidence</name>
    <message>
        <source>%1 (%2&#xa0;%)</source>
        <translation>%1 (%2&#xa0;%)</translation>
    </message>
    <message>
        <source>“%1 …”</source>
        <translation>„%1 …“</translation>
    </message>
    <message>
        <source>… %1 …</source>
        <translation>… %1 …</translation>
    </message>
    <message>
        <source>%1: after “%2” the original expects %3, the smaller model another word: %4. The text goes on with %5.</source>
        <translation>%1: Nach „%2“ erwartet das Original %3, das kleinere Modell ein anderes Wort: %4. Der Text geht mit %5 weiter.</translation>
    </message>
    <message>
        <source>%1: after “%2” the original expects %3, the smaller model the same word: %4. The text goes on with %5.</source>
        <translation>%1: Nach „%2“ erwartet das Original %3, das kleinere Modell dasselbe Wort: %4. Der Text geht mit %5 weiter.</translation>
    </message>
    <message>
        <source>drift %1, %2&#xa0;% the same words</source>
        <translation>Abweichung %1, %2&#xa0;% gleiche Wörter</translation>
    </message>
    <message>
        <source>, with moment %1</source>
        <translation>, mit Stelle %1</translation>
    </message>
    <message>
        <source>Between %1 and %2 of 100. It is highest at %3.</source>
        <translation>Zwischen %1 und %2 von 100. Am höchsten ist sie bei %3.</translation>
    </message>
</context>
<context>
    <name>FiguresCard</name>
    <message>
        <source>Word agreement</source>
        <translation>Wortübereinstimmung</translation>
    </message>
    <message>
        <source>How often both models would write the same next word.</source>
        <translation>Wie oft beide Modelle dasselbe nächste Wort schreiben würden.</translation>
    </message>
    <message>
        <source>Drift</source>
        <translation>Abweichung</translation>
    </message>
    <message>
        <source>%1 of 100</source>
        <translation>%1 von 100</translation>
    </message>
    <message>
        <source>surprise %1</source>
        <translation>Überraschung %1</translation>
    </message>
    <message>
        <source>How far the smaller model&apos;s expectations moved from the original&apos;s; 0 is the same. %1</source>
        <translation>Wie weit sich die Erwartungen des kleineren Modells von denen des Originals entfernt haben; 0 ist gleich. %1</translation>
    </message>
    <message>
        <source>Size on disk</source>
        <translation>Dateigröße</translation>
    </message>
    <message>
        <source>was %1</source>
        <translation>vorher %1</translation>
    </message>
    <message>
        <source>Memory</source>
        <translation>Arbeitsspeicher</translation>
    </message>
    <message>
        <source>Speed</source>
        <translation>Geschwindigkeit</translation>
    </message>
    <message>
        <source>Both models did not fit into memory at once, so one ran after the other.</source>
        <translation>Beide Modelle passten nicht zugleich in den Arbeitsspeicher, deshalb lief eines nach dem anderen.</translation>
    </message>
    <message>
        <source>%1 beside %2</source>
        <translation>%1 neben %2</translation>
    </message>
</context>
<context>
    <name>HubToken</name>
    <message>
        <source>The access token could not be removed: %1</source>
        <translation>Das Zugriffstoken ließ sich nicht entfernen: %1</translation>
    </message>
    <message>
        <source>The access token could not be kept: %1</source>
        <translation>Das Zugriffstoken ließ sich nicht aufbewahren: %1</translation>
    </message>
</context>
<context>
    <name>InstructionsCard</name>
    <message>
        <source>Task of the model in this chat</source>
        <translation>Aufgabe des Modells in diesem Chat</translation>
    </message>
    <message>
        <source>My own instructions</source>
        <translation>Eigene Anweisungen</translation>
    </message>
    <message>
        <source>Close the instructions</source>
        <translation>Die Anweisungen schließen</translation>
    </message>
    <message>
        <source>Instructions for the model</source>
        <translation>Anweisungen für das Modell</translation>
    </message>
    <message>
        <source>For example: You answer customers of a heating company. Be friendly and brief.</source>
        <translation>Zum Beispiel: Sie antworten Kunden einer Heizungsfirma. Seien Sie freundlich und knapp.</translation>
    </message>
    <message>
        <source>The model is told this before every message of this chat.</source>
        <translation>Das wird dem Modell vor jeder Nachricht dieses Chats gesagt.</translation>
    </message>
    <message>
        <source>Advanced…</source>
        <translation>Erweitert…</translation>
    </message>
    <message>
        <source>How the next word is chosen in this chat</source>
        <translation>Wie in diesem Gespräch das nächste Wort gewählt wird</translation>
    </message>
</context>
<context>
    <name>JudgeCard</name>
    <message>
        <source>Key %1</source>
        <translation>Taste %1</translation>
    </message>
    <message>
        <source>Show all of it</source>
        <translation>Alles zeigen</translation>
    </message>
    <message>
        <source>Tell me which is which</source>
        <translation>Welche ist welche?</translation>
    </message>
    <message>
        <source>What is not judged yet will not count.</source>
        <translation>Was noch nicht beurteilt ist, zählt dann nicht.</translation>
    </message>
    <message>
        <source>Answer %1</source>
        <translation>Antwort %1</translation>
    </message>
    <message>
        <source>The models are told after your judgement.</source>
        <translation>Die Modelle werden nach Ihrem Urteil genannt.</translation>
    </message>
    <message>
        <source>The models are told after the last question.</source>
        <translation>Die Modelle werden nach der letzten Frage genannt.</translation>
    </message>
    <message>
        <source>Words that differ from answer A are marked.</source>
        <translation>Wörter, die von Antwort A abweichen, sind markiert.</translation>
    </message>
    <message>
        <source>All answers appear at the same pace.</source>
        <translation>Alle Antworten erscheinen gleich schnell.</translation>
    </message>
    <message>
        <source>Keys 1 to %1 judge.</source>
        <translation>Die Tasten 1 bis %1 urteilen.</translation>
    </message>
</context>
<context>
    <name>LayerBars</name>
    <message>
        <source>What each layer costs, %1 bars. %2</source>
        <translation>Was jede Schicht kostet, %1 Balken. %2</translation>
    </message>
    <message>
        <source>Use the arrow keys to walk over the bars.</source>
        <translation>Mit den Pfeiltasten gehen Sie von Balken zu Balken.</translation>
    </message>
</context>
<context>
    <name>LayersPicture</name>
    <message>
        <source>Layers that cost most</source>
        <translation>Schichten, die am meisten kosten</translation>
    </message>
    <message>
        <source>Measuring layers</source>
        <translation>Schichten werden gemessen</translation>
    </message>
    <message>
        <source>Standing still while an answer is being written. It goes on by itself.</source>
        <translation>Steht still, solange eine Antwort geschrieben wird. Danach geht es von selbst weiter.</translation>
    </message>
    <message>
        <source>Stop measuring</source>
        <translation>Messen beenden</translation>
    </message>
    <message>
        <source>See which layers cost most</source>
        <translation>Zeigen, welche Schichten am meisten kosten</translation>
    </message>
    <message>
        <source>The smaller model and its check stay as they are (Esc).</source>
        <translation>Das kleinere Modell und seine Prüfung bleiben, wie sie sind (Esc).</translation>
    </message>
    <message>
        <source>About a minute for a small model, longer for a large one</source>
        <translation>Etwa eine Minute bei einem kleinen Modell, länger bei einem großen</translation>
    </message>
    <message>
        <source>Makes another file beside this one and checks it, so that you see what it gains. This one stays.</source>
        <translation>Macht eine weitere Datei neben dieser und prüft sie, damit Sie sehen, was es bringt. Diese hier bleibt.</translation>
    </message>
    <message>
        <source>Hide the values</source>
        <translation>Werte verbergen</translation>
    </message>
    <message>
        <source>Show the values as a list</source>
        <translation>Werte als Liste zeigen</translation>
    </message>
    <message>
        <source>A model works in layers, one after the other, counted from 0. Some lose more than others by being made smaller, and more bits for these few take little room.</source>
        <translation>Ein Modell arbeitet in Schichten, eine nach der anderen, gezählt ab 0. Manche verlieren beim Verkleinern mehr als andere, und mehr Bits für diese wenigen brauchen kaum Platz.</translation>
    </message>
    <message>
        <source>First the tables of words (in front of the first layer and behind the last), then the layers in their order. More bits help most where a number stands (W: the tables of words). Point at a bar, or use the arrow keys, for its figures.</source>
        <translation>Zuerst die Wortlisten (vor der ersten Schicht und hinter der letzten), dann die Schichten der Reihe nach. Mehr Bits helfen am meisten, wo eine Zahl steht (W: die Wortlisten). Zeigen Sie auf einen Balken, oder nehmen Sie die Pfeiltasten, um seine Zahlen zu sehen.</translation>
    </message>
</context>
<context>
    <name>MadeModel</name>
    <message>
        <source>It loses %1&#xa0;% less than the file before.</source>
        <translation>Es verliert %1&#xa0;% weniger als die vorige Datei.</translation>
    </message>
    <message>
        <source>It is no better than the file before, which is smaller.</source>
        <translation>Es ist nicht besser als die vorige Datei, und die ist kleiner.</translation>
    </message>
    <message>
        <source>Word agreement %1 instead of %2, drift %3 instead of %4, size %5 instead of %6. The file before is still there.</source>
        <translation>Wortübereinstimmung %1 statt %2, Abweichung %3 statt %4, Größe %5 statt %6. Die vorige Datei ist noch da.</translation>
    </message>
    <message>
        <source>%1&#xa0;%</source>
        <translation>%1&#xa0;%</translation>
    </message>
</context>
<context>
    <name>Main</name>
    <message>
        <source>Models</source>
        <translation>Modelle</translation>
    </message>
    <message>
        <source>Make smaller</source>
        <translation>Verkleinern</translation>
    </message>
    <message>
        <source>Chat</source>
        <translation>Chat</translation>
    </message>
    <message>
        <source>Compare</source>
        <translation>Vergleichen</translation>
    </message>
    <message>
        <source>Settings</source>
        <translation>Einstellungen</translation>
    </message>
    <message>
        <source>Welcome</source>
        <translation>Willkommen</translation>
    </message>
    <message>
        <source>Nibble</source>
        <translation>Nibble</translation>
    </message>
    <message>
        <source>Ctrl+%1</source>
        <translation>Strg+%1</translation>
    </message>
    <message>
        <source>Show</source>
        <translation>Zeigen</translation>
    </message>
    <message>
        <source>Download a model</source>
        <translation>Ein Modell herunterladen</translation>
    </message>
    <message>
        <source>Open a pack</source>
        <translation>Paket öffnen</translation>
    </message>
</context>
<context>
    <name>MemoryBar</name>
    <message>
        <source>Memory while in use</source>
        <translation>Arbeitsspeicher im Betrieb</translation>
    </message>
    <message>
        <source>Conversation that it keeps in mind: %1 tokens, about %2 words</source>
        <translation>Gespräch, das es im Gedächtnis behält: %1 Tokens, etwa %2 Wörter</translation>
    </message>
    <message>
        <source>Conversation that the model keeps in mind</source>
        <translation>Gespräch, das das Modell im Gedächtnis behält</translation>
    </message>
    <message>
        <source>%1 tokens</source>
        <translation>%1 Tokens</translation>
    </message>
    <message>
        <source>Like a whiteboard: what no longer fits is forgotten. More takes more memory. Used when the model is opened next.</source>
        <translation>Wie eine Tafel: Was nicht mehr passt, wird vergessen. Mehr braucht mehr Arbeitsspeicher. Gilt, wenn das Modell das nächste Mal geöffnet wird.</translation>
    </message>
</context>
<context>
    <name>MessageItem</name>
    <message>
        <source>You: %1</source>
        <translation>Sie: %1</translation>
    </message>
    <message>
        <source>Answer: %1</source>
        <translation>Antwort: %1</translation>
    </message>
    <message>
        <source>With %1</source>
        <translation>Mit %1</translation>
    </message>
    <message>
        <source>Ask again</source>
        <translation>Noch einmal fragen</translation>
    </message>
    <message>
        <source>Copy</source>
        <translation>Kopieren</translation>
    </message>
    <message>
        <source>Edit and ask again</source>
        <translation>Ändern und noch einmal fragen</translation>
    </message>
    <message>
        <source>Answer again</source>
        <translation>Noch einmal antworten</translation>
    </message>
</context>
<context>
    <name>ModelDetails</name>
    <message>
        <source>All models</source>
        <translation>Alle Modelle</translation>
    </message>
    <message>
        <source>Chat</source>
        <translation>Chat</translation>
    </message>
    <message>
        <source>Talk with this model. Nothing leaves this computer.</source>
        <translation>Mit diesem Modell sprechen. Nichts verlässt diesen Computer.</translation>
    </message>
    <message>
        <source>Make smaller</source>
        <translation>Verkleinern</translation>
    </message>
    <message>
        <source>Store the numbers in this model with fewer bits.</source>
        <translation>Die Zahlen in diesem Modell mit weniger Bits speichern.</translation>
    </message>
    <message>
        <source>Compare</source>
        <translation>Vergleichen</translation>
    </message>
    <message>
        <source>Ask this model and another one the same question.</source>
        <translation>Diesem Modell und einem anderen dieselbe Frage stellen.</translation>
    </message>
    <message>
        <source>Delete…</source>
        <translation>Löschen…</translation>
    </message>
    <message>
        <source>Moves the file to the trash.</source>
        <translation>Legt die Datei in den Papierkorb.</translation>
    </message>
    <message>
        <source>Only models in one file can be deleted here. Delete this one in the file manager.</source>
        <translation>Nur Modelle in einer einzigen Datei können hier gelöscht werden. Löschen Sie dieses im Dateimanager.</translation>
    </message>
    <message>
        <source>Move this model (%1) to the trash? It can be taken out again.</source>
        <translation>Dieses Modell (%1) in den Papierkorb legen? Es kann wieder herausgeholt werden.</translation>
    </message>
    <message>
        <source>Move to the trash</source>
        <translation>In den Papierkorb legen</translation>
    </message>
    <message>
        <source>Let Nibble choose how much runs on the graphics card</source>
        <translation>Nibble bestimmen lassen, wie viel auf der Grafikkarte läuft</translation>
    </message>
    <message>
        <source>Layers on the graphics card</source>
        <translation>Schichten auf der Grafikkarte</translation>
    </message>
</context>
<context>
    <name>ModelEntry</name>
    <message>
        <source>The model</source>
        <translation>Das Modell</translation>
    </message>
    <message>
        <source>The conversation</source>
        <translation>Das Gespräch</translation>
    </message>
    <message>
        <source>Working space</source>
        <translation>Arbeitsbereich</translation>
    </message>
    <message>
        <source>Left over</source>
        <translation>Bleibt frei</translation>
    </message>
    <message>
        <source>Nibble cannot run this kind of model yet.</source>
        <translation>Nibble kann diese Art von Modell noch nicht ausführen.</translation>
    </message>
    <message>
        <source>Not supported yet</source>
        <translation>Noch nicht unterstützt</translation>
    </message>
    <message>
        <source>Size on disk</source>
        <translation>Dateigröße</translation>
    </message>
    <message>
        <source>Precision</source>
        <translation>Genauigkeit</translation>
    </message>
    <message>
        <source>%1, technical name %2</source>
        <translation>%1, Fachname %2</translation>
    </message>
    <message>
        <source>Parameters</source>
        <translation>Parameter</translation>
    </message>
    <message>
        <source>Kind</source>
        <translation>Art</translation>
    </message>
    <message>
        <source>Remembers</source>
        <translation>Gedächtnis</translation>
    </message>
    <message>
        <source>up to %1 tokens</source>
        <translation>bis zu %1 Tokens</translation>
    </message>
    <message>
        <source>Licence</source>
        <translation>Lizenz</translation>
    </message>
    <message>
        <source>not stated in the file</source>
        <translation>in der Datei nicht angegeben</translation>
    </message>
    <message>
        <source>Container</source>
        <translation>Ablage</translation>
    </message>
    <message>
        <source>Hugging Face folder</source>
        <translation>Hugging-Face-Ordner</translation>
    </message>
    <message>
        <source>GGUF file</source>
        <translation>GGUF-Datei</translation>
    </message>
    <message>
        <source>Note</source>
        <translation>Hinweis</translation>
    </message>
    <message>
        <source>Where</source>
        <translation>Ort</translation>
    </message>
    <message>
        <source>Cannot be opened</source>
        <translation>Lässt sich nicht öffnen</translation>
    </message>
    <message>
        <source>%1 of %2 layers on the graphics card: %3 there, %4 in memory.</source>
        <translation>%1 von %2 Schichten auf der Grafikkarte: %3 dort, %4 im Arbeitsspeicher.</translation>
    </message>
    <message>
        <source>All on the processor.</source>
        <translation>Alles auf dem Prozessor.</translation>
    </message>
    <message>
        <source>Memory needed</source>
        <translation>Speicherbedarf</translation>
    </message>
    <message>
        <source>%1 for %2 tokens of conversation</source>
        <translation>%1 für %2 Tokens Gespräch</translation>
    </message>
    <message>
        <source>Does not fit</source>
        <translation>Passt nicht</translation>
    </message>
    <message>
        <source>Fits partly</source>
        <translation>Passt teilweise</translation>
    </message>
    <message>
        <source>Just fits</source>
        <translation>Passt knapp</translation>
    </message>
    <message>
        <source>Fits</source>
        <translation>Passt</translation>
    </message>
    <message>
        <source>%1 of 100 next words as the original (%2-%3), drift %4 of 100. So says the file, which Nibble %5 measured.</source>
        <translation>%1 von 100 nächsten Wörtern wie das Original (%2-%3), Abweichung %4 von 100. So steht es in der Datei, gemessen von Nibble %5.</translation>
    </message>
    <message>
        <source>Quality</source>
        <translation>Qualität</translation>
    </message>
</context>
<context>
    <name>MomentLine</name>
    <message>
        <source>Original: %1</source>
        <translation>Original: %1</translation>
    </message>
    <message>
        <source>≠ Smaller: %1</source>
        <translation>≠ Kleiner: %1</translation>
    </message>
    <message>
        <source>Smaller: %1</source>
        <translation>Kleiner: %1</translation>
    </message>
    <message>
        <source>In the text: %1</source>
        <translation>Im Text: %1</translation>
    </message>
</context>
<context>
    <name>NetworkCard</name>
    <message>
        <source>Internet</source>
        <translation>Internet</translation>
    </message>
    <message>
        <source>Nibble may search for models and download them</source>
        <translation>Nibble darf Modelle suchen und herunterladen</translation>
    </message>
    <message>
        <source>Nothing else uses the Internet: chats and files stay on this computer, and the part of Nibble that reads them has no access to it.</source>
        <translation>Sonst benutzt nichts das Internet: Chats und Dateien bleiben auf diesem Computer, und der Teil von Nibble, der sie liest, hat keinen Zugang dazu.</translation>
    </message>
    <message>
        <source>Address of the hub</source>
        <translation>Adresse des Hubs</translation>
    </message>
    <message>
        <source>Hugging Face, or your office&apos;s own mirror of it. Empty: as it was.</source>
        <translation>Hugging Face oder ein eigener Spiegel Ihres Büros. Leer: wie vorher.</translation>
    </message>
    <message>
        <source>Used for</source>
        <translation>Benutzt für</translation>
    </message>
    <message>
        <source>Used: never.</source>
        <translation>Benutzt: nie.</translation>
    </message>
    <message>
        <source>Show all %1</source>
        <translation>Alle %1 zeigen</translation>
    </message>
    <message>
        <source>Access token</source>
        <translation>Zugriffstoken</translation>
    </message>
    <message>
        <source>One is kept for %1, in a file that only you can read. It is sent to this hub only.</source>
        <translation>Für %1 ist eines aufbewahrt, in einer Datei, die nur Sie lesen können. Es wird nur diesem Hub gesendet.</translation>
    </message>
    <message>
        <source>For models whose terms you have agreed to on the hub: made in its settings, sent to this hub only.</source>
        <translation>Für Modelle, deren Bedingungen Sie auf dem Hub zugestimmt haben: dort in den Einstellungen angelegt, wird nur diesem Hub gesendet.</translation>
    </message>
    <message>
        <source>Token, then Enter</source>
        <translation>Token, dann Eingabe</translation>
    </message>
    <message>
        <source>Forget it</source>
        <translation>Vergessen</translation>
    </message>
</context>
<context>
    <name>Notice</name>
    <message>
        <source>Close this message</source>
        <translation>Diese Meldung schließen</translation>
    </message>
</context>
<context>
    <name>OfficeRoles</name>
    <message>
        <source>No instructions</source>
        <translation>Ohne Anweisungen</translation>
    </message>
    <message>
        <source>E-mails</source>
        <translation>E-Mails</translation>
    </message>
    <message>
        <source>You help office staff to write e-mails. Write politely, clearly and briefly, with a subject line. Give only the e-mail. Use no facts that you were not given.</source>
        <translation>Sie helfen im Büro beim Schreiben von E-Mails. Schreiben Sie höflich, klar und knapp, mit Betreffzeile. Geben Sie nur die E-Mail aus. Verwenden Sie keine Tatsachen, die Ihnen nicht genannt wurden.</translation>
    </message>
    <message>
        <source>Proofreading</source>
        <translation>Korrekturlesen</translation>
    </message>
    <message>
        <source>You correct spelling, grammar and punctuation. Change nothing else and keep the tone. Give the corrected text first, then a short list of what you changed.</source>
        <translation>Sie verbessern Rechtschreibung, Grammatik und Zeichensetzung. Ändern Sie sonst nichts und behalten Sie den Ton bei. Geben Sie zuerst den verbesserten Text aus, dann eine kurze Liste der Änderungen.</translation>
    </message>
    <message>
        <source>Summaries</source>
        <translation>Zusammenfassungen</translation>
    </message>
    <message>
        <source>You summarise texts for busy people. Start with one sentence that says the most important thing, then at most five short points. Use only what is in the text.</source>
        <translation>Sie fassen Texte für Menschen mit wenig Zeit zusammen. Beginnen Sie mit einem Satz, der das Wichtigste sagt, dann höchstens fünf kurze Punkte. Verwenden Sie nur, was im Text steht.</translation>
    </message>
    <message>
        <source>Plain language</source>
        <translation>Einfache Sprache</translation>
    </message>
    <message>
        <source>You rewrite texts in plain language: short sentences, everyday words, no jargon. Keep every fact and every number.</source>
        <translation>Sie schreiben Texte in einfache Sprache um: kurze Sätze, alltägliche Wörter, keine Fachsprache. Behalten Sie jede Tatsache und jede Zahl bei.</translation>
    </message>
    <message>
        <source>Translation into English</source>
        <translation>Übersetzung ins Englische</translation>
    </message>
    <message>
        <source>You translate into English. Keep names, numbers and formatting. Give only the translation.</source>
        <translation>Sie übersetzen ins Englische. Behalten Sie Namen, Zahlen und Formatierung bei. Geben Sie nur die Übersetzung aus.</translation>
    </message>
    <message>
        <source>Minutes and task lists</source>
        <translation>Protokolle und Aufgabenlisten</translation>
    </message>
    <message>
        <source>You turn notes into minutes: decisions first, then tasks with who and by when, then open questions. Use only what is in the notes.</source>
        <translation>Sie machen aus Notizen ein Protokoll: zuerst die Beschlüsse, dann Aufgaben mit Zuständigen und Terminen, dann offene Fragen. Verwenden Sie nur, was in den Notizen steht.</translation>
    </message>
</context>
<context>
    <name>Page</name>
    <message>
        <source>Chat</source>
        <translation>Chat</translation>
    </message>
    <message>
        <source>Everything stays on this computer.</source>
        <translation>Alles bleibt auf diesem Computer.</translation>
    </message>
    <message>
        <source>Model that answers</source>
        <translation>Modell, das antwortet</translation>
    </message>
    <message>
        <source>Choose a model…</source>
        <translation>Modell auswählen…</translation>
    </message>
    <message>
        <source>Style of the answers</source>
        <translation>Stil der Antworten</translation>
    </message>
    <message>
        <source>All files (*)</source>
        <translation>Alle Dateien (*)</translation>
    </message>
    <message>
        <source>Save the chat as</source>
        <translation>Den Chat speichern als</translation>
    </message>
    <message>
        <source>PDF (*.pdf)</source>
        <translation>PDF (*.pdf)</translation>
    </message>
    <message>
        <source>Markdown (*.md)</source>
        <translation>Markdown (*.md)</translation>
    </message>
    <message>
        <source>Data for other programs (*.json)</source>
        <translation>Daten für andere Programme (*.json)</translation>
    </message>
    <message>
        <source>Go to Models</source>
        <translation>Zu den Modellen</translation>
    </message>
    <message>
        <source>This link was written by the model and leads to the Internet: %1</source>
        <translation>Dieser Link stammt vom Modell und führt ins Internet: %1</translation>
    </message>
    <message>
        <source>Open it</source>
        <translation>Öffnen</translation>
    </message>
    <message>
        <source>This model was not made for chatting: it brings no conversation format. It can be tried with a plain one, and may ramble.</source>
        <translation>Dieses Modell ist nicht zum Chatten gemacht: Es bringt keine Gesprächsvorlage mit. Es lässt sich mit einer einfachen versuchen und schweift vielleicht ab.</translation>
    </message>
    <message>
        <source>Chat anyway</source>
        <translation>Trotzdem chatten</translation>
    </message>
    <message>
        <source>Go on without the oldest messages</source>
        <translation>Ohne die ältesten Nachrichten weitermachen</translation>
    </message>
    <message>
        <source>Try again</source>
        <translation>Noch einmal versuchen</translation>
    </message>
    <message>
        <source>Getting the model ready</source>
        <translation>Das Modell wird vorbereitet</translation>
    </message>
    <message>
        <source>Choose a model first</source>
        <translation>Wählen Sie zuerst ein Modell</translation>
    </message>
    <message>
        <source>Write a message…  (Enter sends, Shift+Enter: new line)</source>
        <translation>Schreiben Sie eine Nachricht…  (Eingabe sendet, Umschalt+Eingabe: neue Zeile)</translation>
    </message>
    <message>
        <source>Write two sentences that decline an invitation politely.</source>
        <translation>Schreiben Sie zwei Sätze, die eine Einladung höflich ablehnen.</translation>
    </message>
    <message>
        <source>Summarise in one line: the printer on floor 2 is out of toner and the new one arrives on Monday.</source>
        <translation>Fassen Sie in einer Zeile zusammen: Im Drucker im 2. Stock ist der Toner leer, der neue kommt am Montag.</translation>
    </message>
    <message>
        <source>Compare</source>
        <translation>Vergleichen</translation>
    </message>
    <message>
        <source>A text file with one question in each line</source>
        <translation>Eine Textdatei mit einer Frage in jeder Zeile</translation>
    </message>
    <message>
        <source>Texts (*.txt *.md)</source>
        <translation>Texte (*.txt *.md)</translation>
    </message>
    <message>
        <source>Save the comparison as</source>
        <translation>Den Vergleich speichern als</translation>
    </message>
    <message>
        <source>Document (*.md)</source>
        <translation>Dokument (*.md)</translation>
    </message>
    <message>
        <source>Choose two models</source>
        <translation>Wählen Sie zwei Modelle</translation>
    </message>
    <message>
        <source>Make a smaller one on the page Make smaller, then see here what it cost.</source>
        <translation>Machen Sie auf der Seite Verkleinern ein kleineres, und sehen Sie dann hier, was es gekostet hat.</translation>
    </message>
    <message>
        <source>Make a smaller one</source>
        <translation>Ein kleineres machen</translation>
    </message>
    <message>
        <source>Ask ten office tasks</source>
        <translation>Zehn Büroaufgaben stellen</translation>
    </message>
    <message>
        <source>My own questions, from a file…</source>
        <translation>Eigene Fragen aus einer Datei…</translation>
    </message>
    <message>
        <source>Only measure how often they agree on a text</source>
        <translation>Nur messen, wie oft sie bei einem Text übereinstimmen</translation>
    </message>
    <message>
        <source>Choose two models first</source>
        <translation>Wählen Sie zuerst zwei Modelle</translation>
    </message>
    <message>
        <source>Models</source>
        <translation>Modelle</translation>
    </message>
    <message>
        <source>The language models on this computer. Drop files or folders here to add more.</source>
        <translation>Die Sprachmodelle auf diesem Computer. Ziehen Sie Dateien oder Ordner hierher, um weitere hinzuzufügen.</translation>
    </message>
    <message>
        <source>Look again (F5)</source>
        <translation>Noch einmal suchen (F5)</translation>
    </message>
    <message>
        <source>Open folder…</source>
        <translation>Ordner öffnen…</translation>
    </message>
    <message>
        <source>A model downloaded as a folder with config.json and .safetensors files.</source>
        <translation>Ein Modell, das als Ordner mit config.json und .safetensors-Dateien heruntergeladen wurde.</translation>
    </message>
    <message>
        <source>Open file…</source>
        <translation>Datei öffnen…</translation>
    </message>
    <message>
        <source>A model in one file, ending in .gguf (Ctrl+O).</source>
        <translation>Ein Modell in einer Datei, die auf .gguf endet (Strg+O).</translation>
    </message>
    <message>
        <source>Open a model file</source>
        <translation>Eine Modelldatei öffnen</translation>
    </message>
    <message>
        <source>Models (*.gguf *.safetensors)</source>
        <translation>Modelle (*.gguf *.safetensors)</translation>
    </message>
    <message>
        <source>Open a model folder</source>
        <translation>Einen Modellordner öffnen</translation>
    </message>
    <message>
        <source>Open another…</source>
        <translation>Eine andere öffnen…</translation>
    </message>
    <message>
        <source>%1 is in the trash.</source>
        <translation>%1 liegt im Papierkorb.</translation>
    </message>
    <message>
        <source>Undo</source>
        <translation>Rückgängig</translation>
    </message>
    <message>
        <source>Search models</source>
        <translation>Modelle durchsuchen</translation>
    </message>
    <message>
        <source>No model has these words.</source>
        <translation>Kein Modell enthält diese Wörter.</translation>
    </message>
    <message>
        <source>Looking for models…</source>
        <translation>Modelle werden gesucht…</translation>
    </message>
    <message>
        <source>No models yet</source>
        <translation>Noch keine Modelle</translation>
    </message>
    <message>
        <source>Drop a model here: a .gguf file, or a folder from Hugging Face with config.json and .safetensors files. Or copy it into %1 and look again.</source>
        <translation>Ziehen Sie ein Modell hierher: eine .gguf-Datei oder einen Ordner von Hugging Face mit config.json und .safetensors-Dateien. Oder kopieren Sie es nach %1 und suchen Sie noch einmal.</translation>
    </message>
    <message>
        <source>Drop to add the model</source>
        <translation>Loslassen, um das Modell hinzuzufügen</translation>
    </message>
    <message>
        <source>Settings</source>
        <translation>Einstellungen</translation>
    </message>
    <message>
        <source>Changes apply at once.</source>
        <translation>Änderungen gelten sofort.</translation>
    </message>
    <message>
        <source>Go to a page</source>
        <translation>Zu einer Seite gehen</translation>
    </message>
    <message>
        <source>Look for models again</source>
        <translation>Noch einmal nach Modellen suchen</translation>
    </message>
    <message>
        <source>Larger, smaller, normal text</source>
        <translation>Text größer, kleiner, normal</translation>
    </message>
    <message>
        <source>Stop or go back</source>
        <translation>Anhalten oder zurück</translation>
    </message>
    <message>
        <source>Quit</source>
        <translation>Beenden</translation>
    </message>
    <message>
        <source>Choose the folder for models</source>
        <translation>Ordner für Modelle wählen</translation>
    </message>
    <message>
        <source>Appearance</source>
        <translation>Darstellung</translation>
    </message>
    <message>
        <source>Colours</source>
        <translation>Farben</translation>
    </message>
    <message>
        <source>As the system</source>
        <translation>Wie das System</translation>
    </message>
    <message>
        <source>Light</source>
        <translation>Hell</translation>
    </message>
    <message>
        <source>Dark</source>
        <translation>Dunkel</translation>
    </message>
    <message>
        <source>Language</source>
        <translation>Sprache</translation>
    </message>
    <message>
        <source>Size of the text</source>
        <translation>Textgröße</translation>
    </message>
    <message>
        <source>Smaller text (Ctrl+-)</source>
        <translation>Text kleiner (Strg+-)</translation>
    </message>
    <message>
        <source>%1 %</source>
        <translation>%1 %</translation>
    </message>
    <message>
        <source>Larger text (Ctrl++)</source>
        <translation>Text größer (Strg++)</translation>
    </message>
    <message>
        <source>Folder for models</source>
        <translation>Ordner für Modelle</translation>
    </message>
    <message>
        <source>Change…</source>
        <translation>Ändern…</translation>
    </message>
    <message>
        <source>Change the folder for models</source>
        <translation>Den Ordner für Modelle ändern</translation>
    </message>
    <message>
        <source>This computer</source>
        <translation>Dieser Computer</translation>
    </message>
    <message>
        <source>Models run on</source>
        <translation>Modelle laufen auf</translation>
    </message>
    <message>
        <source>Takes effect when a model is opened next.</source>
        <translation>Gilt, wenn das nächste Mal ein Modell geöffnet wird.</translation>
    </message>
    <message>
        <source>What models run on</source>
        <translation>Worauf Modelle laufen</translation>
    </message>
    <message>
        <source>First steps</source>
        <translation>Erste Schritte</translation>
    </message>
    <message>
        <source>What this computer can do, a starting point, a first question.</source>
        <translation>Was dieser Computer kann, ein Anfang, eine erste Frage.</translation>
    </message>
    <message>
        <source>Show again</source>
        <translation>Noch einmal zeigen</translation>
    </message>
    <message>
        <source>Show the first steps again</source>
        <translation>Die ersten Schritte noch einmal zeigen</translation>
    </message>
    <message>
        <source>Keyboard</source>
        <translation>Tastatur</translation>
    </message>
    <message>
        <source>Nibble %1, licensed under Apache 2.0. Uses Qt under the LGPL 3.</source>
        <translation>Nibble %1, lizenziert unter Apache 2.0. Verwendet Qt unter der LGPL 3.</translation>
    </message>
    <message>
        <source>Make smaller</source>
        <translation>Verkleinern</translation>
    </message>
    <message>
        <source>Bits = how finely each number in the model is stored, like photo quality. Fewer bits: smaller, faster, a little less exact.</source>
        <translation>Bits = wie fein jede Zahl im Modell gespeichert ist, wie die Qualität eines Fotos. Weniger Bits: kleiner, schneller, ein wenig ungenauer.</translation>
    </message>
    <message>
        <source>Save the smaller model as</source>
        <translation>Das kleinere Modell speichern als</translation>
    </message>
    <message>
        <source>Models (*.gguf)</source>
        <translation>Modelle (*.gguf)</translation>
    </message>
    <message>
        <source>Save the report as</source>
        <translation>Den Bericht speichern als</translation>
    </message>
    <message>
        <source>Web page (*.html)</source>
        <translation>Webseite (*.html)</translation>
    </message>
    <message>
        <source>For programs (*.json)</source>
        <translation>Für Programme (*.json)</translation>
    </message>
    <message>
        <source>No model to make smaller</source>
        <translation>Kein Modell zum Verkleinern</translation>
    </message>
    <message>
        <source>Add a model on the Models page first. The unchanged original, with 16 bits, gives the best result.</source>
        <translation>Fügen Sie zuerst auf der Seite Modelle ein Modell hinzu. Das unveränderte Original mit 16 Bits ergibt das beste Ergebnis.</translation>
    </message>
    <message>
        <source>Model</source>
        <translation>Modell</translation>
    </message>
    <message>
        <source>This model was made smaller before. Doing it again loses quality twice; the original with 16 bits gives a better result.</source>
        <translation>Dieses Modell wurde schon einmal verkleinert. Noch einmal verliert doppelt an Qualität; das Original mit 16 Bits ergibt ein besseres Ergebnis.</translation>
    </message>
    <message>
        <source>Make it smaller again anyway</source>
        <translation>Trotzdem noch einmal verkleinern</translation>
    </message>
    <message>
        <source>Choose another model</source>
        <translation>Ein anderes Modell wählen</translation>
    </message>
    <message>
        <source>Welcome to Nibble</source>
        <translation>Willkommen bei Nibble</translation>
    </message>
    <message>
        <source>Pick a starting point</source>
        <translation>Womit möchten Sie anfangen?</translation>
    </message>
    <message>
        <source>Ask your first question</source>
        <translation>Stellen Sie Ihre erste Frage</translation>
    </message>
    <message>
        <source>Step 1 of 3: what this computer can do.</source>
        <translation>Schritt 1 von 3: was dieser Computer kann.</translation>
    </message>
    <message>
        <source>Step 2 of 3: a language model to begin with. You can change it at any time.</source>
        <translation>Schritt 2 von 3: ein Sprachmodell für den Anfang. Sie können es jederzeit wechseln.</translation>
    </message>
    <message>
        <source>Step 3 of 3: click a question, or write your own.</source>
        <translation>Schritt 3 von 3: Klicken Sie auf eine Frage oder schreiben Sie eine eigene.</translation>
    </message>
    <message>
        <source>Back</source>
        <translation>Zurück</translation>
    </message>
    <message>
        <source>Skip</source>
        <translation>Überspringen</translation>
    </message>
    <message>
        <source>Settings brings you back here.</source>
        <translation>Über die Einstellungen kommen Sie hierher zurück.</translation>
    </message>
    <message>
        <source>Continue</source>
        <translation>Weiter</translation>
    </message>
    <message>
        <source>The test need not have ended.</source>
        <translation>Sie müssen das Ende des Tests nicht abwarten.</translation>
    </message>
    <message>
        <source>Search models or chats</source>
        <translation>Modelle oder Chats durchsuchen</translation>
    </message>
    <message>
        <source>Begin a chat</source>
        <translation>Einen Chat beginnen</translation>
    </message>
    <message>
        <source>Tell the model its role in this chat</source>
        <translation>Dem Modell seine Rolle in diesem Chat sagen</translation>
    </message>
    <message>
        <source>Save the chat as a document</source>
        <translation>Den Chat als Dokument speichern</translation>
    </message>
    <message>
        <source>Rename the chosen chat</source>
        <translation>Den gewählten Chat umbenennen</translation>
    </message>
    <message>
        <source>Judge the answers on the page Compare</source>
        <translation>Die Antworten auf der Seite Vergleichen beurteilen</translation>
    </message>
    <message>
        <source>Ctrl</source>
        <translation>Strg</translation>
    </message>
    <message>
        <source>Comparison</source>
        <translation>Vergleich</translation>
    </message>
    <message>
        <source>Before the answer</source>
        <translation>Vor der Antwort</translation>
    </message>
    <message>
        <source>Thinks first</source>
        <translation>Denkt zuerst nach</translation>
    </message>
    <message>
        <source>Answers at once</source>
        <translation>Antwortet sofort</translation>
    </message>
    <message>
        <source>Download a model</source>
        <translation>Ein Modell herunterladen</translation>
    </message>
    <message>
        <source>From %1. Only what you search for is sent; chats and files stay here.</source>
        <translation>Von %1. Gesendet wird nur, wonach Sie suchen; Chats und Dateien bleiben hier.</translation>
    </message>
    <message>
        <source>Back to the models</source>
        <translation>Zurück zu den Modellen</translation>
    </message>
    <message>
        <source>Name, link or words</source>
        <translation>Name, Link oder Wörter</translation>
    </message>
    <message>
        <source>owner/model, a link, or words such as smollm2</source>
        <translation>owner/model, ein Link oder Wörter wie smollm2</translation>
    </message>
    <message>
        <source>Search</source>
        <translation>Suchen</translation>
    </message>
    <message>
        <source>%1 is here, complete and checked.</source>
        <translation>%1 ist da, vollständig und geprüft.</translation>
    </message>
    <message>
        <source>Show it</source>
        <translation>Zeigen</translation>
    </message>
    <message>
        <source>Asking %1</source>
        <translation>Frage bei %1</translation>
    </message>
    <message>
        <source>Cancel</source>
        <translation>Abbrechen</translation>
    </message>
    <message>
        <source>Back to what was found (Esc)</source>
        <translation>Zurück zu den Treffern (Esc)</translation>
    </message>
    <message>
        <source>Fewer bits: smaller and faster, a little less exact. Whether one fits is judged by its size, and exactly once it is here.</source>
        <translation>Weniger Bits: kleiner und schneller, etwas weniger genau. Ob eines passt, wird nach seiner Größe beurteilt, und genau, sobald es hier ist.</translation>
    </message>
    <message>
        <source>Nothing was found. Fewer words find more.</source>
        <translation>Nichts gefunden. Weniger Wörter finden mehr.</translation>
    </message>
    <message>
        <source>Models that end in GGUF are ready to use. Others are originals: larger, and you can make them smaller here. Licences differ; the page of each model says what it may be used for.</source>
        <translation>Modelle, deren Name auf GGUF endet, sind gleich benutzbar. Andere sind Originale: größer, und Sie können sie hier verkleinern. Die Lizenzen sind verschieden; die Seite jedes Modells sagt, wofür es benutzt werden darf.</translation>
    </message>
    <message>
        <source>Downloading: %1</source>
        <translation>Lädt herunter: %1</translation>
    </message>
    <message>
        <source>Downloads that are not complete…</source>
        <translation>Unvollständige Downloads …</translation>
    </message>
    <message>
        <source>Download more models…</source>
        <translation>Weitere Modelle herunterladen …</translation>
    </message>
    <message>
        <source>Files to send with the question</source>
        <translation>Dateien, die mit der Frage mitgehen</translation>
    </message>
    <message>
        <source>Texts, PDF, spreadsheets (*.txt *.md *.pdf *.xlsx *.xlsm *.ods *.csv *.tsv *.docx *.odt *.log *.html *.xml *.json *.eml)</source>
        <translation>Texte, PDF, Tabellen (*.txt *.md *.pdf *.xlsx *.xlsm *.ods *.csv *.tsv *.docx *.odt *.log *.html *.xml *.json *.eml)</translation>
    </message>
    <message>
        <source>Open a pack…</source>
        <translation>Paket öffnen…</translation>
    </message>
    <message>
        <source>Models in a folder with a list of checksums, as an IT department hands them out.</source>
        <translation>Modelle in einem Ordner mit Prüfsummen, wie eine IT-Abteilung sie verteilt.</translation>
    </message>
    <message>
        <source>Open a pack</source>
        <translation>Paket öffnen</translation>
    </message>
    <message>
        <source>A folder of models with a list of their checksums, for computers without a network.</source>
        <translation>Ein Ordner mit Modellen und ihren Prüfsummen, für Computer ohne Netzwerk.</translation>
    </message>
    <message>
        <source>Choose a folder…</source>
        <translation>Ordner wählen…</translation>
    </message>
    <message>
        <source>The folder of the pack</source>
        <translation>Der Ordner des Pakets</translation>
    </message>
    <message>
        <source>Where is the pack?</source>
        <translation>Wo ist das Paket?</translation>
    </message>
    <message>
        <source>It is a folder with a file nibble-pack.json in it, on a share, a disk or a USB stick. What is in it is shown before anything is copied.</source>
        <translation>Es ist ein Ordner, in dem eine Datei nibble-pack.json liegt, auf einer Freigabe, einer Festplatte oder einem USB-Stick. Was darin ist, wird gezeigt, bevor etwas kopiert wird.</translation>
    </message>
    <message>
        <source>Reading the pack</source>
        <translation>Das Paket wird gelesen</translation>
    </message>
    <message>
        <source>Stop</source>
        <translation>Stopp</translation>
    </message>
    <message>
        <source>Nothing is installed then (Esc).</source>
        <translation>Dann wird nichts installiert (Esc).</translation>
    </message>
    <message>
        <source>Check and install</source>
        <translation>Prüfen und installieren</translation>
    </message>
    <message>
        <source>All of it is here</source>
        <translation>Alles ist schon hier</translation>
    </message>
    <message>
        <source>Only check</source>
        <translation>Nur prüfen</translation>
    </message>
    <message>
        <source>Every file is compared with its checksum while it is copied. Nothing appears in the list of models unless all of it is right.</source>
        <translation>Jede Datei wird beim Kopieren mit ihrer Prüfsumme verglichen. In der Liste der Modelle erscheint nur etwas, wenn alles stimmt.</translation>
    </message>
    <message>
        <source>The same question to every model, with the same settings. Words that differ are marked.</source>
        <translation>Dieselbe Frage an jedes Modell, mit denselben Einstellungen. Abweichende Wörter sind markiert.</translation>
    </message>
    <message>
        <source>A model is there twice. Choose different ones.</source>
        <translation>Ein Modell kommt zweimal vor. Wählen Sie verschiedene.</translation>
    </message>
    <message>
        <source>Ask them something</source>
        <translation>Fragen Sie sie etwas</translation>
    </message>
    <message>
        <source>You will see the answers without names, and judge them before you learn which model wrote which.</source>
        <translation>Sie sehen die Antworten ohne Namen und urteilen, bevor Sie erfahren, welches Modell welche geschrieben hat.</translation>
    </message>
    <message>
        <source>Measure them on a text</source>
        <translation>An einem Text messen</translation>
    </message>
    <message>
        <source>Ask them…  (Enter sends, Shift+Enter: new line)</source>
        <translation>Fragen…  (Eingabe sendet, Umschalt+Eingabe: neue Zeile)</translation>
    </message>
    <message>
        <source>Ask them</source>
        <translation>Fragen</translation>
    </message>
    <message>
        <source>Movement</source>
        <translation>Bewegung</translation>
    </message>
    <message>
        <source>Shown</source>
        <translation>Anzeigen</translation>
    </message>
    <message>
        <source>Reduced</source>
        <translation>Reduziert</translation>
    </message>
</context>
<context>
    <name>PairChooser</name>
    <message>
        <source>Original, or any model</source>
        <translation>Original oder irgendein Modell</translation>
    </message>
    <message>
        <source>First model</source>
        <translation>Erstes Modell</translation>
    </message>
    <message>
        <source>Smaller, or any other model</source>
        <translation>Kleineres oder irgendein anderes Modell</translation>
    </message>
    <message>
        <source>Second model</source>
        <translation>Zweites Modell</translation>
    </message>
    <message>
        <source>Blind: hide which model wrote which answer until I have judged</source>
        <translation>Blind: verbergen, welches Modell welche Antwort geschrieben hat, bis ich geurteilt habe</translation>
    </message>
    <message>
        <source>A third model</source>
        <translation>Ein drittes Modell</translation>
    </message>
    <message>
        <source>Third model</source>
        <translation>Drittes Modell</translation>
    </message>
    <message>
        <source>Compare without a third model</source>
        <translation>Ohne drittes Modell vergleichen</translation>
    </message>
    <message>
        <source>Add a third model</source>
        <translation>Drittes Modell hinzufügen</translation>
    </message>
</context>
<context>
    <name>PausedCard</name>
    <message>
        <source>What is here</source>
        <translation>Was da ist</translation>
    </message>
    <message>
        <source>Go on</source>
        <translation>Fortsetzen</translation>
    </message>
    <message>
        <source>Go on downloading %1</source>
        <translation>Das Herunterladen von %1 fortsetzen</translation>
    </message>
    <message>
        <source>Discard</source>
        <translation>Verwerfen</translation>
    </message>
    <message>
        <source>Discard %1</source>
        <translation>%1 verwerfen</translation>
    </message>
    <message>
        <source>Removes what has arrived.</source>
        <translation>Entfernt, was angekommen ist.</translation>
    </message>
</context>
<context>
    <name>PreviewLine</name>
    <message>
        <source>What each stop would cost this very model can be tried on a sample of text before anything is made.</source>
        <translation>Was jede Stufe gerade dieses Modell kosten würde, lässt sich an einem Stück Text ausprobieren, bevor etwas gemacht wird.</translation>
    </message>
    <message>
        <source>Trying all stops</source>
        <translation>Alle Stufen werden ausprobiert</translation>
    </message>
    <message>
        <source>Stop trying</source>
        <translation>Nicht weiter probieren</translation>
    </message>
    <message>
        <source>Try all stops</source>
        <translation>Alle Stufen ausprobieren</translation>
    </message>
    <message>
        <source>Seconds for a small model, minutes for a large one</source>
        <translation>Sekunden bei einem kleinen Modell, Minuten bei einem großen</translation>
    </message>
</context>
<context>
    <name>ProjectChooser</name>
    <message>
        <source>Chats that are shown</source>
        <translation>Angezeigte Chats</translation>
    </message>
    <message>
        <source>New project</source>
        <translation>Neues Projekt</translation>
    </message>
    <message>
        <source>Delete the project? Its chats stay.</source>
        <translation>Das Projekt löschen? Seine Chats bleiben.</translation>
    </message>
    <message>
        <source>Rename the project %1</source>
        <translation>Das Projekt %1 umbenennen</translation>
    </message>
    <message>
        <source>Yes, delete %1</source>
        <translation>Ja, %1 löschen</translation>
    </message>
    <message>
        <source>Delete the project %1; its chats stay</source>
        <translation>Das Projekt %1 löschen; seine Chats bleiben</translation>
    </message>
    <message>
        <source>Keep it</source>
        <translation>Behalten</translation>
    </message>
    <message>
        <source>Name of the new project</source>
        <translation>Name des neuen Projekts</translation>
    </message>
    <message>
        <source>New name of the project</source>
        <translation>Neuer Name des Projekts</translation>
    </message>
    <message>
        <source>Name, then Enter</source>
        <translation>Name, dann Eingabetaste</translation>
    </message>
</context>
<context>
    <name>PromptPack</name>
    <message>
        <source>%1 has no questions in it.</source>
        <translation>%1 enthält keine Fragen.</translation>
    </message>
</context>
<context>
    <name>ResultCard</name>
    <message>
        <source>The smaller model is ready.</source>
        <translation>Das kleinere Modell ist fertig.</translation>
    </message>
    <message>
        <source>Saved in %1 as %2</source>
        <translation>Gespeichert in %1 als %2</translation>
    </message>
    <message>
        <source>Check again</source>
        <translation>Noch einmal prüfen</translation>
    </message>
    <message>
        <source>Size on disk</source>
        <translation>Dateigröße</translation>
    </message>
    <message>
        <source>was %1</source>
        <translation>vorher %1</translation>
    </message>
    <message>
        <source>Word agreement</source>
        <translation>Wortübereinstimmung</translation>
    </message>
    <message>
        <source>How often both models would write the same next word.</source>
        <translation>Wie oft beide Modelle dasselbe nächste Wort schreiben würden.</translation>
    </message>
    <message>
        <source>Drift</source>
        <translation>Abweichung</translation>
    </message>
    <message>
        <source>%1 of 100</source>
        <translation>%1 von 100</translation>
    </message>
    <message>
        <source>surprise %1</source>
        <translation>Überraschung %1</translation>
    </message>
    <message>
        <source>How far the smaller model&apos;s expectations moved from the original&apos;s; 0 is the same. %1</source>
        <translation>Wie weit sich die Erwartungen des kleineren Modells von denen des Originals entfernt haben; 0 ist gleich. %1</translation>
    </message>
    <message>
        <source>Speed</source>
        <translation>Geschwindigkeit</translation>
    </message>
    <message>
        <source>Compare answers yourself to be sure it is good enough for your work.</source>
        <translation>Vergleichen Sie selbst Antworten, um sicher zu sein, dass es für Ihre Arbeit gut genug ist.</translation>
    </message>
    <message>
        <source>Chat with it</source>
        <translation>Damit chatten</translation>
    </message>
    <message>
        <source>Compare side by side</source>
        <translation>Nebeneinander vergleichen</translation>
    </message>
    <message>
        <source>Save report…</source>
        <translation>Bericht speichern…</translation>
    </message>
    <message>
        <source>All figures and pictures as a page for colleagues</source>
        <translation>Alle Zahlen und Bilder als Seite für Kolleginnen und Kollegen</translation>
    </message>
    <message>
        <source>Make another one</source>
        <translation>Noch eines machen</translation>
    </message>
</context>
<context>
    <name>RoundExport</name>
    <message>
        <source>Comparison of two models</source>
        <translation>Vergleich von zwei Modellen</translation>
    </message>
    <message>
        <source>Judged blind: %1</source>
        <translation>Blind beurteilt: %1</translation>
    </message>
    <message>
        <source>Comparison of models</source>
        <translation>Vergleich von Modellen</translation>
    </message>
</context>
<context>
    <name>RunningCard</name>
    <message>
        <source>Downloading %1</source>
        <translation>%1 wird heruntergeladen</translation>
    </message>
    <message>
        <source>Downloading</source>
        <translation>Herunterladen</translation>
    </message>
    <message>
        <source>Pause</source>
        <translation>Anhalten</translation>
    </message>
    <message>
        <source>What has arrived is kept.</source>
        <translation>Was angekommen ist, bleibt.</translation>
    </message>
    <message>
        <source>You can go on working; this runs beside it. The model appears when it is complete and its checksum is right.</source>
        <translation>Sie können weiterarbeiten; dies läuft nebenher. Das Modell erscheint, wenn es vollständig ist und seine Prüfsumme stimmt.</translation>
    </message>
</context>
<context>
    <name>SamplingCard</name>
    <message>
        <source>How the next word is chosen in this chat</source>
        <translation>Wie in diesem Gespräch das nächste Wort gewählt wird</translation>
    </message>
    <message>
        <source>As it was</source>
        <translation>Wie es war</translation>
    </message>
    <message>
        <source>Empties all fields: the style and the model decide.</source>
        <translation>Leert alle Felder: Stil und Modell entscheiden.</translation>
    </message>
    <message>
        <source>Close the advanced settings</source>
        <translation>Erweiterte Einstellungen schließen</translation>
    </message>
    <message>
        <source>An empty field leaves it to the style and the model; their number stands in it in grey.</source>
        <translation>Ein leeres Feld überlässt es dem Stil und dem Modell; deren Zahl steht grau darin.</translation>
    </message>
</context>
<context>
    <name>SamplingSettings</name>
    <message>
        <source>Temperature</source>
        <translation>Temperatur</translation>
    </message>
    <message>
        <source>0 always takes the likeliest word; 1 draws as the model expects; more is wilder.</source>
        <translation>0 nimmt immer das wahrscheinlichste Wort; 1 zieht, wie das Modell es erwartet; mehr ist wilder.</translation>
    </message>
    <message>
        <source>Top-k</source>
        <translation>Top-k</translation>
    </message>
    <message>
        <source>Draws only from this many likeliest words. 0: from all.</source>
        <translation>Zieht nur aus so vielen wahrscheinlichsten Wörtern. 0: aus allen.</translation>
    </message>
    <message>
        <source>Top-p</source>
        <translation>Top-p</translation>
    </message>
    <message>
        <source>Draws only from the likeliest words that together have this chance. 1: from all.</source>
        <translation>Zieht nur aus den wahrscheinlichsten Wörtern, die zusammen diese Wahrscheinlichkeit haben. 1: aus allen.</translation>
    </message>
    <message>
        <source>Min-p</source>
        <translation>Min-p</translation>
    </message>
    <message>
        <source>Leaves out words with less than this share of the likeliest word&apos;s chance. 0: none.</source>
        <translation>Lässt Wörter weg, die weniger als diesen Anteil der Wahrscheinlichkeit des wahrscheinlichsten haben. 0: keine.</translation>
    </message>
    <message>
        <source>Repetition penalty</source>
        <translation>Wiederholungsabzug</translation>
    </message>
    <message>
        <source>Makes words that were just used less likely. 1: off; 1.1 is usual.</source>
        <translation>Macht eben benutzte Wörter unwahrscheinlicher. 1: aus; üblich ist 1,1.</translation>
    </message>
    <message>
        <source>Repetition window</source>
        <translation>Wiederholungsfenster</translation>
    </message>
    <message>
        <source>How many of the last words (tokens) the penalties look at.</source>
        <translation>Wie viele der letzten Wörter (Token) die Abzüge betrachten.</translation>
    </message>
    <message>
        <source>Presence penalty</source>
        <translation>Vorkommensabzug</translation>
    </message>
    <message>
        <source>Makes every word that was used less likely by the same amount. 0: off.</source>
        <translation>Macht jedes benutzte Wort um denselben Betrag unwahrscheinlicher. 0: aus.</translation>
    </message>
    <message>
        <source>Frequency penalty</source>
        <translation>Häufigkeitsabzug</translation>
    </message>
    <message>
        <source>Makes a word less likely each time that it is used. 0: off.</source>
        <translation>Macht ein Wort mit jeder Benutzung unwahrscheinlicher. 0: aus.</translation>
    </message>
    <message>
        <source>DRY strength</source>
        <translation>DRY: Stärke</translation>
    </message>
    <message>
        <source>Keeps whole phrases from being repeated. 0: off; 0.8 is usual.</source>
        <translation>Verhindert, dass ganze Wendungen wiederholt werden. 0: aus; üblich ist 0,8.</translation>
    </message>
    <message>
        <source>DRY growth</source>
        <translation>DRY: Zunahme</translation>
    </message>
    <message>
        <source>How much stronger it gets with each word more of a repeated phrase.</source>
        <translation>Wie viel stärker es mit jedem weiteren Wort einer wiederholten Wendung wird.</translation>
    </message>
    <message>
        <source>DRY length</source>
        <translation>DRY: Länge</translation>
    </message>
    <message>
        <source>Phrases up to this many words (tokens) may be repeated.</source>
        <translation>Wendungen bis zu so vielen Wörtern (Token) dürfen wiederholt werden.</translation>
    </message>
    <message>
        <source>XTC chance</source>
        <translation>XTC: Häufigkeit</translation>
    </message>
    <message>
        <source>How often the most obvious words are left out, for livelier texts. 0: never.</source>
        <translation>Wie oft die naheliegendsten Wörter weggelassen werden, für lebendigere Texte. 0: nie.</translation>
    </message>
    <message>
        <source>XTC threshold</source>
        <translation>XTC: Schwelle</translation>
    </message>
    <message>
        <source>A word with at least this chance counts as obvious.</source>
        <translation>Ein Wort mit mindestens dieser Wahrscheinlichkeit gilt als naheliegend.</translation>
    </message>
    <message>
        <source>Mirostat surprise</source>
        <translation>Mirostat: Überraschung</translation>
    </message>
    <message>
        <source>Keeps the text this surprising, instead of top-k, top-p, min-p and XTC. 0: off; 5 is usual.</source>
        <translation>Hält den Text so überraschend, anstelle von Top-k, Top-p, Min-p und XTC. 0: aus; üblich ist 5.</translation>
    </message>
    <message>
        <source>Mirostat speed</source>
        <translation>Mirostat: Tempo</translation>
    </message>
    <message>
        <source>How quickly it corrects itself.</source>
        <translation>Wie schnell es sich berichtigt.</translation>
    </message>
    <message>
        <source>Seed</source>
        <translation>Startwert</translation>
    </message>
    <message>
        <source>The same number draws the same words again. 0: another one each time.</source>
        <translation>Dieselbe Zahl zieht wieder dieselben Wörter. 0: jedes Mal eine andere.</translation>
    </message>
</context>
<context>
    <name>Sentences</name>
    <message>
        <source>One line of code.</source>
        <translation>Eine Zeile Programm.</translation>
    </message>
    <message>
        <source>Code with %1 lines.</source>
        <translation>%1 Zeilen Programm.</translation>
    </message>
</context>
<context>
    <name>StartCard</name>
    <message>
        <source>%1 bits: %2. %3</source>
        <translation>%1 Bits: %2. %3</translation>
    </message>
    <message>
        <source>Size on disk</source>
        <translation>Dateigröße</translation>
    </message>
    <message>
        <source>now %1</source>
        <translation>jetzt %1</translation>
    </message>
    <message>
        <source>Memory while in use</source>
        <translation>Arbeitsspeicher im Betrieb</translation>
    </message>
    <message>
        <source>Free on this disk</source>
        <translation>Frei auf diesem Datenträger</translation>
    </message>
    <message>
        <source>not enough for this model</source>
        <translation>nicht genug für dieses Modell</translation>
    </message>
    <message>
        <source>enough</source>
        <translation>genug</translation>
    </message>
    <message>
        <source>Will be saved as %1</source>
        <translation>Wird gespeichert als %1</translation>
    </message>
    <message>
        <source>Change…</source>
        <translation>Ändern…</translation>
    </message>
    <message>
        <source>Change where the smaller model is saved</source>
        <translation>Ändern, wo das kleinere Modell gespeichert wird</translation>
    </message>
    <message>
        <source>There is not enough room on this disk. Choose another place, or fewer bits.</source>
        <translation>Auf diesem Datenträger ist nicht genug Platz. Wählen Sie einen anderen Ort oder weniger Bits.</translation>
    </message>
    <message>
        <source>How carefully</source>
        <translation>Wie sorgfältig</translation>
    </message>
    <message>
        <source>Quick</source>
        <translation>Schnell</translation>
    </message>
    <message>
        <source>Better</source>
        <translation>Besser</translation>
    </message>
    <message>
        <source>Careful</source>
        <translation>Sorgfältig</translation>
    </message>
    <message>
        <source>Rounds each number by itself.</source>
        <translation>Rundet jede Zahl für sich.</translation>
    </message>
    <message>
        <source>Lets the original read a text first and keeps most exact what matters there. Takes longer, loses less.</source>
        <translation>Lässt das Original zuerst einen Text lesen und hält am genauesten, worauf es dort ankommt. Dauert länger, verliert weniger.</translation>
    </message>
    <message>
        <source>And lets numbers make up for each other&apos;s rounding. Takes several times longer, loses least.</source>
        <translation>Und lässt Zahlen das Runden anderer ausgleichen. Dauert mehrmals so lange, verliert am wenigsten.</translation>
    </message>
    <message>
        <source>Make smaller</source>
        <translation>Verkleinern</translation>
    </message>
    <message>
        <source>The original stays as it is. A quick check follows.</source>
        <translation>Das Original bleibt, wie es ist. Danach folgt eine kurze Prüfung.</translation>
    </message>
    <message>
        <source>%1 bits, predicted: %2</source>
        <translation>%1 Bit, vorhergesagt: %2</translation>
    </message>
    <message>
        <source>As the original would choose</source>
        <translation>Wie das Original wählen würde</translation>
    </message>
    <message>
        <source>How many of 100 next words would be the same as the original&apos;s. A prediction: the check afterwards measures it.</source>
        <translation>Wie viele von 100 nächsten Wörtern dieselben wären wie beim Original. Eine Vorhersage: Die Prüfung danach misst es.</translation>
    </message>
    <message>
        <source>Time to make it</source>
        <translation>Zeit zum Verkleinern</translation>
    </message>
    <message>
        <source>Make it that small anyway</source>
        <translation>Trotzdem so klein machen</translation>
    </message>
    <message>
        <source>Memory to make it</source>
        <translation>Speicher beim Verkleinern</translation>
    </message>
    <message>
        <source>at most, and gone afterwards</source>
        <translation>höchstens, danach wieder frei</translation>
    </message>
    <message>
        <source>Of the model only a part is in memory at a time. Better and Careful also read a text with it.</source>
        <translation>Vom Modell liegt immer nur ein Teil im Speicher. Besser und Sorgfältig lesen außerdem einen Text mit ihm.</translation>
    </message>
</context>
<context>
    <name>StartingCard</name>
    <message>
        <source>Start with this one</source>
        <translation>Damit anfangen</translation>
    </message>
    <message>
        <source>Start with %1</source>
        <translation>Mit %1 anfangen</translation>
    </message>
</context>
<context>
    <name>StartingStep</name>
    <message>
        <source>Open another…</source>
        <translation>Eine andere öffnen…</translation>
    </message>
    <message>
        <source>Found on this computer</source>
        <translation>Auf diesem Computer gefunden</translation>
    </message>
    <message>
        <source>The best of the models that are here already and fit.</source>
        <translation>Das beste der Modelle, die schon da sind und passen.</translation>
    </message>
    <message>
        <source>Looking in your model folder, in Downloads and where other programs keep models…</source>
        <translation>Es wird im Modellordner gesucht, unter Downloads und dort, wo andere Programme Modelle ablegen…</translation>
    </message>
    <message>
        <source>No model that fits was found in %1, in Downloads or where other programs keep models.</source>
        <translation>In %1, unter Downloads und dort, wo andere Programme Modelle ablegen, wurde kein passendes Modell gefunden.</translation>
    </message>
    <message>
        <source>Comes with Nibble</source>
        <translation>Bei Nibble dabei</translation>
    </message>
    <message>
        <source>Tiny, and ready at once. It shows how everything works, but knows only a few sentences.</source>
        <translation>Winzig und sofort bereit. Es zeigt, wie alles geht, kennt aber nur wenige Sätze.</translation>
    </message>
    <message>
        <source>A model of your own</source>
        <translation>Ein eigenes Modell</translation>
    </message>
    <message>
        <source>One that a colleague gave you, or that you downloaded: a .gguf file, or a folder from Hugging Face. You can also drop it here.</source>
        <translation>Eines, das Sie von Kollegen bekommen oder heruntergeladen haben: eine .gguf-Datei oder ein Ordner von Hugging Face. Sie können es auch hierher ziehen.</translation>
    </message>
    <message>
        <source>Open file…</source>
        <translation>Datei öffnen…</translation>
    </message>
    <message>
        <source>Open folder…</source>
        <translation>Ordner öffnen…</translation>
    </message>
    <message>
        <source>Download…</source>
        <translation>Herunterladen…</translation>
    </message>
    <message>
        <source>Asks first: this uses the Internet.</source>
        <translation>Fragt zuerst: Dies benutzt das Internet.</translation>
    </message>
</context>
<context>
    <name>StopCard</name>
    <message>
        <source>bits</source>
        <translation>Bits</translation>
    </message>
    <message>
        <source>Recommended</source>
        <translation>Empfohlen</translation>
    </message>
</context>
<context>
    <name>StopChooser</name>
    <message>
        <source>How many bits</source>
        <translation>Wie viele Bits</translation>
    </message>
</context>
<context>
    <name>TextFile</name>
    <message>
        <source>%1 cannot be read: %2</source>
        <translation>%1 kann nicht gelesen werden: %2</translation>
    </message>
    <message>
        <source>it is not a file</source>
        <translation>es ist keine Datei</translation>
    </message>
    <message>
        <source>%1 is too large: at most %2 of text can be read.</source>
        <translation>%1 ist zu groß: Höchstens %2 Text können gelesen werden.</translation>
    </message>
    <message>
        <source>%1 is not a text file. Save it as plain text (UTF-8) first.</source>
        <translation>%1 ist keine Textdatei. Speichern Sie sie zuerst als reinen Text (UTF-8).</translation>
    </message>
    <message>
        <source>%1 could not be saved: %2</source>
        <translation>%1 konnte nicht gespeichert werden: %2</translation>
    </message>
</context>
<context>
    <name>ThoughtsBlock</name>
    <message>
        <source>Thinking…</source>
        <translation>Denkt nach …</translation>
    </message>
    <message>
        <source>What it thought first</source>
        <translation>Was es zuerst gedacht hat</translation>
    </message>
    <message>
        <source>Fold away</source>
        <translation>Einklappen</translation>
    </message>
    <message>
        <source>Show</source>
        <translation>Anzeigen</translation>
    </message>
</context>
<context>
    <name>UnfinishedCard</name>
    <message>
        <source>Go on</source>
        <translation>Fortsetzen</translation>
    </message>
    <message>
        <source>Discard</source>
        <translation>Verwerfen</translation>
    </message>
    <message>
        <source>Removes what was done so far; the original stays as it is.</source>
        <translation>Entfernt, was bisher getan wurde; das Original bleibt, wie es ist.</translation>
    </message>
</context>
<context>
    <name>VersionChooser</name>
    <message>
        <source>Version before</source>
        <translation>Fassung davor</translation>
    </message>
    <message>
        <source>%1 of %2</source>
        <translation>%1 von %2</translation>
    </message>
    <message>
        <source>Version after</source>
        <translation>Fassung danach</translation>
    </message>
</context>
<context>
    <name>VoteResult</name>
    <message>
        <source>once</source>
        <translation>einmal</translation>
    </message>
    <message>
        <source>%1 times</source>
        <translation>%1 Mal</translation>
    </message>
    <message>
        <source>You prefer %1.</source>
        <translation>Sie bevorzugen %1.</translation>
    </message>
    <message>
        <source>You could not tell them apart.</source>
        <translation>Sie konnten sie nicht unterscheiden.</translation>
    </message>
    <message>
        <source>Too few votes to say anything yet.</source>
        <translation>Noch zu wenige Urteile, um etwas zu sagen.</translation>
    </message>
    <message>
        <source>No evidence of a difference.</source>
        <translation>Kein Hinweis auf einen Unterschied.</translation>
    </message>
    <message>
        <source>Where you preferred one, it was %1 %2 of %3 (%4 %; the true share is probably between %5 and %6 %; pure chance gives 50 %).</source>
        <translation>Wo Sie eines bevorzugten, war es %2-mal von %3 %1 (%4 %; der wahre Anteil liegt wahrscheinlich zwischen %5 und %6 %; reiner Zufall ergibt 50 %).</translation>
    </message>
    <message>
        <source>No difference: %1.</source>
        <translation>Kein Unterschied: %1.</translation>
    </message>
    <message>
        <source>A preference can only be told from chance after %1 votes for one or the other.</source>
        <translation>Eine Vorliebe lässt sich erst nach %1 Urteilen für das eine oder das andere vom Zufall unterscheiden.</translation>
    </message>
    <message>
        <source>%1 beside %2</source>
        <translation>%1 neben %2</translation>
    </message>
    <message>
        <source>Found bad: %1.</source>
        <translation>Für schlecht befunden: %1.</translation>
    </message>
    <message>
        <source>Another model was preferred, which says nothing about these two: %1.</source>
        <translation>Ein anderes Modell wurde vorgezogen, was über diese beiden nichts sagt: %1.</translation>
    </message>
</context>
<context>
    <name>VotesCard</name>
    <message>
        <source>Only what was judged blind counts. Questions and judgements stay on this computer.</source>
        <translation>Nur was blind beurteilt wurde, zählt. Fragen und Urteile bleiben auf diesem Computer.</translation>
    </message>
    <message>
        <source>Questions and answers stay on this computer, also after Nibble is closed.</source>
        <translation>Fragen und Antworten bleiben auf diesem Computer, auch nachdem Nibble geschlossen ist.</translation>
    </message>
    <message>
        <source>Save as a document…</source>
        <translation>Als Dokument speichern…</translation>
    </message>
    <message>
        <source>Yes, forget them</source>
        <translation>Ja, vergessen</translation>
    </message>
    <message>
        <source>Forget these questions</source>
        <translation>Diese Fragen vergessen</translation>
    </message>
    <message>
        <source>The models did not fit into memory at once, so they answered one after the other.</source>
        <translation>Die Modelle passten nicht gleichzeitig in den Speicher, deshalb haben sie nacheinander geantwortet.</translation>
    </message>
</context>
<context>
    <name>Words</name>
    <message>
        <source>a few seconds left</source>
        <translation>noch wenige Sekunden</translation>
    </message>
    <message>
        <source>less than a minute left</source>
        <translation>noch weniger als eine Minute</translation>
    </message>
    <message>
        <source>about %1 left</source>
        <translation>noch etwa %1</translation>
    </message>
    <message>
        <source>a second</source>
        <translation>eine Sekunde</translation>
    </message>
    <message>
        <source>%1 seconds</source>
        <translation>%1 Sekunden</translation>
    </message>
    <message>
        <source>a minute</source>
        <translation>eine Minute</translation>
    </message>
    <message>
        <source>%1 minutes</source>
        <translation>%1 Minuten</translation>
    </message>
    <message>
        <source>an hour</source>
        <translation>eine Stunde</translation>
    </message>
    <message>
        <source>%1 hours</source>
        <translation>%1 Stunden</translation>
    </message>
    <message>
        <source>%1 bits (original)</source>
        <translation>%1 Bits (Original)</translation>
    </message>
    <message>
        <source>%1 bits</source>
        <translation>%1 Bits</translation>
    </message>
    <message>
        <source>About %1 words a second</source>
        <translation>Etwa %1 Wörter je Sekunde</translation>
    </message>
    <message>
        <source>%1 billion</source>
        <translation>%1 Milliarden</translation>
    </message>
    <message>
        <source>%1 million</source>
        <translation>%1 Millionen</translation>
    </message>
    <message>
        <source>Up to %1 words a second</source>
        <translation>Bis zu %1 Wörter je Sekunde</translation>
    </message>
</context>
<context>
    <name>WorkCard</name>
    <message>
        <source>Checking the smaller model against the original</source>
        <translation>Das kleinere Modell wird gegen das Original geprüft</translation>
    </message>
    <message>
        <source>Making %1 smaller: %2 bits</source>
        <translation>%1 wird verkleinert: %2 Bits</translation>
    </message>
    <message>
        <source>Checking</source>
        <translation>Wird geprüft</translation>
    </message>
    <message>
        <source>Making smaller</source>
        <translation>Wird verkleinert</translation>
    </message>
    <message>
        <source>Skip the check</source>
        <translation>Die Prüfung überspringen</translation>
    </message>
    <message>
        <source>Cancel</source>
        <translation>Abbrechen</translation>
    </message>
    <message>
        <source>The smaller model is already saved (Esc).</source>
        <translation>Das kleinere Modell ist schon gespeichert (Esc).</translation>
    </message>
    <message>
        <source>Nothing is left behind (Esc).</source>
        <translation>Nichts bleibt zurück (Esc).</translation>
    </message>
    <message>
        <source>Standing still while an answer is being written. It goes on by itself.</source>
        <translation>Steht still, solange eine Antwort geschrieben wird. Danach geht es von selbst weiter.</translation>
    </message>
    <message>
        <source>You can go on chatting. While an answer is being written, this stands still, so that chatting stays as fast as ever.</source>
        <translation>Sie können weiter chatten. Solange eine Antwort geschrieben wird, steht dies still, damit der Chat so schnell bleibt wie sonst.</translation>
    </message>
    <message>
        <source>Making %1 with more bits in some layers</source>
        <translation>%1 entsteht mit mehr Bits in einigen Schichten</translation>
    </message>
</context>
<context>
    <name>WorkingCard</name>
    <message>
        <source>Comparing</source>
        <translation>Wird verglichen</translation>
    </message>
    <message>
        <source>Cancel</source>
        <translation>Abbrechen</translation>
    </message>
    <message>
        <source>Measuring them on a text</source>
        <translation>Wird an einem Text gemessen</translation>
    </message>
    <message>
        <source>Asking: %1</source>
        <translation>Frage: %1</translation>
    </message>
    <message>
        <source>Standing still while an answer is being written. It goes on by itself.</source>
        <translation>Steht still, solange eine Antwort geschrieben wird. Danach geht es von selbst weiter.</translation>
    </message>
</context>
<context>
    <name>WorstMoments</name>
    <message>
        <source>Worst moments</source>
        <translation>Schlimmste Stellen</translation>
    </message>
    <message>
        <source>What each model expects as the next word, and how sure it is. Another word is marked with ≠; it need not be a wrong one.</source>
        <translation>Was jedes Modell als nächstes Wort erwartet, und wie sicher es ist. Ein anderes Wort ist mit ≠ markiert; es muss nicht falsch sein.</translation>
    </message>
    <message>
        <source>Show fewer</source>
        <translation>Weniger zeigen</translation>
    </message>
    <message>
        <source>Show all %1</source>
        <translation>Alle %1 zeigen</translation>
    </message>
</context>
<context>
    <name>nibble::gui::App</name>
    <message>
        <source>The engine stopped unexpectedly. A new one is being started; your chats and models are safe.</source>
        <translation>Die Engine ist unerwartet stehen geblieben. Eine neue wird gestartet; Ihre Chats und Modelle sind sicher.</translation>
    </message>
    <message>
        <source>Running on %1</source>
        <translation>Läuft auf: %1</translation>
    </message>
    <message>
        <source>processor</source>
        <translation>Prozessor</translation>
    </message>
    <message>
        <source>%1, %2 cores used, %3 of %4 memory free</source>
        <translation>%1, %2 Kerne benutzt, %3 von %4 Arbeitsspeicher frei</translation>
    </message>
    <message>
        <source>Can run on: %1</source>
        <translation>Kann laufen auf: %1</translation>
    </message>
    <message>
        <source>Engine not running</source>
        <translation>Die Engine läuft nicht</translation>
    </message>
    <message>
        <source>Automatic</source>
        <translation>Automatisch</translation>
    </message>
    <message>
        <source>%1: %2</source>
        <translation>%1: %2</translation>
    </message>
    <message>
        <source>Processor</source>
        <translation>Prozessor</translation>
    </message>
    <message>
        <source>The engine had stopped and was started again. You can go on. Making a model smaller continues where it was; other jobs have to be repeated.</source>
        <translation>Die Engine war stehen geblieben und wurde neu gestartet. Sie können weiterarbeiten. Das Verkleinern eines Modells geht weiter, wo es war; andere Aufträge müssen wiederholt werden.</translation>
    </message>
</context>
<context>
    <name>nibble::gui::AttachmentList</name>
    <message>
        <source>%1 tokens</source>
        <translation>%1 Tokens</translation>
    </message>
    <message>
        <source>This is more than the model can keep in mind: %1 tokens, and this chat has room for %2 with an answer. Leave a file out, or shorten it.</source>
        <translation>Das ist mehr, als das Modell im Gedächtnis behalten kann: %1 Tokens, und in diesem Chat ist mit einer Antwort Platz für %2. Lassen Sie eine Datei weg, oder kürzen Sie sie.</translation>
    </message>
    <message>
        <source>At most %1 files go with one question.</source>
        <translation>Höchstens %1 Dateien gehen mit einer Frage mit.</translation>
    </message>
    <message>
        <source>is being read…</source>
        <translation>wird gelesen…</translation>
    </message>
</context>
<context>
    <name>nibble::gui::ChatController</name>
    <message>
        <source>Stopped</source>
        <translation>Angehalten</translation>
    </message>
    <message>
        <source>Saved as %1.</source>
        <translation>Gespeichert als %1.</translation>
    </message>
    <message>
        <source>Interrupted</source>
        <translation>Unterbrochen</translation>
    </message>
    <message>
        <source>&quot;%1&quot; is in the trash for %2 days.</source>
        <translation>„%1“ liegt für %2 Tage im Papierkorb.</translation>
    </message>
    <message>
        <source>Thinking…</source>
        <translation>Denkt nach …</translation>
    </message>
</context>
<context>
    <name>nibble::gui::CompareController</name>
    <message>
        <source>Question %1 of %2</source>
        <translation>Frage %1 von %2</translation>
    </message>
    <message>
        <source>Saved as %1.</source>
        <translation>Gespeichert als %1.</translation>
    </message>
    <message>
        <source>Nothing could be measured.</source>
        <translation>Es konnte nichts gemessen werden.</translation>
    </message>
    <message>
        <source>%1 is better</source>
        <translation>%1 ist besser</translation>
    </message>
    <message>
        <source>%1 is best</source>
        <translation>%1 ist am besten</translation>
    </message>
    <message>
        <source>No difference</source>
        <translation>Kein Unterschied</translation>
    </message>
    <message>
        <source>Both are bad</source>
        <translation>Beide schlecht</translation>
    </message>
    <message>
        <source>All are bad</source>
        <translation>Alle schlecht</translation>
    </message>
</context>
<context>
    <name>nibble::gui::ConversationList</name>
    <message>
        <source>Today</source>
        <translation>Heute</translation>
    </message>
    <message>
        <source>Yesterday</source>
        <translation>Gestern</translation>
    </message>
</context>
<context>
    <name>nibble::gui::DocumentReader</name>
    <message>
        <source>%1 took too long to read. The file may be damaged or very large.</source>
        <translation>Das Lesen von %1 dauerte zu lange. Die Datei ist vielleicht beschädigt oder sehr groß.</translation>
    </message>
    <message>
        <source>%1 cannot be read: the part of Nibble that reads such files (nibble-reader) is missing. Install Nibble again.</source>
        <translation>%1 kann nicht gelesen werden: Der Teil von Nibble, der solche Dateien liest (nibble-reader), fehlt. Installieren Sie Nibble neu.</translation>
    </message>
    <message>
        <source>%1 cannot be read: the part of Nibble that reads such files does not start. %2</source>
        <translation>%1 kann nicht gelesen werden: Der Teil von Nibble, der solche Dateien liest, startet nicht. %2</translation>
    </message>
    <message>
        <source>%1 could not be read: the reader fell over it. The file may be damaged.</source>
        <translation>%1 konnte nicht gelesen werden: Das Leseprogramm ist daran gescheitert. Die Datei ist vielleicht beschädigt.</translation>
    </message>
    <message>
        <source>%1: %2 of %3 pages hold no text but pictures; the model will not see these.</source>
        <translation>%1: %2 von %3 Seiten enthalten keinen Text, nur Bilder; diese sieht das Modell nicht.</translation>
    </message>
    <message>
        <source>%1 is protected with a password. Save it without one first.</source>
        <translation>%1 ist mit einem Kennwort geschützt. Speichern Sie die Datei zuerst ohne Kennwort.</translation>
    </message>
    <message>
        <source>%1 holds no text. If it is a scan, its pages are pictures, and Nibble cannot read text in pictures.</source>
        <translation>%1 enthält keinen Text. Ist es ein Scan, dann sind die Seiten Bilder, und Text in Bildern kann Nibble nicht lesen.</translation>
    </message>
    <message>
        <source>%1 is in an old format of Office (before 2007). Save it as .xlsx, .docx or PDF first.</source>
        <translation>%1 ist in einem alten Office-Format (vor 2007). Speichern Sie die Datei zuerst als .xlsx, .docx oder PDF.</translation>
    </message>
    <message>
        <source>%1 is too large to be read.</source>
        <translation>%1 ist zu groß, um gelesen zu werden.</translation>
    </message>
    <message>
        <source>%1 holds more text than can go with a question. Save the part that matters as a file of its own.</source>
        <translation>%1 enthält mehr Text, als mit einer Frage mitgehen kann. Speichern Sie den wichtigen Teil als eigene Datei.</translation>
    </message>
    <message>
        <source>%1 cannot be read: this Nibble was built without Qt PDF (package qt6-pdf-dev).</source>
        <translation>%1 kann nicht gelesen werden: Dieses Nibble wurde ohne Qt PDF gebaut (Paket qt6-pdf-dev).</translation>
    </message>
    <message>
        <source>%1 is of a kind that cannot be read. PDF, .xlsx, .ods, .docx, .odt and text files can.</source>
        <translation>%1 ist von einer Art, die nicht gelesen werden kann. PDF, .xlsx, .ods, .docx, .odt und Textdateien können es.</translation>
    </message>
    <message>
        <source>%1 is damaged and cannot be read.</source>
        <translation>%1 ist beschädigt und kann nicht gelesen werden.</translation>
    </message>
</context>
<context>
    <name>nibble::gui::Downloads</name>
    <message>
        <source>searching for &quot;%1&quot;</source>
        <translation>Suche nach „%1“</translation>
    </message>
    <message>
        <source>ready to use</source>
        <translation>gleich benutzbar</translation>
    </message>
    <message>
        <source>an original, to be made smaller</source>
        <translation>ein Original, zum Verkleinern</translation>
    </message>
    <message>
        <source>%1 downloads</source>
        <translation>%1-mal heruntergeladen</translation>
    </message>
    <message>
        <source>looking up %1</source>
        <translation>Nachsehen bei %1</translation>
    </message>
    <message>
        <source>The licence is not stated</source>
        <translation>Die Lizenz ist nicht angegeben</translation>
    </message>
    <message>
        <source>Licence: %1</source>
        <translation>Lizenz: %1</translation>
    </message>
    <message>
        <source>The original, a folder</source>
        <translation>Das Original, ein Ordner</translation>
    </message>
    <message>
        <source>Connecting…</source>
        <translation>Verbinde …</translation>
    </message>
    <message>
        <source>downloading %1 of %2</source>
        <translation>Herunterladen von %1 aus %2</translation>
    </message>
    <message>
        <source>%1 %</source>
        <translation>%1 %</translation>
    </message>
    <message>
        <source>%1 of %2</source>
        <translation>%1 von %2</translation>
    </message>
    <message>
        <source>%1 is not complete</source>
        <translation>%1 ist nicht vollständig</translation>
    </message>
    <message>
        <source>%1 of %2 are here; it goes on where it was. From %3.</source>
        <translation>%1 von %2 sind da; es geht dort weiter, wo es war. Aus %3.</translation>
    </message>
    <message>
        <source>only for those who agreed to its terms</source>
        <translation>nur für die, die seinen Bedingungen zugestimmt haben</translation>
    </message>
    <message>
        <source>The hub gives it only to people who have agreed to its terms: see Settings, Internet</source>
        <translation>Der Hub gibt es nur an Personen, die seinen Bedingungen zugestimmt haben: siehe Einstellungen, Internet</translation>
    </message>
</context>
<context>
    <name>nibble::gui::EngineProcess</name>
    <message>
        <source>The engine does not answer.</source>
        <translation>Die Engine antwortet nicht.</translation>
    </message>
    <message>
        <source>Close other programs and try again.</source>
        <translation>Schließen Sie andere Programme und versuchen Sie es noch einmal.</translation>
    </message>
    <message>
        <source>This text is too long.</source>
        <translation>Dieser Text ist zu lang.</translation>
    </message>
    <message>
        <source>Shorten it.</source>
        <translation>Kürzen Sie ihn.</translation>
    </message>
    <message>
        <source>The engine of Nibble was not found.</source>
        <translation>Die Engine von Nibble wurde nicht gefunden.</translation>
    </message>
    <message>
        <source>nibble-cli is missing.</source>
        <translation>nibble-cli fehlt.</translation>
    </message>
    <message>
        <source>Install Nibble again, or set NIBBLE_CLI to the path of nibble-cli.</source>
        <translation>Installieren Sie Nibble neu, oder setzen Sie NIBBLE_CLI auf den Pfad von nibble-cli.</translation>
    </message>
    <message>
        <source>The engine of Nibble could not be started.</source>
        <translation>Die Engine von Nibble konnte nicht gestartet werden.</translation>
    </message>
    <message>
        <source>Install Nibble again.</source>
        <translation>Installieren Sie Nibble neu.</translation>
    </message>
    <message>
        <source>It was ended by signal %1.</source>
        <translation>Sie wurde durch das Signal %1 beendet.</translation>
    </message>
    <message>
        <source>It ended with code %1.</source>
        <translation>Sie endete mit dem Code %1.</translation>
    </message>
    <message>
        <source>The engine stopped.</source>
        <translation>Die Engine ist stehen geblieben.</translation>
    </message>
    <message>
        <source>A new engine is being started. Try again.</source>
        <translation>Eine neue Engine wird gestartet. Versuchen Sie es noch einmal.</translation>
    </message>
    <message>
        <source>The engine sent an answer that is too long.</source>
        <translation>Die Engine hat eine zu lange Antwort gesendet.</translation>
    </message>
    <message>
        <source>Try again.</source>
        <translation>Versuchen Sie es noch einmal.</translation>
    </message>
    <message>
        <source>The engine and the window are of different versions.</source>
        <translation>Engine und Fenster gehören zu verschiedenen Versionen.</translation>
    </message>
    <message>
        <source>%1 speaks protocol %2, the window %3.</source>
        <translation>%1 spricht Protokoll %2, das Fenster %3.</translation>
    </message>
    <message>
        <source>Stopped.</source>
        <translation>Angehalten.</translation>
    </message>
    <message>
        <source>The engine did not react and was ended.</source>
        <translation>Die Engine hat nicht reagiert und wurde beendet.</translation>
    </message>
</context>
<context>
    <name>nibble::gui::FakeEngine</name>
    <message>
        <source>The engine stopped.</source>
        <translation>Die Engine ist stehen geblieben.</translation>
    </message>
    <message>
        <source>A new engine is being started. Try again.</source>
        <translation>Eine neue Engine wird gestartet. Versuchen Sie es noch einmal.</translation>
    </message>
</context>
<context>
    <name>nibble::gui::LayerCosts</name>
    <message>
        <source>less than 1&#xa0;%</source>
        <translation>weniger als 1&#xa0;%</translation>
    </message>
    <message>
        <source>%1&#xa0;%</source>
        <translation>%1&#xa0;%</translation>
    </message>
    <message>
        <source>in the tables of words</source>
        <translation>in den Wortlisten</translation>
    </message>
    <message>
        <source>in layer %1</source>
        <translation>in Schicht %1</translation>
    </message>
    <message>
        <source>in layers %1 and %2</source>
        <translation>in den Schichten %1 und %2</translation>
    </message>
    <message>
        <source>%1, and %2</source>
        <translation>%1 und %2</translation>
    </message>
    <message>
        <source>Tables of words</source>
        <translation>Wortlisten</translation>
    </message>
    <message>
        <source>Layer %1</source>
        <translation>Schicht %1</translation>
    </message>
    <message>
        <source>W</source>
        <comment>short for: tables of words</comment>
        <translation>W</translation>
    </message>
    <message>
        <source>%1 of the loss; %2</source>
        <translation>%1 des Verlusts; %2</translation>
    </message>
    <message>
        <source>%1: %2</source>
        <translation>%1: %2</translation>
    </message>
    <message>
        <source>Each bar: what the original loses with only this layer made smaller, measured at %1 places of a text.</source>
        <translation>Jeder Balken: was das Original verliert, wenn nur diese Schicht verkleinert ist, gemessen an %1 Stellen eines Textes.</translation>
    </message>
    <message>
        <source>Give it %1 more</source>
        <translation>Dort %1 mehr geben</translation>
    </message>
    <message>
        <source>Give them %1 more</source>
        <translation>Dort %1 mehr geben</translation>
    </message>
    <message>
        <source>, with more bits %1</source>
        <translation>, mit mehr Bits %1</translation>
    </message>
    <message>
        <source>No layer costs anything that more bits would give back.</source>
        <translation>Keine Schicht kostet etwas, das mehr Bits zurückbrächten.</translation>
    </message>
    <message>
        <source>More bits help most %1: %2 of the loss comes from there. They make the file %3 larger.</source>
        <translation>Mehr Bits helfen am meisten %1: Von dort kommen %2 des Verlusts. Sie machen die Datei %3 größer.</translation>
    </message>
</context>
<context>
    <name>nibble::gui::Library</name>
    <message>
        <source>There is no model in this folder.</source>
        <translation>In diesem Ordner ist kein Modell.</translation>
    </message>
    <message>
        <source>A model is a .gguf file, or a folder with config.json and .safetensors files.</source>
        <translation>Ein Modell ist eine .gguf-Datei oder ein Ordner mit config.json und .safetensors-Dateien.</translation>
    </message>
    <message>
        <source>%1 could not be moved to the trash.</source>
        <translation>%1 konnte nicht in den Papierkorb gelegt werden.</translation>
    </message>
    <message>
        <source>Delete it in the file manager.</source>
        <translation>Löschen Sie es im Dateimanager.</translation>
    </message>
    <message>
        <source>%1 could not be put back.</source>
        <translation>%1 konnte nicht zurückgeholt werden.</translation>
    </message>
    <message>
        <source>Restore it in the file manager.</source>
        <translation>Holen Sie es im Dateimanager zurück.</translation>
    </message>
</context>
<context>
    <name>nibble::gui::NetworkUse</name>
    <message>
        <source>%1: %2, %3</source>
        <translation>%1: %2, %3</translation>
    </message>
    <message>
        <source>Nothing has been sent. Network used: never.</source>
        <translation>Nichts wurde gesendet. Netzwerk benutzt: nie.</translation>
    </message>
    <message>
        <source>No chat and no file was sent. Network last used: %1, %2.</source>
        <translation>Kein Chat und keine Datei wurde gesendet. Netzwerk zuletzt benutzt: %1, %2.</translation>
    </message>
</context>
<context>
    <name>nibble::gui::PackController</name>
    <message>
        <source>The licence is not stated</source>
        <translation>Die Lizenz ist nicht angegeben</translation>
    </message>
    <message>
        <source>Licence: %1</source>
        <translation>Lizenz: %1</translation>
    </message>
    <message>
        <source>Is here</source>
        <translation>Ist hier</translation>
    </message>
    <message>
        <source>Cannot be used</source>
        <translation>Nicht benutzbar</translation>
    </message>
    <message>
        <source>Models: %1</source>
        <translation>Modelle: %1</translation>
    </message>
    <message>
        <source>Waiting for its turn…</source>
        <translation>Wartet, bis es an der Reihe ist…</translation>
    </message>
    <message>
        <source>%1 %</source>
        <translation>%1 %</translation>
    </message>
    <message>
        <source>Stopped. Nothing was installed.</source>
        <translation>Gestoppt. Nichts wurde installiert.</translation>
    </message>
    <message>
        <source>Checking the pack</source>
        <translation>Das Paket wird geprüft</translation>
    </message>
    <message>
        <source>The pack is whole: every file is as it was packed.</source>
        <translation>Das Paket ist vollständig: Jede Datei ist so, wie sie gepackt wurde.</translation>
    </message>
    <message>
        <source>Installing the pack</source>
        <translation>Das Paket wird installiert</translation>
    </message>
    <message>
        <source>Installed and checked. Models that are new: %1.</source>
        <translation>Installiert und geprüft. Neue Modelle: %1.</translation>
    </message>
</context>
<context>
    <name>nibble::gui::ProcessEngine</name>
    <message>
        <source>Using the Internet is not allowed.</source>
        <translation>Die Benutzung des Internets ist nicht erlaubt.</translation>
    </message>
    <message>
        <source>Allow it in the settings.</source>
        <translation>Erlauben Sie sie in den Einstellungen.</translation>
    </message>
</context>
<context>
    <name>nibble::gui::ProjectList</name>
    <message>
        <source>All chats</source>
        <translation>Alle Chats</translation>
    </message>
    <message>
        <source>Without a project</source>
        <translation>Ohne Projekt</translation>
    </message>
    <message>
        <source>No project</source>
        <translation>Kein Projekt</translation>
    </message>
    <message>
        <source>Chats: %1</source>
        <translation>Chats: %1</translation>
    </message>
    <message>
        <source>Trash</source>
        <translation>Papierkorb</translation>
    </message>
</context>
<context>
    <name>nibble::gui::RoundList</name>
    <message>
        <source>%1 words a second</source>
        <translation>%1 Wörter je Sekunde</translation>
    </message>
    <message>
        <source>%1 of memory</source>
        <translation>%1 Arbeitsspeicher</translation>
    </message>
    <message>
        <source>You preferred %1.</source>
        <translation>Sie bevorzugten %1.</translation>
    </message>
    <message>
        <source>You saw no difference.</source>
        <translation>Sie sahen keinen Unterschied.</translation>
    </message>
    <message>
        <source>You found both bad.</source>
        <translation>Sie fanden beide schlecht.</translation>
    </message>
    <message>
        <source>First difference: “%1” here, “%2” there.</source>
        <translation>Erster Unterschied: hier „%1“, dort „%2“.</translation>
    </message>
    <message>
        <source>You found all bad.</source>
        <translation>Sie fanden alle schlecht.</translation>
    </message>
    <message>
        <source>First difference: “%1”, and “%2” in the original.</source>
        <translation>Erster Unterschied: „%1“, im Original „%2“.</translation>
    </message>
</context>
<context>
    <name>nibble::gui::SamplingSettings</name>
    <message>
        <source>A whole number from %1 to %2.</source>
        <translation>Eine ganze Zahl von %1 bis %2.</translation>
    </message>
    <message>
        <source>A number from %1 to %2.</source>
        <translation>Eine Zahl von %1 bis %2.</translation>
    </message>
</context>
<context>
    <name>nibble::gui::SmallerController</name>
    <message>
        <source>This model cannot be made smaller yet.</source>
        <translation>Dieses Modell kann noch nicht verkleinert werden.</translation>
    </message>
    <message>
        <source>Starting…</source>
        <translation>Beginnt…</translation>
    </message>
    <message>
        <source>Comparing with the original…</source>
        <translation>Wird mit dem Original verglichen…</translation>
    </message>
    <message>
        <source>The check was stopped. The smaller model is complete.</source>
        <translation>Die Prüfung wurde angehalten. Das kleinere Modell ist vollständig.</translation>
    </message>
    <message>
        <source>These figures are kept in the file, as its quality passport.</source>
        <translation>Diese Zahlen stehen als Qualitätspass in der Datei.</translation>
    </message>
    <message>
        <source>The figures were not written into the file. %1</source>
        <translation>Die Zahlen wurden nicht in die Datei geschrieben. %1</translation>
    </message>
    <message>
        <source>Report saved as %1</source>
        <translation>Bericht gespeichert als %1</translation>
    </message>
    <message>
        <source>The report was not saved. %1</source>
        <translation>Der Bericht wurde nicht gespeichert. %1</translation>
    </message>
    <message>
        <source>%1 %</source>
        <translation>%1 %</translation>
    </message>
    <message>
        <source>This job was begun with nibble-cli, which can go on with it.</source>
        <translation>Dieser Auftrag wurde mit nibble-cli begonnen, das ihn fortsetzen kann.</translation>
    </message>
    <message>
        <source>With %1 bits models make mistakes: wrong facts, odd sentences, lost instructions.</source>
        <translation>Mit %1 Bits machen Modelle Fehler: falsche Angaben, seltsame Sätze, vergessene Anweisungen.</translation>
    </message>
    <message>
        <source>With %1 bits this model is expected to choose %2 as the original would. The others are where mistakes come from: wrong facts, odd sentences, lost instructions.</source>
        <translation>Mit %1 Bits wählt dieses Modell voraussichtlich %2 so, wie es das Original täte. Aus den anderen kommen Fehler: falsche Angaben, seltsame Sätze, vergessene Anweisungen.</translation>
    </message>
    <message>
        <source>%1 bits fit this computer, too (%2).</source>
        <translation>%1 Bits passen auch auf diesen Computer (%2).</translation>
    </message>
    <message>
        <source>Nothing finer fits this computer, so it may still be the best choice here.</source>
        <translation>Nichts Feineres passt auf diesen Computer, also kann es hier trotzdem die beste Wahl sein.</translation>
    </message>
</context>
<context>
    <name>nibble::gui::StopList</name>
    <message>
        <source>%1 bits</source>
        <translation>%1 Bits</translation>
    </message>
    <message>
        <source>This model is already that small.</source>
        <translation>Dieses Modell ist schon so klein.</translation>
    </message>
    <message>
        <source>recommended</source>
        <translation>empfohlen</translation>
    </message>
    <message>
        <source>%1 to make</source>
        <translation>%1 zum Verkleinern</translation>
    </message>
    <message>
        <source>%1 of memory</source>
        <translation>%1 Arbeitsspeicher</translation>
    </message>
    <message>
        <source>%1 of 100 words</source>
        <translation>%1 von 100 Wörtern</translation>
    </message>
    <message>
        <source>between %1 and %2</source>
        <translation>zwischen %1 und %2</translation>
    </message>
    <message>
        <source>drift %1 of 100</source>
        <translation>Abweichung %1 von 100</translation>
    </message>
    <message>
        <source>%1 to %2</source>
        <translation>%1 bis %2</translation>
    </message>
    <message>
        <source>as the original would choose, %1</source>
        <translation>wie das Original wählen würde, %1</translation>
    </message>
</context>
<context>
    <name>nibble::gui::StopPreview</name>
    <message>
        <source>Trying all stops on a sample of text. You need not wait for it.</source>
        <translation>Alle Stufen werden an einem Stück Text ausprobiert. Sie müssen nicht darauf warten.</translation>
    </message>
    <message>
        <source>What each stop costs this model could not be predicted. %1 %2</source>
        <translation>Was jede Stufe dieses Modell kostet, ließ sich nicht vorhersagen. %1 %2</translation>
    </message>
    <message>
        <source>Predicted for Quick from %1 words of sample text and %2 % of the layers.</source>
        <translation>Vorhergesagt für „Schnell“ aus %1 Wörtern Beispieltext und %2 % der Schichten.</translation>
    </message>
    <message>
        <source>Predicted for Quick from %1 words of sample text.</source>
        <translation>Vorhergesagt für „Schnell“ aus %1 Wörtern Beispieltext.</translation>
    </message>
    <message>
        <source>Better and Careful lose less and take longer.</source>
        <translation>„Besser“ und „Sorgfältig“ verlieren weniger und dauern länger.</translation>
    </message>
</context>
<context>
    <name>nibble::gui::ThisComputer</name>
    <message>
        <source>Disk</source>
        <translation>Datenträger</translation>
    </message>
    <message>
        <source>%1 free</source>
        <translation>%1 frei</translation>
    </message>
    <message>
        <source>Models are kept in %1</source>
        <translation>Modelle liegen in %1</translation>
    </message>
    <message>
        <source>%1 of %2 free</source>
        <translation>%1 von %2 frei</translation>
    </message>
    <message>
        <source>Processor</source>
        <translation>Prozessor</translation>
    </message>
    <message>
        <source>%1 cores used, %2</source>
        <translation>%1 Kerne benutzt, %2</translation>
    </message>
    <message>
        <source>Memory</source>
        <translation>Arbeitsspeicher</translation>
    </message>
    <message>
        <source>Close other programs to have more free.</source>
        <translation>Schließen Sie andere Programme, damit mehr frei ist.</translation>
    </message>
    <message>
        <source>Graphics card</source>
        <translation>Grafikkarte</translation>
    </message>
    <message>
        <source>%1, not used</source>
        <translation>%1, nicht benutzt</translation>
    </message>
    <message>
        <source>None that Nibble can use</source>
        <translation>Keine, die Nibble nutzen kann</translation>
    </message>
    <message>
        <source>Not needed: models run on the processor, only more slowly.</source>
        <translation>Nicht nötig: Modelle laufen auf dem Prozessor, nur langsamer.</translation>
    </message>
    <message>
        <source>A forecast from a test just now, in which %1 read %2 of weights a second. It is for a model of %3 parameters in 4 bits (%4); smaller ones are faster.</source>
        <translation>Eine Vorhersage aus einem Test gerade eben, bei dem %1 je Sekunde %2 Gewichte las. Sie gilt für ein Modell mit %3 Parametern in 4 Bits (%4); kleinere sind schneller.</translation>
    </message>
</context>
<context>
    <name>nibble::gui::UnfinishedJobs</name>
    <message>
        <source>Making %1 smaller was interrupted</source>
        <translation>Das Verkleinern von %1 wurde unterbrochen</translation>
    </message>
    <message>
        <source>%1, %2 % done: %3 of %4 tensors. It can go on where it was, to the same result as without the interruption.</source>
        <translation>%1, %2 % fertig: %3 von %4 Tensoren. Es kann weitergehen, wo es war, mit demselben Ergebnis wie ohne die Unterbrechung.</translation>
    </message>
    <message>
        <source>The original is not there any more: %1</source>
        <translation>Das Original ist nicht mehr da: %1</translation>
    </message>
    <message>
        <source>Bits as in %1</source>
        <translation>Bits wie in %1</translation>
    </message>
    <message>
        <source>The file that it is made like is not there any more: %1</source>
        <translation>Die Datei, nach deren Vorbild es gemacht wird, ist nicht mehr da: %1</translation>
    </message>
    <message>
        <source>More bits in some layers of %1</source>
        <translation>Mehr Bits in einigen Schichten von %1</translation>
    </message>
</context>
<context>
    <name>nibble::gui::WelcomeController</name>
    <message>
        <source>The model that comes with Nibble could not be unpacked.</source>
        <translation>Das Modell, das bei Nibble dabei ist, konnte nicht entpackt werden.</translation>
    </message>
    <message>
        <source>Make room on the disk, or choose another starting point.</source>
        <translation>Schaffen Sie Platz auf dem Datenträger, oder wählen Sie einen anderen Anfang.</translation>
    </message>
</context>
</TS>
