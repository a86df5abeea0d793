//! Two things that Jinja does and minijinja does not, done by rewriting the template's source. Line breaks stay where
//! they were, so that errors name the right line.
//!
//! - `{% generation %}`, a block of transformers that only marks what to train on: becomes a block that is always taken.
//! - `{% for x in none %}` is an error in Jinja and an empty loop in minijinja: what is iterated passes a filter.

/// The filter around what a `for` iterates. Templates cannot use it by accident.
pub const ITERATED: &str = "__iterated";

pub fn rewrite(source: &str) -> String {
    let mut out = String::with_capacity(source.len() + source.len() / 16);
    let mut rest = source;
    let mut raw = false;
    while let Some(start) = rest.find('{') {
        let (kind, body) = (rest.as_bytes().get(start + 1).copied(), start + 2);
        let length = match kind {
            Some(b'#') if !raw => rest[body..].find("#}"),
            Some(b'{') if !raw => end_of_code(&rest[body..], "}}"),
            Some(b'%') => end_of_code(&rest[body..], "%}"),
            _ => {
                out.push_str(&rest[..start + 1]);
                rest = &rest[start + 1..];
                continue;
            }
        };
        let Some(length) = length else { break };
        let code = &rest[body..body + length];
        out.push_str(&rest[..body]);
        if kind == Some(b'%') {
            match trimmed(code) {
                "raw" => raw = true,
                "endraw" => raw = false,
                _ => {}
            }
        }
        out.push_str(&if kind == Some(b'%') && !raw { rewrite_tag(code) } else { code.into() });
        out.push_str(&rest[body + length..body + length + 2]);
        rest = &rest[body + length + 2..];
    }
    out.push_str(rest);
    out
}

/// The longest row of `-`, with or without white space between.
pub fn signs_in_a_row(source: &str) -> usize {
    let (mut row, mut longest) = (0, 0);
    for byte in source.bytes().filter(|byte| !byte.is_ascii_whitespace()) {
        row = if byte == b'-' { row + 1 } else { 0 };
        longest = longest.max(row);
    }
    longest
}

/// A tag's code without the white space control around it.
fn trimmed(code: &str) -> &str {
    code.trim_matches(|c: char| c.is_whitespace() || c == '-' || c == '+')
}

/// Bytes of `text` that are not in a string literal, with the depth of brackets around them.
fn code_bytes(text: &str) -> impl Iterator<Item = (usize, u8, usize)> + '_ {
    let (mut quote, mut escaped, mut depth) = (None, false, 0usize);
    text.bytes().enumerate().filter_map(move |(i, byte)| {
        if let Some(q) = quote {
            if escaped {
                escaped = false;
            } else if byte == b'\\' {
                escaped = true;
            } else if byte == q {
                quote = None;
            }
            return None;
        }
        match byte {
            b'"' | b'\'' => {
                quote = Some(byte);
                return None;
            }
            b'(' | b'[' | b'{' => depth += 1,
            b')' | b']' | b'}' => depth = depth.saturating_sub(1),
            _ => {}
        }
        Some((i, byte, depth))
    })
}

fn end_of_code(text: &str, end: &str) -> Option<usize> {
    code_bytes(text).map(|(i, ..)| i).find(|&i| text.as_bytes()[i..].starts_with(end.as_bytes()))
}

/// Where the word stands in `text`, outside strings and brackets.
fn find_word(text: &str, word: &str) -> Option<usize> {
    let is_name = |byte: Option<&u8>| byte.is_some_and(|b| b.is_ascii_alphanumeric() || *b == b'_');
    let bytes = text.as_bytes();
    code_bytes(text).filter(|(_, _, depth)| *depth == 0).map(|(i, ..)| i).find(|&i| {
        bytes[i..].starts_with(word.as_bytes())
            && (i == 0 || !is_name(bytes.get(i - 1)))
            && !is_name(bytes.get(i + word.len()))
    })
}

fn rewrite_tag(code: &str) -> String {
    match trimmed(code) {
        "generation" => return code.replacen("generation", "if true", 1),
        "endgeneration" => return code.replacen("endgeneration", "endif", 1),
        tag if tag.starts_with("for") && find_word(tag, "for") == Some(0) => {}
        _ => return code.into(),
    }
    let Some(begin) = find_word(code, "in").map(|i| i + "in".len()) else { return code.into() };
    let rest = &code[begin..];
    let words = ["if", "recursive"].iter().filter_map(|word| find_word(rest, word));
    let end = words.min().unwrap_or_else(|| rest.trim_end_matches(['-', '+']).len());
    format!("{}({})|{ITERATED} {}", &code[..begin], &rest[..end], &rest[end..])
}

#[cfg(test)]
mod tests {
    use super::rewrite;

    #[test]
    fn rewrites_tags_only() {
        assert_eq!(rewrite("{%- generation -%}a{% endgeneration %}"), "{%- if true -%}a{% endif %}");
        assert_eq!(rewrite("{% for a, b in x.items() if b -%}"), "{% for a, b in( x.items() )|__iterated if b -%}");
        assert_eq!(rewrite("{% for a in x -%}"), "{% for a in( x )|__iterated -%}");
        for untouched in ["{# {% generation %} #}", "{{ '{% generation %}' }}", "{% raw %}{% for a in b %}{% endraw %}"] {
            assert_eq!(rewrite(untouched), untouched);
        }
    }
}
