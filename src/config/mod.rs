//! The configuration. Each setting is one field with its flag, environment variable, default and help; clap parses all
//! three sources and prefers flags to the environment, the environment to the file, the file to defaults. A setting
//! of the table `[daehwa.log]` named `format` is the flag `--log-format`.

mod accounts;
mod action;
mod bus;
mod file;
mod limits;
mod log;
mod network;
mod storage;

use std::{ffi::OsString, path::PathBuf, time::Duration};

use clap::{Args, Command, CommandFactory, FromArgMatches, Parser, ValueEnum};

pub use accounts::{AccountsConfig, Registration};
pub use action::{Action, UserAction};
pub use bus::BusSettings;
use file::{ConfigError, SettingsFile};
pub use limits::LimitSettings;
pub use log::{LogFormat, LogSettings};
pub use network::{InvalidListen, Listen, NetworkSettings};
use server::{
    bus::BusConfig,
    files::{BucketAccess, FileBucket, this_program},
    messenger::{Policy, RateClock},
    model::{BusFault, Durability, Fault, StoreLocation},
};
pub use storage::{ByteSize, InvalidByteSize, StorageSettings};

/// Read if it exists and no other file is named.
const DEFAULT_FILE: &str = "Leptos.toml";
/// How long a node drains, if nothing else is set.
const NODE_DRAIN_SECONDS: u32 = 30;

/// Daehwa (대화): a web messenger in one binary.
#[derive(Debug, Parser)]
#[command(version, about, args_conflicts_with_subcommands = false)]
#[group(skip)]
pub struct Cli {
    #[command(flatten)]
    pub config: Config,
    #[command(subcommand)]
    pub command: Option<Action>,
}

/// Every setting of the product. A new group of settings is a struct of its own with the name of its table.
#[derive(Debug, Args)]
#[group(skip)]
pub struct Config {
    /// The directory of all data; created when missing
    #[arg(long, env = "DAEHWA_DATA", value_name = "DIR", default_value = "./data", global = true)]
    pub data: PathBuf,
    /// Run a demonstration: its people and conversations are deleted at the end
    #[arg(long, env = "DAEHWA_DEMO")]
    pub demo: bool,
    /// What a stored message survives: full, a power cut; normal, only a killed process (for tests)
    #[arg(long, env = "DAEHWA_DURABILITY", value_enum, default_value = "full", hide = true)]
    pub durability: DurabilityChoice,
    /// The file with these settings [default: Leptos.toml, if it exists]
    #[arg(long, env = "DAEHWA_CONFIG", value_name = "FILE", global = true)]
    pub config: Option<PathBuf>,
    #[command(flatten)]
    pub network: NetworkSettings,
    #[command(flatten)]
    pub accounts: AccountsConfig,
    #[command(flatten)]
    pub limits: LimitSettings,
    #[command(flatten)]
    pub storage: StorageSettings,
    #[command(flatten)]
    pub bus: BusSettings,
    #[command(flatten)]
    pub log: LogSettings,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum DurabilityChoice {
    Full,
    Normal,
}

impl Cli {
    /// The level of the log. A command prints its outcome itself, so its default level is `warn`.
    pub fn log_level(&self) -> tracing::Level {
        let level = self.config.log.level;
        if self.command.is_some() && level == tracing::Level::INFO { tracing::Level::WARN } else { level }
    }
}

impl Config {
    /// The bucket of files, with the access that the environment gives.
    pub fn bucket(&self) -> Option<FileBucket> {
        self.storage.files.clone().map(|url| FileBucket { url, access: BucketAccess::from_environment() })
    }

    /// Where the database and the bytes of files are. A demonstration deletes its data at the end, so it has its own.
    pub fn location(&self) -> StoreLocation {
        let database = if self.demo { None } else { self.storage.database.clone() };
        StoreLocation { directory: self.data.clone(), database }
    }

    /// The bus; `None` without one.
    ///
    /// # Errors
    /// [`BusFault::Demo`]; as [`BusSettings::read`].
    pub fn bus(&self) -> Result<Option<BusConfig>, Fault> {
        match self.bus.read()? {
            Some(_) if self.demo => Err(BusFault::Demo.into()),
            bus => Ok(bus),
        }
    }

    /// How long a server drains. Windows of a data directory have no other node to go to.
    pub fn drain_time(&self) -> Duration {
        let of_node = if self.location().database.is_some() { NODE_DRAIN_SECONDS } else { 0 };
        Duration::from_secs(self.network.drain_seconds.unwrap_or(of_node).into())
    }

    pub fn policy(&self) -> Policy {
        let LimitSettings {
            max_sockets_per_user,
            max_sockets_per_address,
            list_everybody,
            messages_per_second,
            connections_per_minute,
            sign_ins_per_minute,
            edit_minutes,
            recall_minutes,
        } = self.limits;
        let StorageSettings { file_limit, quota_per_person, quota, disk_watermark, scan, files: _, database: _ } =
            &self.storage;
        Policy {
            registration_open: self.accounts.registration == Registration::Open,
            demo: self.demo,
            max_sockets_per_user,
            max_sockets_per_address,
            list_everybody,
            messages_per_second,
            connections_per_minute,
            sign_ins_per_minute,
            edit_minutes,
            recall_minutes,
            file_bytes: file_limit.0,
            bytes_per_person: quota_per_person.0,
            all_file_bytes: quota.0,
            disk_watermark: *disk_watermark,
            examiner: this_program(),
            scanner: scan.clone(),
            bucket: self.bucket(),
            database: self.location().database,
            durability: match self.durability {
                DurabilityChoice::Full => Durability::Full,
                DurabilityChoice::Normal => Durability::Normal,
            },
            rate_clock: RateClock::MACHINE,
        }
    }
}

/// Reads the command line, the environment and the settings file.
///
/// # Errors
/// clap's message: the flag, or the file, line and key, and what is allowed there. `--help` and `--version` are
/// errors, too.
pub fn parse(args: impl IntoIterator<Item = OsString> + Clone) -> Result<Cli, clap::Error> {
    let mut command = Cli::command();
    let named = named_file(args.clone());
    let path = named.clone().unwrap_or_else(|| DEFAULT_FILE.into());
    let text = match std::fs::read_to_string(&path) {
        Ok(text) => text,
        Err(_) if named.is_none() => String::new(),
        Err(source) => return Err(ConfigError::Read { path, source }.into_clap(&mut command)),
    };
    match SettingsFile::parse(&path.to_string_lossy(), &text, &command) {
        Ok(file) => parse_with(command, &file, args),
        Err(error) => Err(error.into_clap(&mut command)),
    }
}

fn parse_with(
    command: Command,
    file: &SettingsFile,
    args: impl IntoIterator<Item = OsString>,
) -> Result<Cli, clap::Error> {
    let mut command = file.as_defaults(command);
    let matches = command.try_get_matches_from_mut(args).map_err(|error| file.explain(error, &mut command))?;
    Cli::from_arg_matches(&matches)
}

/// `--config`, parsed first, because the file decides the defaults of the others.
fn named_file(args: impl IntoIterator<Item = OsString>) -> Option<PathBuf> {
    let command = Cli::command().ignore_errors(true);
    command.try_get_matches_from(args).ok()?.get_one("config").cloned()
}

#[cfg(test)]
mod tests;
