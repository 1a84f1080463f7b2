//! The `daehwa` program: understand the configuration, then serve or carry out a command.

use std::{
    fs::File,
    io::{self, IsTerminal, Write},
    net::TcpListener,
    path::Path,
    process::ExitCode,
};

use daehwa::{
    protocol::error::Refusal,
    server::{
        app::App,
        config::{self, Action, Cli, Config, LogFormat, UserAction},
        demo,
        messenger::{self, Imported, Messenger, Wrong},
        origin::Origins,
        run,
    },
};

#[tokio::main]
async fn main() -> ExitCode {
    let cli = match config::parse(std::env::args_os().collect::<Vec<_>>()) {
        Ok(cli) => cli,
        Err(error) => error.exit(),
    };
    begin_log(&cli.config);
    let outcome = match cli {
        Cli { config, command: None } => serve(config).await,
        Cli { config, command: Some(Action::User { action }) } => manage(&config, action).await,
        Cli { config, command: Some(Action::Check) } => check(&config.data).await,
        Cli { config, command: Some(Action::Backup { file }) } => messenger::backup(&config.data, &file).await,
    };
    match outcome {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("daehwa: {error}");
            ExitCode::FAILURE
        }
    }
}

fn begin_log(config: &Config) {
    let log = tracing_subscriber::fmt().with_max_level(config.log).with_writer(io::stderr);
    match config.log_format {
        LogFormat::Text => log.with_ansi(io::stderr().is_terminal()).init(),
        LogFormat::Json => log.json().init(),
    }
}

async fn serve(config: Config) -> io::Result<()> {
    let listener = TcpListener::bind(config.addr)
        .map_err(|error| io::Error::new(error.kind(), format!("cannot listen on {}: {error}", config.addr)))?;
    let address = format!("http://{}", listener.local_addr()?);
    // Held until the end: the demonstration's directory goes with it.
    let passing = if config.demo { Some(tempfile::tempdir()?) } else { None };
    let data = passing.as_ref().map_or(config.data.as_path(), |directory| directory.path());
    let messenger = open(data, &config).await?;
    if config.demo {
        demo::fill(&messenger).await?;
        say(&demo::welcome(&address));
    } else {
        say(&format!("Daehwa is running: {address}"));
        if !messenger.has_accounts() {
            say(&format!(
                "Nobody has an account yet: whoever registers first makes the first one ({address}/register)."
            ));
        }
    }
    run::run(listener, App { messenger, origins: Origins::new(config.public_url, config.portal_url) }).await
}

async fn open(data: &Path, config: &Config) -> io::Result<Messenger> {
    Messenger::open(data, config.settings())
        .await
        .map_err(|error| io::Error::new(error.kind(), format!("cannot open the data in {}: {error}", data.display())))
}

/// What was looked at, in one screen; an error when something is wrong.
async fn check(data: &Path) -> io::Result<()> {
    let findings = messenger::check(data).await?;
    for finding in &findings {
        let mark = if finding.wrong.is_empty() { "ok   " } else { "WRONG" };
        let rows = finding.rows.map(|rows| format!(" ({rows})")).unwrap_or_default();
        say(&format!("{mark} {}{rows}", finding.what));
        finding.wrong.iter().for_each(|wrong| say(&format!("        {wrong}")));
    }
    match findings.iter().filter(|finding| !finding.wrong.is_empty()).count() {
        0 => {
            say(&format!("{}: all is well", data.display()));
            Ok(())
        }
        wrong => Err(io::Error::other(format!("{}: {wrong} of {} checks failed", data.display(), findings.len()))),
    }
}

async fn manage(config: &Config, action: UserAction) -> io::Result<()> {
    let messenger = open(&config.data, config).await?;
    let outcome = match action {
        UserAction::Add { login, name } => {
            let password = ask_password()?;
            messenger.add_account(&login, &name, &password, false).await.map(|_| format!("{login}: account made"))
        }
        UserAction::Import { file, dry_run } => {
            let outcome = import(&messenger, &file, dry_run).await;
            messenger.close().await;
            return outcome;
        }
        UserAction::List => messenger.accounts().await.map(|accounts| {
            let state = |disabled| if disabled { "disabled" } else { "" };
            let line = |account: daehwa::server::store::Account| {
                format!("{:<32} {} {}", account.login, account.name, state(account.disabled)).trim_end().to_owned()
            };
            accounts.into_iter().map(line).collect::<Vec<_>>().join("\n")
        }),
        UserAction::Passwd { login } => {
            let password = ask_password()?;
            messenger.set_password(&login, &password).await.map(|()| format!("{login}: password changed"))
        }
        UserAction::Disable { login } => {
            messenger.set_disabled(&login, true).await.map(|()| format!("{login}: disabled"))
        }
        UserAction::Enable { login } => {
            messenger.set_disabled(&login, false).await.map(|()| format!("{login}: enabled"))
        }
    };
    messenger.close().await;
    say(&outcome.map_err(|refusal| io::Error::other(explain(refusal)))?);
    Ok(())
}

/// Logins that are named of many: nobody reads thousands.
const NAMED: usize = 20;

/// Every wrong row is named by its line; then nothing is done.
async fn import(messenger: &Messenger, file: &Path, dry_run: bool) -> io::Result<()> {
    let cannot = |error: io::Error| io::Error::new(error.kind(), format!("cannot read {}: {error}", file.display()));
    let table = File::open(file).map_err(cannot)?;
    match messenger.import(io::BufReader::new(table), dry_run).await {
        Ok(Imported { made, changed, unchanged, without_password }) => {
            let would = if dry_run { "would be " } else { "" };
            say(&format!("{made} {would}made, {changed} {would}changed, {unchanged} unchanged"));
            if !without_password.is_empty() {
                let (count, first) = (without_password.len(), &without_password[..without_password.len().min(NAMED)]);
                let more = if count > NAMED { " ..." } else { "" };
                let logins = first.join(" ");
                say(&format!(
                    "{count} without a password, so that they cannot sign in (daehwa user passwd): {logins}{more}"
                ));
            }
            Ok(())
        }
        Err(wrong) => {
            wrong.iter().for_each(|row| say(&format!("{}:{}: {}", file.display(), row.line, explain_row(&row.wrong))));
            Err(io::Error::other(format!("{} wrong rows; nothing was done", wrong.len())))
        }
    }
}

fn explain_row(wrong: &Wrong) -> String {
    match wrong {
        Wrong::Refused(refusal) => explain(*refusal),
        Wrong::Twice(login) => format!("{login} stands in an earlier line too"),
        Wrong::Unreadable(words) => words.clone(),
    }
}

/// A server goes on when nobody listens to its output any more.
fn say(text: &str) {
    let _ = writeln!(io::stdout(), "{text}");
}

/// From a person twice, unseen; from a program once, by standard input.
fn ask_password() -> io::Result<String> {
    if !io::stdin().is_terminal() {
        let mut line = String::new();
        io::stdin().read_line(&mut line)?;
        return Ok(line.trim_end_matches(['\r', '\n']).to_owned());
    }
    let ask = |prompt: &str| {
        print!("{prompt}");
        io::stdout().flush()?;
        rpassword::read_password()
    };
    let password = ask("Password: ")?;
    if ask("Again: ")? == password { Ok(password) } else { Err(io::Error::other("the two passwords differ")) }
}

fn explain(refusal: Refusal) -> String {
    let text = match refusal {
        Refusal::InvalidLogin => "a login is 2 to 32 of a-z, 0-9, '.', '_', '-', beginning with a letter",
        Refusal::InvalidName => "a name is 1 to 40 characters that can be seen",
        Refusal::InvalidPassword => "a password is 8 to 256 characters",
        Refusal::InvalidProfile => {
            "a department, title or e-mail address has up to 100 characters that can be seen; an address has an @"
        }
        Refusal::LoginTaken => "somebody has this login already",
        Refusal::NotFound => "there is no account with this login",
        Refusal::Unavailable => "the database could not; its words are in the log above",
        other => return format!("refused: {other:?}"),
    };
    text.to_owned()
}
