//! `[daehwa.accounts]`: who may create an account.

use clap::{Args, ValueEnum};

#[derive(Debug, Args)]
#[group(id = "accounts")]
#[command(next_help_heading = "Accounts")]
pub struct AccountsConfig {
    /// Who may create an account on the registration page; the very first account can always be created there
    #[arg(long, env = "DAEHWA_REGISTRATION", value_enum, default_value = "closed")]
    pub registration: Registration,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Registration {
    /// Nobody; after the first account, create others with `daehwa user add`
    Closed,
    /// Anybody who reaches the page
    Open,
}
