//! The settings file: `[daehwa]` of a TOML file, and its tables. Its values become clap's defaults, so that one parser
//! per setting checks them and clap's precedence holds.

use std::{fmt::Display, io, ops::Range, path::PathBuf};

use clap::{
    Arg, Command,
    error::{ContextKind, ContextValue, ErrorKind},
};
use toml::{
    Spanned,
    de::{DeTable, DeValue},
};

/// The table of the file that holds the settings.
const TABLE: &str = "daehwa";
/// Flags that are not settings.
const NO_SETTINGS: [&str; 3] = ["config", "help", "version"];

/// The settings in a file, not yet parsed.
#[derive(Debug)]
pub(super) struct SettingsFile {
    name: String,
    entries: Vec<FileValue>,
}

#[derive(Debug)]
struct FileValue {
    /// The argument's id, and the flag as clap's errors write it.
    id: String,
    flag: String,
    value: String,
    line: usize,
}

/// Why the file cannot be used.
#[derive(Debug, thiserror::Error)]
pub(super) enum ConfigError {
    #[error("cannot read {}: {source}", path.display())]
    Read { path: PathBuf, source: io::Error },
    #[error("{file}: {source}")]
    Syntax { file: String, source: toml::de::Error },
    #[error("{location}: `{TABLE}` must be a table, [{TABLE}]")]
    NoTable { location: String },
    #[error("{location}: there is no setting `{key}` in [{table}]; there are: {known}")]
    UnknownSetting { location: String, key: String, table: String, known: String },
    #[error("{location}: there is no table [{TABLE}.{key}]; there are: {known}")]
    UnknownTable { location: String, key: String, known: String },
    #[error("{location}: `{key}` must be one value, or a list of texts")]
    NotOneValue { location: String, key: String },
    #[error("{location}: `{key}` is set in line {earlier} already")]
    SetTwice { location: String, key: String, earlier: usize },
}

impl ConfigError {
    /// With clap's heading and hint, and its exit status.
    pub(super) fn into_clap(self, command: &mut Command) -> clap::Error {
        let kind = if let Self::Read { .. } = self { ErrorKind::Io } else { ErrorKind::ValueValidation };
        command.error(kind, self)
    }
}

impl SettingsFile {
    /// Finds the flag of every key.
    pub(super) fn parse(name: &str, text: &str, command: &Command) -> Result<Self, ConfigError> {
        let mut resolver = KeyResolver { file: name, text, command, entries: Vec::new() };
        let document = DeTable::parse(text).map_err(|source| ConfigError::Syntax { file: name.to_owned(), source })?;
        if let Some((key, value)) = document.get_ref().iter().find(|(key, _)| key.get_ref() == TABLE) {
            let DeValue::Table(table) = value.get_ref() else {
                return Err(ConfigError::NoTable { location: resolver.location(key.span()) });
            };
            resolver.read_settings(table)?;
        }
        Ok(Self { name: name.to_owned(), entries: resolver.entries })
    }

    /// The command with this file's values as defaults.
    pub(super) fn as_defaults(&self, command: Command) -> Command {
        self.entries
            .iter()
            .fold(command, |command, entry| command.mut_arg(&entry.id, |arg| arg.default_value(entry.value.clone())))
    }

    /// Adds the file and the line to clap's error if the invalid value is in the file.
    pub(super) fn explain(&self, error: clap::Error, command: &mut Command) -> clap::Error {
        let text = |kind| match error.get(kind) {
            Some(ContextValue::String(text)) => text.as_str(),
            _ => "",
        };
        let (flag, value) = (text(ContextKind::InvalidArg), text(ContextKind::InvalidValue));
        let is_meant = |entry: &&FileValue| flag.split(' ').next() == Some(&entry.flag) && entry.value == value;
        let Some(entry) = self.entries.iter().find(is_meant) else { return error };
        let message = error.to_string();
        let message =
            message.trim_start_matches("error: ").split("\n\nFor more information").next().unwrap_or_default();
        command.error(error.kind(), format!("{}:{}: {message}", self.name, entry.line))
    }
}

/// Finds the flag of each key.
struct KeyResolver<'a> {
    file: &'a str,
    text: &'a str,
    command: &'a Command,
    entries: Vec<FileValue>,
}

impl KeyResolver<'_> {
    fn read_settings(&mut self, table: &DeTable<'_>) -> Result<(), ConfigError> {
        for (key, value) in table {
            match value.get_ref() {
                DeValue::Table(settings) => self.read_group(key, settings)?,
                _ => self.read_setting(None, key, value)?,
            }
        }
        Ok(())
    }

    fn read_group(&mut self, key: &Spanned<impl AsRef<str>>, settings: &DeTable<'_>) -> Result<(), ConfigError> {
        let group = key.get_ref().as_ref();
        let groups: Vec<&str> = self.command.get_groups().map(|group| group.get_id().as_str()).collect();
        if !groups.contains(&group) {
            let (location, key) = (self.location(key.span()), group.to_owned());
            return Err(ConfigError::UnknownTable { location, key, known: groups.join(", ") });
        }
        settings.iter().try_for_each(|(key, value)| self.read_setting(Some(group), key, value))
    }

    fn read_setting(
        &mut self,
        group: Option<&str>,
        key: &Spanned<impl AsRef<str>>,
        value: &Spanned<DeValue<'_>>,
    ) -> Result<(), ConfigError> {
        let (location, name) = (self.location(key.span()), key.get_ref().as_ref().to_owned());
        let Some(arg) = settings(self.command, group).find(|arg| is_named(arg, group, &name)) else {
            let table = group.map_or_else(|| TABLE.to_owned(), |group| format!("{TABLE}.{group}"));
            let visible = settings(self.command, group).filter(|arg| !arg.is_hide_set());
            let known: Vec<&str> = visible.map(|arg| short_name(arg, group)).collect();
            return Err(ConfigError::UnknownSetting { location, key: name, table, known: known.join(", ") });
        };
        let id = arg.get_id().as_str();
        if let Some(FileValue { line: earlier, .. }) = self.entries.iter().find(|entry| entry.id == id) {
            return Err(ConfigError::SetTwice { location, key: name, earlier: *earlier });
        }
        let Some(value) = text_of(value.get_ref()) else {
            return Err(ConfigError::NotOneValue { location, key: name });
        };
        let flag = format!("--{}", arg.get_long().unwrap_or_default());
        self.entries.push(FileValue { id: id.to_owned(), flag, value, line: self.line(key.span()) });
        Ok(())
    }

    fn line(&self, span: Range<usize>) -> usize {
        self.text[..span.start].matches('\n').count() + 1
    }

    fn location(&self, span: Range<usize>) -> String {
        format!("{}:{}", self.file, self.line(span))
    }
}

/// The settings of a table; directly under `[daehwa]`, where older files have them, all settings.
pub(super) fn settings<'c>(command: &'c Command, group: Option<&str>) -> impl Iterator<Item = &'c Arg> {
    let group = group.map(|name| command.get_groups().find(|group| group.get_id() == name));
    let is_in = move |arg: &&Arg| match group {
        Some(group) => group.is_some_and(|group| group.get_args().any(|id| id == arg.get_id())),
        None => true,
    };
    let is_setting = |arg: &&Arg| arg.get_long().is_some_and(|long| !NO_SETTINGS.contains(&long));
    command.get_arguments().filter(is_setting).filter(is_in)
}

/// `format` in the table `log` names the flag `--log-format`, and so does `log-format`.
fn is_named(arg: &Arg, group: Option<&str>, key: &str) -> bool {
    let full = group.map(|group| format!("{group}-{key}"));
    names(arg).any(|name| name == key || full.as_deref() == Some(name))
}

/// The key of a setting in its table.
pub(super) fn short_name<'a>(arg: &'a Arg, group: Option<&str>) -> &'a str {
    let short = |name: &'a str| name.strip_prefix(group?)?.strip_prefix('-');
    names(arg).find_map(short).or(arg.get_long()).unwrap_or_default()
}

fn names(arg: &Arg) -> impl Iterator<Item = &str> {
    arg.get_long().into_iter().chain(arg.get_all_aliases().unwrap_or_default())
}

/// A value as a flag would have it; the elements of a list separated by commas.
fn text_of(value: &DeValue<'_>) -> Option<String> {
    let text = |value: &dyn Display| Some(value.to_string());
    match value {
        DeValue::String(value) => text(value),
        DeValue::Integer(value) => text(value),
        DeValue::Float(value) => text(value),
        DeValue::Boolean(value) => text(value),
        DeValue::Array(values) => {
            let texts: Option<Vec<&str>> = values.iter().map(|value| value.get_ref().as_str()).collect();
            Some(texts?.join(", "))
        }
        DeValue::Datetime(_) | DeValue::Table(_) => None,
    }
}
