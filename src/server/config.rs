//! What an operator can say: on the command line, in the environment, in Leptos.toml, in this order.
//! Bad values are named together with what is allowed.

use std::{
    fmt::{self, Display, Formatter},
    path::PathBuf,
    str::FromStr,
};

use clap::{
    Arg, ArgMatches, Args, Command, CommandFactory, FromArgMatches, Parser, Subcommand, ValueEnum, error::ErrorKind,
};

use crate::server::{
    address::Proxies,
    messenger::{Durability, Settings},
    origin::Origin,
};

/// The file's table that is ours.
const TABLE: &str = "daehwa";
/// Read when it is there and no other file is named.
const DEFAULT_FILE: &str = "Leptos.toml";

/// Daehwa (대화): a web messenger in one binary.
#[derive(Debug, Parser)]
#[command(version, about, args_conflicts_with_subcommands = false)]
pub struct Cli {
    #[command(flatten)]
    pub config: Config,
    #[command(subcommand)]
    pub command: Option<Action>,
}

#[derive(Debug, Args)]
pub struct Config {
    /// Where to listen
    #[arg(long, env = "DAEHWA_ADDR", value_name = "HOST:PORT", default_value = "127.0.0.1:3000")]
    pub addr: Listen,
    /// The directory where everything is kept; made when missing
    #[arg(long, env = "DAEHWA_DATA", value_name = "DIR", default_value = "./data", global = true)]
    pub data: PathBuf,
    /// A demonstration: people and conversations that vanish at the end
    #[arg(long, env = "DAEHWA_DEMO")]
    pub demo: bool,
    /// Where people reach the server, e.g. https://chat.example.org; https makes cookies Secure
    #[arg(long, env = "DAEHWA_PUBLIC_URL", value_name = "URL")]
    pub public_url: Option<Origin>,
    /// Proxies that are believed when they name whom they serve (X-Forwarded-For): addresses and networks
    #[arg(long, env = "DAEHWA_TRUSTED_PROXIES", value_name = "NETWORK,...", default_value = "127.0.0.0/8, ::1")]
    pub trusted_proxies: Proxies,
    /// A portal that may show these pages in a frame, e.g. https://portal.example.org
    #[arg(long, env = "DAEHWA_PORTAL_URL", value_name = "URL")]
    pub portal_url: Option<Origin>,
    /// Who may make an account by the form; the very first one may always be made
    #[arg(long, env = "DAEHWA_REGISTRATION", value_enum, default_value = "closed")]
    pub registration: Registration,
    /// Connections one person may hold at once; 0: any number
    #[arg(long, env = "DAEHWA_MAX_SOCKETS_PER_USER", value_name = "N", default_value = "50")]
    pub max_sockets_per_user: usize,
    /// Connections that may come from one address at once; 0: any number
    #[arg(long, env = "DAEHWA_MAX_SOCKETS_PER_ADDRESS", value_name = "N", default_value = "2000")]
    pub max_sockets_per_address: usize,
    /// Messages and invitations of one person a second; 0: any number
    #[arg(long, env = "DAEHWA_MESSAGES_PER_SECOND", value_name = "N", default_value = "20")]
    pub messages_per_second: u32,
    /// Connections one person may begin a minute; 0: any number
    #[arg(long, env = "DAEHWA_CONNECTIONS_PER_MINUTE", value_name = "N", default_value = "120")]
    pub connections_per_minute: u32,
    /// Tries to sign in a minute, of one login from one address; 0: any number
    #[arg(long, env = "DAEHWA_SIGN_INS_PER_MINUTE", value_name = "N", default_value = "10")]
    pub sign_ins_per_minute: u32,
    /// Minutes after which a message can no longer be edited; 0: at any time
    #[arg(long, env = "DAEHWA_EDIT_MINUTES", value_name = "N", default_value = "1440")]
    pub edit_minutes: u32,
    /// Minutes after which a message can no longer be recalled; 0: at any time
    #[arg(long, env = "DAEHWA_RECALL_MINUTES", value_name = "N", default_value = "0")]
    pub recall_minutes: u32,
    /// What a saved message survives: full, a power cut; normal, only a killed process (for tests)
    #[arg(long, env = "DAEHWA_DURABILITY", value_enum, default_value = "full", hide = true)]
    pub durability: Surviving,
    /// How the log on standard error is written
    #[arg(long, env = "DAEHWA_LOG_FORMAT", value_enum, default_value = "text", global = true)]
    pub log_format: LogFormat,
    /// From which level on: error, warn, info, debug, trace
    #[arg(long, env = "DAEHWA_LOG", value_name = "LEVEL", default_value = "info", global = true)]
    pub log: tracing::Level,
    /// The file that holds the same settings [default: Leptos.toml, if there]
    #[arg(long, env = "DAEHWA_CONFIG", value_name = "FILE", global = true)]
    pub config: Option<PathBuf>,
}

/// `HOST:PORT`, where the host may be a name; it is looked up when the server starts.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Listen(String);

impl Listen {
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl FromStr for Listen {
    type Err = &'static str;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let (host, port) = text.rsplit_once(':').ok_or("expected HOST:PORT, e.g. 127.0.0.1:3000 or localhost:3000")?;
        let is_bare_v6 = host.contains(':') && !(host.starts_with('[') && host.ends_with(']'));
        if host.is_empty() || is_bare_v6 {
            return Err("expected a host before the port, e.g. 0.0.0.0:3000, or [::]:3000 for IPv6");
        }
        port.parse::<u16>().map_err(|_| "expected a port from 0 to 65535 behind the colon")?;
        Ok(Self(text.to_owned()))
    }
}

impl Display for Listen {
    fn fmt(&self, to: &mut Formatter<'_>) -> fmt::Result {
        to.write_str(&self.0)
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Registration {
    /// Only the very first account; others are made with `daehwa user add`
    Closed,
    /// Anybody who reaches the page
    Open,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Surviving {
    Full,
    Normal,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum LogFormat {
    Text,
    Json,
}

#[derive(Debug, Subcommand)]
pub enum Action {
    /// Verify everything in the data directory, also while a server runs on it
    Check,
    /// Write a copy of the data into a new file, also while a server runs; the copy begins a new history
    Backup {
        /// The file to make, e.g. /backup/daehwa.db
        file: PathBuf,
    },
    /// Accounts: make, list, change; a running server notices within a second
    User {
        #[command(subcommand)]
        action: UserAction,
    },
}

#[derive(Debug, Subcommand)]
pub enum UserAction {
    /// Make an account; the password is asked for, or read from standard input
    Add {
        /// 2 to 32 of a-z, 0-9, '.', '_', '-', beginning with a letter or a digit
        login: String,
        /// What the person is called
        name: String,
    },
    /// Make or change many accounts by a CSV file (UTF-8, or as Korean Excel saves it) whose first line names its
    /// columns: login or 아이디, name or 이름, and perhaps department or 부서 (its parts divided by '/'), title or
    /// 직위, email or 이메일, order or 순서 (a number, by which a department lists its people), password or 비밀번호. The same file again changes nothing, and an empty field leaves
    /// what is known; an account without a password cannot sign in until it is given one
    Import {
        /// The file, e.g. people.csv
        file: PathBuf,
        /// Only say what would be done
        #[arg(long)]
        dry_run: bool,
    },
    /// List all accounts
    List,
    /// Give an account another password and sign it out everywhere
    Passwd { login: String },
    /// Bar an account from signing in and sign it out everywhere; what it said stays
    Disable { login: String },
    /// Let a disabled account sign in again
    Enable { login: String },
}

impl Cli {
    /// The level of the log. A command says its outcome itself; what else is worth a line is a warning.
    pub fn log_level(&self) -> tracing::Level {
        let is_command = self.command.is_some();
        if is_command && self.config.log == tracing::Level::INFO { tracing::Level::WARN } else { self.config.log }
    }
}

impl Config {
    pub fn settings(&self) -> Settings {
        Settings {
            registration_open: self.registration == Registration::Open,
            demo: self.demo,
            max_sockets_per_user: self.max_sockets_per_user,
            max_sockets_per_address: self.max_sockets_per_address,
            messages_per_second: self.messages_per_second,
            connections_per_minute: self.connections_per_minute,
            sign_ins_per_minute: self.sign_ins_per_minute,
            edit_minutes: self.edit_minutes,
            recall_minutes: self.recall_minutes,
            durability: match self.durability {
                Surviving::Full => Durability::Full,
                Surviving::Normal => Durability::Normal,
            },
        }
    }
}

/// What was said on the command line, in the environment and in the file.
///
/// # Errors
/// With clap's words for what was wrong and what is allowed.
pub fn parse(args: impl IntoIterator<Item = std::ffi::OsString> + Clone) -> Result<Cli, clap::Error> {
    let mut command = Cli::command();
    let file = file_named(&args);
    let is_named = file.is_some();
    let file = file.unwrap_or_else(|| DEFAULT_FILE.into());
    match std::fs::read_to_string(&file) {
        Ok(text) => command = with_file(command, &file.to_string_lossy(), &text)?,
        Err(error) if is_named => {
            return Err(command.error(ErrorKind::Io, format!("cannot read {}: {error}", file.display())));
        }
        Err(_) => {}
    }
    let matches: ArgMatches = command.try_get_matches_from(args)?;
    Cli::from_arg_matches(&matches)
}

/// The file comes before everything else, so it is looked for before anything else is understood.
fn file_named(args: &(impl IntoIterator<Item = std::ffi::OsString> + Clone)) -> Option<PathBuf> {
    let mut args = args.clone().into_iter();
    while let Some(arg) = args.next() {
        let text = arg.to_string_lossy();
        if text == "--config" {
            return args.next().map(PathBuf::from);
        }
        if let Some(file) = text.strip_prefix("--config=") {
            return Some(file.into());
        }
    }
    std::env::var_os("DAEHWA_CONFIG").map(PathBuf::from)
}

/// The file's values become the defaults, so that they are checked and reported like any other.
fn with_file(mut command: Command, file: &str, text: &str) -> Result<Command, clap::Error> {
    let fail =
        |command: &mut Command, reason: String| command.error(ErrorKind::ValueValidation, format!("{file}: {reason}"));
    let document: toml::Table = text.parse().map_err(|error: toml::de::Error| fail(&mut command, error.to_string()))?;
    let table = match document.get(TABLE) {
        Some(toml::Value::Table(table)) => table.clone(),
        Some(_) => return Err(fail(&mut command, format!("`{TABLE}` must be a table, [{TABLE}]"))),
        None => return Ok(command),
    };
    for (key, value) in table {
        let id = key.replace('-', "_");
        let is_known = command.get_arguments().any(|arg| arg.get_id() == id.as_str() && id != "config");
        if !is_known {
            let known = known_keys(&command).join(", ");
            return Err(fail(&mut command, format!("there is no setting `{key}`; there are: {known}")));
        }
        let value = match value {
            toml::Value::String(text) => text,
            toml::Value::Array(_) | toml::Value::Table(_) => {
                return Err(fail(&mut command, format!("`{key}` must be one value")));
            }
            other => other.to_string(),
        };
        command = command.mut_arg(id, |arg| default(arg, value));
    }
    Ok(command)
}

fn default(arg: Arg, value: String) -> Arg {
    arg.default_value(value)
}

fn known_keys(command: &Command) -> Vec<String> {
    let longs = command.get_arguments().filter(|arg| !arg.is_hide_set()).filter_map(|arg| arg.get_long());
    longs.filter(|long| !["config", "help", "version"].contains(long)).map(str::to_owned).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parsed(text: &str, args: &[&str]) -> Result<Config, String> {
        let command = with_file(Cli::command(), "file.toml", text).map_err(|error| error.to_string())?;
        let args = std::iter::once("daehwa").chain(args.iter().copied());
        let matches = command.try_get_matches_from(args).map_err(|error| error.to_string())?;
        Cli::from_arg_matches(&matches).map(|cli| cli.config).map_err(|error| error.to_string())
    }

    #[test]
    fn the_file_of_the_project_says_the_defaults() {
        let file = parsed(include_str!("../../Leptos.toml"), &[]).unwrap();
        let none = parsed("", &[]).unwrap();
        assert_eq!(format!("{file:?}"), format!("{none:?}"));
    }

    #[test]
    fn every_setting_but_the_commented_one_stands_in_the_file() {
        let text = include_str!("../../Leptos.toml");
        for key in known_keys(&Cli::command()) {
            assert!(key == "demo" || text.contains(&format!("{key} = ")), "{key} is missing in Leptos.toml");
        }
    }

    #[test]
    fn the_command_line_goes_before_the_file() {
        let file = "[daehwa]\naddr = \"127.0.0.1:1\"\nmessages-per-second = 3\n";
        let config = parsed(file, &["--addr", "127.0.0.1:2"]).unwrap();
        assert_eq!((config.addr.as_str(), config.messages_per_second), ("127.0.0.1:2", 3));
    }

    #[test]
    fn an_address_is_a_host_and_a_port() {
        for text in ["127.0.0.1:0", "localhost:3000", "[::1]:80", "chat.example.org:443"] {
            assert_eq!(text.parse().as_ref(), Ok(&Listen(text.into())));
        }
        for text in ["3000", "localhost", ":3000", "::1:3000", "localhost:", "localhost:70000", "localhost:http"] {
            assert!(text.parse::<Listen>().is_err(), "{text}");
        }
    }

    #[test]
    fn bad_values_are_named_with_what_is_allowed() {
        let error = parsed("[daehwa]\nregistration = \"maybe\"\n", &[]).unwrap_err();
        assert!(error.contains("maybe") && error.contains("closed") && error.contains("open"), "{error}");
        let error = parsed("[daehwa]\nadr = \"x\"\n", &[]).unwrap_err();
        assert!(error.contains("adr") && error.contains("addr"), "{error}");
        let error = parsed("", &["--public-url", "chat.example.org/x"]).unwrap_err();
        assert!(error.contains("public-url"), "{error}");
        assert!(parsed("[daehwa\n", &[]).unwrap_err().contains("file.toml"));
    }
}
