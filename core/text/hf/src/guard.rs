//! What a template may use: memory and time, watched by the allocator itself, since one harmless-looking operation
//! (`s ~ s`, `join`, `replace`) can ask for any amount.
//!
//! An allocator can neither fail (Rust would end the process) nor unwind. A thread that goes over its limits therefore
//! stops for good, with what it holds, and whoever waits for it is told. That costs at most `MEMORY`, and after
//! `MOST_LEFT_BEHIND` such runs a template is not run again.

use std::alloc::{GlobalAlloc, Layout, System};
use std::cell::Cell;
use std::sync::atomic::{AtomicBool, AtomicU32, Ordering};
use std::sync::mpsc::{channel, RecvTimeoutError};
use std::sync::Arc;
use std::time::{Duration, Instant};

use crate::{walled, Failure, Result, Status};

const TIME: Duration = Duration::from_millis(1500);
const MEMORY: isize = 40 << 20;
const MOST_LEFT_BEHIND: u32 = 4;
/// The thread's stack is only reserved: pages that are not touched cost nothing. What a template can nest within its
/// fuel, this stack can still take apart.
const STACK: usize = 512 << 20;
/// How often who waits looks whether the thread was stopped.
const GLANCE: Duration = Duration::from_millis(20);

struct Limits {
    left: Cell<isize>, // bytes
    end: Cell<Option<Instant>>,
    stopped: Cell<*const AtomicBool>, // null: this thread has no limits
}

thread_local! {
    static LIMITS: Limits = const {
        Limits { left: Cell::new(0), end: Cell::new(None), stopped: Cell::new(std::ptr::null()) }
    };
}

struct Watched;

#[global_allocator]
static ALLOCATOR: Watched = Watched;

fn count(bytes: isize) {
    let _ = LIMITS.try_with(|limits| {
        let stopped = limits.stopped.get();
        if stopped.is_null() {
            return;
        }
        limits.left.set(limits.left.get() - bytes);
        if bytes <= 0 || (limits.left.get() >= 0 && limits.end.get().is_none_or(|end| Instant::now() < end)) {
            return;
        }
        limits.stopped.set(std::ptr::null());
        // SAFETY: limited() keeps the flag alive for as long as this thread has its limits.
        unsafe { (*stopped).store(true, Ordering::Release) };
        loop {
            std::thread::park();
        }
    });
}

// SAFETY: all memory comes from System, which gets the arguments as they are.
unsafe impl GlobalAlloc for Watched {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        count(layout.size() as isize);
        System.alloc(layout)
    }
    unsafe fn alloc_zeroed(&self, layout: Layout) -> *mut u8 {
        count(layout.size() as isize);
        System.alloc_zeroed(layout)
    }
    unsafe fn realloc(&self, data: *mut u8, layout: Layout, size: usize) -> *mut u8 {
        count(size as isize - layout.size() as isize);
        System.realloc(data, layout, size)
    }
    unsafe fn dealloc(&self, data: *mut u8, layout: Layout) {
        count(-(layout.size() as isize));
        System.dealloc(data, layout);
    }
}

/// Runs `work` on a thread of its own with a deep stack, within the limits; what it works on, `input` bytes, raises that
/// of memory. `left_behind` counts the threads that were given up.
pub fn limited<T: Send + 'static>(
    input: usize,
    left_behind: &AtomicU32,
    work: impl FnOnce() -> Result<T> + Send + 'static,
) -> Result<T> {
    if left_behind.load(Ordering::Relaxed) >= MOST_LEFT_BEHIND {
        return Err(Failure::new(Status::Limit, "it exceeded the limits of time or memory too often"));
    }
    let (sender, receiver) = channel();
    let stopped = Arc::new(AtomicBool::new(false));
    let flag = stopped.clone();
    let end = Instant::now() + TIME;
    let spawned = std::thread::Builder::new().name("template".into()).stack_size(STACK).spawn(move || {
        LIMITS.with(|limits| {
            limits.left.set(MEMORY + 8 * input as isize);
            limits.end.set(Some(end));
            limits.stopped.set(Arc::as_ptr(&flag));
        });
        let result = walled(work);
        LIMITS.with(|limits| limits.stopped.set(std::ptr::null()));
        let _ = sender.send(result);
    });
    spawned.map_err(|e| Failure::new(Status::Limit, format!("no thread for the template: {e}")))?;
    let reason = loop {
        match receiver.recv_timeout(GLANCE) {
            Ok(result) => return result,
            Err(RecvTimeoutError::Disconnected) => return Err(Failure::bad("internal failure")),
            Err(RecvTimeoutError::Timeout) if Instant::now() >= end => break "time limit exceeded",
            Err(RecvTimeoutError::Timeout) if stopped.load(Ordering::Acquire) => break "memory limit exceeded",
            Err(RecvTimeoutError::Timeout) => {}
        }
    };
    left_behind.fetch_add(1, Ordering::Relaxed);
    Err(Failure::new(Status::Limit, reason))
}
