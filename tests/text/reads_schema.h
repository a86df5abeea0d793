// Whether a text can be written by a JSON schema.
#pragma once

#include <string>
#include <text/json_schema.h>

namespace nibble::test {

/// Whether the schema's grammar reads all of a text.
class SchemaReader {
public:
    explicit SchemaReader(const std::string& schema) : m_automaton(grammarOfJsonSchema(schema)) {}
    bool operator()(const std::string& text) {
        Automaton::State state = m_automaton.start();
        for (const char c : text)
            if ((state = m_automaton.step(state, uint8_t(c))) == Automaton::kDead) return false;
        return m_automaton.accepts(state);
    }

private:
    Automaton m_automaton;
};

inline bool reads(const std::string& schema, const std::string& text) { return SchemaReader(schema)(text); }

} // namespace nibble::test
