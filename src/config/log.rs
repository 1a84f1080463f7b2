//! `[daehwa.log]`: the log on standard error.

use clap::{Args, ValueEnum};

#[derive(Debug, Args)]
#[group(id = "log")]
#[command(next_help_heading = "Log")]
pub struct LogSettings {
    /// The format of the log on standard error
    #[arg(
        id = "log-format",
        long = "log-format",
        env = "DAEHWA_LOG_FORMAT",
        value_enum,
        default_value = "text",
        global = true
    )]
    pub format: LogFormat,
    /// The lowest level that is logged: error, warn, info, debug, trace
    #[arg(
        id = "log-level",
        long = "log",
        alias = "log-level",
        env = "DAEHWA_LOG",
        value_name = "LEVEL",
        default_value = "info",
        global = true
    )]
    pub level: tracing::Level,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum LogFormat {
    Text,
    Json,
}
