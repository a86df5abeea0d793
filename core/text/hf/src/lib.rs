//! The C interface of nibble_text.h: conversions of arguments, errors as text, and a wall that no panic passes.

mod calendar;
mod guard;
mod python;
mod source;
mod template;
mod tokenizer;

use std::panic::{catch_unwind, AssertUnwindSafe};
use std::sync::Once;

use template::Template;
use tokenizer::Tokenizer;

/// Why a call failed; the discriminants are those of `nibble_text_status`.
#[derive(Clone, Copy, Debug, PartialEq)]
#[repr(C)]
pub enum Status {
    Ok = 0,
    Bad = 1,
    Unsupported = 2,
    Rejected = 3,
    Limit = 4,
}

#[derive(Debug)]
pub struct Failure {
    pub status: Status,
    pub message: String,
}

impl Failure {
    pub fn new(status: Status, message: impl Into<String>) -> Failure {
        Failure { status, message: message.into() }
    }
    pub fn bad(message: impl ToString) -> Failure {
        Failure::new(Status::Bad, message.to_string())
    }
}

pub type Result<T> = std::result::Result<T, Failure>;

#[repr(C)]
pub struct Text {
    data: *mut u8,
    size: usize,
}

#[repr(C)]
pub struct Ids {
    data: *mut u32,
    size: usize,
}

fn give<T>(values: Vec<T>) -> (*mut T, usize) {
    let values = Box::leak(values.into_boxed_slice());
    (values.as_mut_ptr(), values.len())
}

fn give_text(text: impl Into<String>) -> Text {
    let (data, size) = give(text.into().into_bytes());
    Text { data, size }
}

/// # Safety
/// `data` and `size` are what `give` returned, or null.
unsafe fn take_back<T>(data: *mut T, size: usize) {
    if !data.is_null() {
        drop(Box::from_raw(std::ptr::slice_from_raw_parts_mut(data, size)));
    }
}

/// # Safety
/// `data` points to `size` readable bytes (it may be null where size is 0).
unsafe fn bytes<'a>(data: *const u8, size: usize) -> &'a [u8] {
    if size == 0 {
        &[]
    } else {
        std::slice::from_raw_parts(data, size)
    }
}

unsafe fn utf8<'a>(data: *const u8, size: usize) -> Result<&'a str> {
    std::str::from_utf8(bytes(data, size)).map_err(|e| Failure::bad(format!("not UTF-8 at byte {}", e.valid_up_to())))
}

fn panic_message(payload: Box<dyn std::any::Any + Send>) -> String {
    let text = payload
        .downcast_ref::<&str>()
        .map(|s| s.to_string())
        .or_else(|| payload.downcast_ref::<String>().cloned());
    text.unwrap_or_else(|| "internal failure".into())
}

/// Runs `f` so that neither its error nor a panic leaves this library except as a status and a text.
pub fn walled<T>(f: impl FnOnce() -> Result<T>) -> Result<T> {
    // Panics of the libraries below become errors; they need not appear on standard error as well.
    static QUIET: Once = Once::new();
    QUIET.call_once(|| std::panic::set_hook(Box::new(|_| {})));
    catch_unwind(AssertUnwindSafe(f)).unwrap_or_else(|payload| Err(Failure::bad(panic_message(payload))))
}

unsafe fn answer(error: *mut Text, f: impl FnOnce() -> Result<()>) -> Status {
    match walled(f) {
        Ok(()) => Status::Ok,
        Err(failure) => {
            if !error.is_null() {
                *error = give_text(failure.message);
            }
            failure.status
        }
    }
}

#[no_mangle]
pub unsafe extern "C" fn nibble_text_free(text: Text) {
    take_back(text.data, text.size);
}

#[no_mangle]
pub unsafe extern "C" fn nibble_ids_free(ids: Ids) {
    take_back(ids.data, ids.size);
}

#[no_mangle]
pub unsafe extern "C" fn nibble_tokenizer_open(
    json: *const u8,
    size: usize,
    out: *mut *mut Tokenizer,
    error: *mut Text,
) -> Status {
    answer(error, || {
        *out = Box::into_raw(Box::new(Tokenizer::open(utf8(json, size)?)?));
        Ok(())
    })
}

#[no_mangle]
pub unsafe extern "C" fn nibble_tokenizer_free(tokenizer: *mut Tokenizer) {
    if !tokenizer.is_null() {
        let _ = walled(|| {
            drop(Box::from_raw(tokenizer));
            Ok(())
        });
    }
}

#[no_mangle]
pub unsafe extern "C" fn nibble_tokenizer_set_pre_tokenizer(
    tokenizer: *mut Tokenizer,
    json: *const u8,
    size: usize,
    error: *mut Text,
) -> Status {
    answer(error, || (*tokenizer).set_pre_tokenizer(utf8(json, size)?))
}

#[no_mangle]
pub unsafe extern "C" fn nibble_tokenizer_describe(
    tokenizer: *const Tokenizer,
    json: *mut Text,
    error: *mut Text,
) -> Status {
    answer(error, || {
        *json = give_text((*tokenizer).describe());
        Ok(())
    })
}

#[no_mangle]
pub unsafe extern "C" fn nibble_tokenizer_size(tokenizer: *const Tokenizer) -> u32 {
    (*tokenizer).size()
}

#[no_mangle]
pub unsafe extern "C" fn nibble_tokenizer_token(tokenizer: *const Tokenizer, id: u32, text: *mut Text) -> bool {
    walled(|| Ok((*tokenizer).token(id))).ok().flatten().map(|found| *text = give_text(found)).is_some()
}

#[no_mangle]
pub unsafe extern "C" fn nibble_tokenizer_find(tokenizer: *const Tokenizer, text: *const u8, size: usize) -> i64 {
    walled(|| Ok((*tokenizer).find(utf8(text, size)?))).ok().flatten().map_or(-1, i64::from)
}

#[no_mangle]
pub unsafe extern "C" fn nibble_tokenizer_encode(
    tokenizer: *const Tokenizer,
    text: *const u8,
    size: usize,
    parse_special: bool,
    ids: *mut Ids,
    error: *mut Text,
) -> Status {
    answer(error, || {
        let text = String::from_utf8_lossy(bytes(text, size));
        let (data, size) = give((*tokenizer).encode(&text, parse_special)?);
        *ids = Ids { data, size };
        Ok(())
    })
}

#[no_mangle]
pub unsafe extern "C" fn nibble_template_open(
    source: *const u8,
    size: usize,
    out: *mut *mut Template,
    error: *mut Text,
) -> Status {
    answer(error, || {
        *out = Box::into_raw(Box::new(Template::open(utf8(source, size)?)?));
        Ok(())
    })
}

#[no_mangle]
pub unsafe extern "C" fn nibble_template_free(compiled: *mut Template) {
    if !compiled.is_null() {
        let _ = walled(|| {
            drop(Box::from_raw(compiled));
            Ok(())
        });
    }
}

#[no_mangle]
pub unsafe extern "C" fn nibble_template_render(
    compiled: *const Template,
    variables: *const u8,
    size: usize,
    now: i64,
    out: *mut Text,
    error: *mut Text,
) -> Status {
    answer(error, || {
        *out = give_text((*compiled).render(utf8(variables, size)?, now)?);
        Ok(())
    })
}
