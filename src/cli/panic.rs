//! A panic is a bug of ours: said in two lines, with exit code 4, wherever in the program it happened.

use std::panic::{self, PanicHookInfo, UnwindSafe};
use std::sync::atomic::{AtomicBool, Ordering};

use super::exit::Exit;
use super::output::tell;
use crate::report::text::one_line;

static PANICKED: AtomicBool = AtomicBool::new(false);

/// Replaces Rust's own message, which speaks of threads and backtraces.
pub fn install() {
    panic::set_hook(Box::new(|info| {
        PANICKED.store(true, Ordering::SeqCst);
        tell(&message(info));
    }));
}

/// Runs the program. A panic in it, or in a task that it started, ends in [`Exit::OwnFault`].
pub fn guard(program: impl FnOnce() -> Exit + UnwindSafe) -> Exit {
    let exit = panic::catch_unwind(program).unwrap_or(Exit::OwnFault);
    if PANICKED.load(Ordering::SeqCst) {
        Exit::OwnFault
    } else {
        exit
    }
}

fn message(info: &PanicHookInfo<'_>) -> String {
    let payload = info.payload();
    let what = payload
        .downcast_ref::<&str>()
        .copied()
        .or_else(|| payload.downcast_ref::<String>().map(String::as_str))
        .unwrap_or("no message");
    let place = info
        .location()
        .map(|place| format!(" ({}:{})", place.file(), place.line()))
        .unwrap_or_default();
    format!(
        "error: acgw {} has a bug: {}{place}\n\n  tip: this says nothing about the handler; please report it with the command line and the seed",
        env!("CARGO_PKG_VERSION"),
        one_line(what)
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_panic_is_our_own_fault_and_nothing_else_is() {
        assert_eq!(guard(|| Exit::Failed), Exit::Failed);
        assert_eq!(guard(|| panic!("a bug, for this test")), Exit::OwnFault);
    }
}
