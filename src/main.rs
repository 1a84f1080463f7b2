//! The `daehwa` program: understand the configuration, then serve or carry out a command.

use std::{
    io::{self, IsTerminal},
    process::ExitCode,
};

use daehwa::server::{
    command,
    config::{self, Cli, LogFormat},
};

#[tokio::main]
async fn main() -> ExitCode {
    let cli = match config::parse(std::env::args_os().collect::<Vec<_>>()) {
        Ok(cli) => cli,
        Err(error) => error.exit(),
    };
    begin_log(&cli);
    match command::run(cli, command::language()).await {
        Ok(()) => ExitCode::SUCCESS,
        Err(words) => {
            eprintln!("daehwa: {words}");
            ExitCode::FAILURE
        }
    }
}

fn begin_log(cli: &Cli) {
    let log = tracing_subscriber::fmt().with_max_level(cli.log_level()).with_writer(io::stderr);
    match cli.config.log_format {
        LogFormat::Text => log.with_ansi(io::stderr().is_terminal()).init(),
        LogFormat::Json => log.json().init(),
    }
}
