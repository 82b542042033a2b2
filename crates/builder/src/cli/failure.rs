//! How an error is told: what happened, why, and what to do.

use std::fmt::Write;
use std::io;

use backfile::error::Error;

/// The error, its causes and the way out, each on a line of its own.
pub(crate) fn explain(error: &anyhow::Error) -> String {
    let mut text = format!("error: {error}\n");
    for cause in error.chain().skip(1) {
        let _ = writeln!(text, "  because: {cause}");
    }
    let hint = error
        .chain()
        .find_map(|cause| cause.downcast_ref::<Error>()?.hint());
    if let Some(hint) = hint {
        let _ = writeln!(text, "hint: {hint}");
    }
    text
}

/// Whether the error is that nobody reads our output any more.
pub(crate) fn is_broken_pipe(error: &anyhow::Error) -> bool {
    error.chain().any(|cause| {
        let direct = cause.downcast_ref::<io::Error>().map(io::Error::kind);
        let json = || cause.downcast_ref::<serde_json::Error>()?.io_error_kind();
        direct.or_else(json) == Some(io::ErrorKind::BrokenPipe)
    })
}
