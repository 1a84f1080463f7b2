//! The `daehwa` program: parses the configuration, then serves or runs a command.

use std::{
    io::{self, IsTerminal},
    process::ExitCode,
};

use daehwa::{
    command::{self, CommandResult},
    config::{self, Action, Cli, LogFormat},
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
    let log = tracing_subscriber::fmt().with_max_level(cli.log_level()).with_writer(io::stderr);
    match cli.config.log.format {
        LogFormat::Text => log.with_ansi(io::stderr().is_terminal()).init(),
        LogFormat::Json => log.json().init(),
    }
}
