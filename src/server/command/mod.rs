//! What the program does: serves, or carries out a command of the operator. Every outcome is said in the operator's
//! language, a failure in one line.

mod data;
mod people;
mod serve;
mod table;
mod words;

use std::io::{self, Write};

use crate::{
    client::text::Lang,
    server::config::{Action, Cli, Config, UserAction},
};

pub use words::language;

/// A failure, in words for the operator.
pub type Outcome = Result<(), String>;

/// Does what was asked for.
///
/// # Errors
/// Why not, in `lang`.
pub async fn run(cli: Cli, lang: Lang) -> Outcome {
    match cli {
        Cli { config, command: None } => serve::serve(config, lang).await,
        Cli { config, command: Some(Action::Check) } => data::check(&config.data, lang).await,
        Cli { config, command: Some(Action::Backup { file }) } => data::backup(&config.data, &file, lang).await,
        Cli { config, command: Some(Action::User { action }) } => user(&config, action, lang).await,
    }
}

async fn user(config: &Config, action: UserAction, lang: Lang) -> Outcome {
    match action {
        UserAction::Import { file, dry_run } => table::import(config, &file, dry_run, lang).await,
        UserAction::List => people::list(&config.data, lang).await,
        UserAction::Add { login, name } => people::add(config, &login, &name, lang).await,
        UserAction::Passwd { login } => people::set_password(config, &login, lang).await,
        UserAction::Disable { login } => people::set_disabled(config, &login, true, lang).await,
        UserAction::Enable { login } => people::set_disabled(config, &login, false, lang).await,
    }
}

/// A server goes on when nobody listens to its output any more.
fn say(text: &str) {
    let _ = writeln!(io::stdout(), "{text}");
}

/// What is worth knowing beside the outcome.
fn note(text: &str) {
    let _ = writeln!(io::stderr(), "daehwa: {text}");
}
