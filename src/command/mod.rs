//! Serves, or runs a command of the operator. Output and errors are in the operator's language; an error is one line.

mod data;
mod output;
mod people;
mod preview;
mod serve;
mod table;
mod words;

use crate::config::{Action, Cli, Config, UserAction};
use client::text::Lang;

pub use output::CommandResult;
pub use preview::preview;
pub use words::language;

/// Runs the command; without one, serves.
///
/// # Errors
/// The reason for the operator, in `lang`.
pub async fn run(cli: Cli, lang: Lang) -> CommandResult {
    match cli {
        Cli { config, command: None } => serve::serve(config, lang).await,
        Cli { config, command: Some(Action::Check { files }) } => data::check(&config, files, lang).await,
        Cli { config, command: Some(Action::Backup { file, without_files }) } => {
            data::backup(&config, &file, !without_files, lang).await
        }
        Cli { config, command: Some(Action::Copy { to }) } => data::copy(&config, &to, lang).await,
        Cli { command: Some(Action::Preview { original }), .. } => preview::preview(original),
        Cli { config, command: Some(Action::User { action }) } => user(&config, action, lang).await,
    }
}

async fn user(config: &Config, action: UserAction, lang: Lang) -> CommandResult {
    match action {
        UserAction::Import { file, dry_run } => table::import(config, &file, dry_run, lang).await,
        UserAction::List => people::list(&config.location(), lang).await,
        UserAction::Add { login, name } => people::add(config, &login, &name, lang).await,
        UserAction::Passwd { login } => people::set_password(config, &login, lang).await,
        UserAction::Disable { login } => people::set_disabled(config, &login, true, lang).await,
        UserAction::Enable { login } => people::set_disabled(config, &login, false, lang).await,
    }
}
