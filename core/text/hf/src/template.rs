//! Chat templates in the environment that transformers gives them, within limits.
//!
//! transformers: ImmutableSandboxedEnvironment(trim_blocks, lstrip_blocks, loopcontrols), its own `tojson`,
//! `raise_exception`, `strftime_now`, the block `generation`, and None for `tools` and `documents` that are not given.

use std::cell::RefCell;
use std::io::{self, Write};
use std::sync::atomic::AtomicU32;
use std::sync::Arc;

use minijinja::syntax::SyntaxConfig;
use minijinja::value::{Serde, ValueKind};
use minijinja::{Environment, Error, ErrorKind, Value};

use crate::guard::limited;
use crate::{calendar, python, source, Failure, Result, Status};

const MAX_SOURCE: usize = 256 * 1024;
const MAX_OUTPUT: usize = 16 * 1024 * 1024;
const MAX_DEPTH: usize = 64; // of the variables
const FUEL: u64 = 5_000_000;
const RECURSION: usize = 200;
/// Each one nests once more, and costs but a byte of the source.
const MAX_SIGNS: usize = 1000;
const NAME: &str = "chat template";

thread_local! {
    /// What the template said with raise_exception, on the thread that renders it.
    static RAISED: RefCell<Option<String>> = const { RefCell::new(None) };
    static NOW: RefCell<i64> = const { RefCell::new(0) };
}

pub struct Template {
    environment: Arc<Environment<'static>>,
    left_behind: AtomicU32,
}

fn raise_exception(message: Value) -> std::result::Result<Value, Error> {
    let message = python::to_str(&message)?;
    RAISED.with_borrow_mut(|raised| *raised = Some(message.clone()));
    Err(Error::new(ErrorKind::InvalidOperation, message))
}

fn strftime_now(format: &str) -> std::result::Result<String, Error> {
    let now = NOW.with_borrow(|now| *now);
    calendar::strftime(now, format).map_err(|e| Error::new(ErrorKind::InvalidOperation, e))
}

fn environment() -> Result<Environment<'static>> {
    let mut env = Environment::new();
    let syntax = SyntaxConfig::builder().trim_blocks(true).lstrip_blocks(true).build();
    env.set_syntax(syntax.map_err(Failure::bad)?);
    env.set_auto_escape_callback(|_| minijinja::AutoEscape::None);
    env.set_fuel(Some(FUEL));
    env.set_recursion_limit(RECURSION);
    env.set_unknown_method_callback(minijinja_contrib::pycompat::unknown_method_callback);
    env.set_formatter(|out, state, value| match value.kind() {
        ValueKind::Seq | ValueKind::Map | ValueKind::Number => {
            out.write_str(&python::to_str(value)?).map_err(Error::from)
        }
        _ => minijinja::escape_formatter(out, state, value),
    });
    env.add_filter("tojson", python::tojson);
    env.add_filter("string", |value: Value| match value.kind() {
        ValueKind::String => Ok(value),
        _ => python::to_str(&value).map(Value::from),
    });
    env.add_filter(source::ITERATED, |value: Value| match value.kind() {
        ValueKind::None => Err(Error::new(ErrorKind::InvalidOperation, "'NoneType' object is not iterable")),
        _ => Ok(value),
    });
    env.add_test("iterable", |value: Value| !value.is_none() && value.try_iter().is_ok());
    env.add_function("raise_exception", raise_exception);
    env.add_function("strftime_now", strftime_now);
    Ok(env)
}

fn failure(error: &Error) -> Failure {
    if let Some(message) = RAISED.take() {
        return Failure::new(Status::Rejected, message);
    }
    let detail = error.detail().map_or_else(|| error.kind().to_string(), |d| format!("{}: {d}", error.kind()));
    let text = match error.line() {
        Some(line) => format!("{detail} (line {line})"),
        None => detail,
    };
    let limit = error.kind() == ErrorKind::OutOfFuel || text.contains("recursion limit");
    Failure::new(if limit { Status::Limit } else { Status::Bad }, text)
}

/// Collects output up to the limit.
struct Limited(Vec<u8>);

impl Write for Limited {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        if self.0.len() + bytes.len() > MAX_OUTPUT {
            return Err(io::Error::other("output limit"));
        }
        self.0.extend_from_slice(bytes);
        Ok(bytes.len())
    }
    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

fn depth(value: &serde_json::Value) -> usize {
    // Recursion is safe: serde_json has refused anything deeper than 128.
    1 + match value {
        serde_json::Value::Array(items) => items.iter().map(depth).max().unwrap_or(0),
        serde_json::Value::Object(entries) => entries.values().map(depth).max().unwrap_or(0),
        _ => 0,
    }
}

impl Template {
    pub fn open(source: &str) -> Result<Template> {
        if source.len() > MAX_SOURCE {
            return Err(Failure::new(Status::Limit, format!("template of {} bytes, at most {MAX_SOURCE}", source.len())));
        }
        if source::signs_in_a_row(source) > MAX_SIGNS {
            return Err(Failure::new(Status::Limit, "nested too deeply: a long row of minus signs"));
        }
        let source = source::rewrite(source);
        limited(source.len(), &AtomicU32::new(0), move || {
            let mut env = environment()?;
            env.add_template_owned(NAME, source).map_err(|e| failure(&e))?;
            Ok(Template { environment: Arc::new(env), left_behind: AtomicU32::new(0) })
        })
    }

    pub fn render(&self, variables: &str, now: i64) -> Result<String> {
        let input = variables.len();
        let mut variables: serde_json::Value = serde_json::from_str(variables).map_err(Failure::bad)?;
        if depth(&variables) > MAX_DEPTH {
            return Err(Failure::new(Status::Limit, format!("variables nested deeper than {MAX_DEPTH}")));
        }
        let Some(entries) = variables.as_object_mut() else { return Err(Failure::bad("variables are not an object")) };
        for name in ["tools", "documents"] {
            entries.entry(name).or_insert(serde_json::Value::Null);
        }
        let environment = self.environment.clone();
        limited(input, &self.left_behind, move || {
            NOW.set(now);
            let mut out = Limited(Vec::new());
            let template = environment.get_template(NAME).map_err(|e| failure(&e))?;
            let rendered = template.render_captured_to(Value::from(Serde(variables)), &mut out).map(|_| ());
            match rendered {
                Ok(()) => String::from_utf8(out.0).map_err(Failure::bad),
                Err(e) if e.kind() == ErrorKind::WriteFailure => {
                    Err(Failure::new(Status::Limit, format!("output of more than {MAX_OUTPUT} bytes")))
                }
                Err(e) => Err(failure(&e)),
            }
        })
    }
}
