//! Standard output and standard error of a command.

use std::io::{self, Write};

/// The error is the reason for the operator, in their language.
pub type CommandResult = Result<(), String>;

/// Prints the result. A closed pipe is not an error, because a server continues when nobody reads its output.
pub(super) fn print_line(text: &str) {
    let _ = writeln!(io::stdout(), "{text}");
}

/// Prints a remark.
pub(super) fn note(text: &str) {
    let _ = writeln!(io::stderr(), "daehwa: {text}");
}
