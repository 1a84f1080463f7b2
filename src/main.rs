//! The `daehwa` program: parses the configuration, then serves or runs a command.

use std::{
    io::{self, IsTerminal},
    process::ExitCode,
};

use daehwa::{
    command::{self, CommandResult},
    config::{self, Action, Cli, LogFormat},
};
use tracing_subscriber::{
    filter::{LevelFilter, Targets},
    layer::SubscriberExt,
    util::SubscriberInitExt,
};

fn main() -> ExitCode {
    let cli = match config::parse(std::env::args_os().collect::<Vec<_>>()) {
        Ok(cli) => cli,
        Err(error) => error.exit(),
    };
    // This command reads one file with little memory, and needs no threads.
    if let Some(Action::Preview { original }) = cli.command {
        return exit_code(command::preview(original));
    }
    begin_log(&cli);
    exit_code(run(cli))
}

#[tokio::main]
async fn run(cli: Cli) -> CommandResult {
    command::run(cli, command::language()).await
}

fn exit_code(outcome: CommandResult) -> ExitCode {
    match outcome {
        Ok(()) => ExitCode::SUCCESS,
        Err(words) => {
            eprintln!("daehwa: {words}");
            ExitCode::FAILURE
        }
    }
}

fn begin_log(cli: &Cli) {
    // The bus says in few lines what its library logs for each lost frame and each attempt to connect.
    let filter = Targets::new().with_default(cli.log_level()).with_target("async_nats", LevelFilter::OFF);
    // It repeats the values of parameters that it does not know, and one may be a misspelt password.
    let filter = filter.with_target("sqlx_postgres::options::parse", LevelFilter::OFF);
    let log = tracing_subscriber::fmt().with_max_level(cli.log_level()).with_writer(io::stderr);
    match cli.config.log.format {
        LogFormat::Text => log.with_ansi(io::stderr().is_terminal()).finish().with(filter).init(),
        LogFormat::Json => log.json().finish().with(filter).init(),
    }
}
