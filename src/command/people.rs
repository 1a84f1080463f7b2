//! Commands on one account, and the list of all.

use std::io::{self, IsTerminal, Write};

use crate::{
    command::{
        output::{CommandResult, print_line},
        words::{self, fault, pick},
    },
    config::Config,
};
use client::text::Lang;
use protocol::error::Refusal;
use server::{
    messenger::{self, Messenger},
    model::{Account, OpenMode, StoreLocation},
};

pub(super) async fn list(location: &StoreLocation, lang: Lang) -> CommandResult {
    let accounts = messenger::accounts_in(location).await.map_err(|error| fault(lang, &error))?;
    for Account { login, name, disabled, .. } in accounts {
        let state = if disabled { pick(lang, "사용 중지", "disabled") } else { "" };
        print_line(format!("{login:<32} {name} {state}").trim_end());
    }
    Ok(())
}

pub(super) async fn add(config: &Config, login: &str, name: &str, lang: Lang) -> CommandResult {
    let password = ask_password(lang)?;
    let messenger = open(config, OpenMode::Add, lang).await?;
    let outcome = messenger.accounts().add(login, name, &password, false).await.map(drop);
    finish(config, &messenger, outcome, lang).await?;
    print_line(&format!("{login}: {}", pick(lang, "계정을 만들었습니다", "account created")));
    Ok(())
}

pub(super) async fn set_password(config: &Config, login: &str, lang: Lang) -> CommandResult {
    let messenger = open(config, OpenMode::Change, lang).await?;
    let password = match ask_password(lang) {
        Ok(password) => password,
        Err(words) => {
            messenger.close().await;
            return Err(words);
        }
    };
    let outcome = messenger.accounts().set_password(login, &password).await;
    finish(config, &messenger, outcome, lang).await?;
    print_line(&format!("{login}: {}", pick(lang, "비밀번호를 바꿨습니다", "password changed")));
    Ok(())
}

pub(super) async fn set_disabled(config: &Config, login: &str, is_disabled: bool, lang: Lang) -> CommandResult {
    let messenger = open(config, OpenMode::Change, lang).await?;
    let outcome = messenger.accounts().set_disabled(login, is_disabled).await;
    finish(config, &messenger, outcome, lang).await?;
    let done = match is_disabled {
        true => pick(lang, "사용을 중지했습니다", "disabled"),
        false => pick(lang, "다시 사용할 수 있습니다", "enabled"),
    };
    print_line(&format!("{login}: {done}"));
    Ok(())
}

async fn finish(config: &Config, messenger: &Messenger, outcome: messenger::Result<()>, lang: Lang) -> CommandResult {
    messenger.close().await;
    match outcome {
        Ok(()) => Ok(()),
        Err(Refusal::Unavailable) => Err(why_not(&config.location(), lang).await),
        Err(refusal) => Err(words::refusal(lang, refusal)),
    }
}

pub(super) async fn open(config: &Config, mode: OpenMode, lang: Lang) -> Result<Messenger, String> {
    Messenger::open_for(&config.data, config.policy(), mode).await.map_err(|error| fault(lang, &error))
}

/// Why the store cannot write, found out by a write.
pub(super) async fn why_not(location: &StoreLocation, lang: Lang) -> String {
    match messenger::try_write(location).await {
        Err(error) => fault(lang, &error),
        Ok(()) => words::refusal(lang, Refusal::Unavailable),
    }
}

/// Asks a person twice, without echo; reads one line of standard input from a program.
fn ask_password(lang: Lang) -> Result<String, String> {
    ask(lang).map_err(|error| words::error(lang, &error)).and_then(|(first, again)| {
        let is_same = again.is_none_or(|again| again == first);
        let differ = || pick(lang, "두 비밀번호가 서로 다릅니다", "the passwords do not match").to_owned();
        is_same.then_some(first).ok_or_else(differ)
    })
}

fn ask(lang: Lang) -> io::Result<(String, Option<String>)> {
    if !io::stdin().is_terminal() {
        let mut line = String::new();
        io::stdin().read_line(&mut line)?;
        return Ok((line.trim_end_matches(['\r', '\n']).to_owned(), None));
    }
    let ask = |prompt: &str| {
        print!("{prompt}");
        io::stdout().flush()?;
        rpassword::read_password()
    };
    let first = ask(pick(lang, "비밀번호: ", "Password: "))?;
    let again = ask(pick(lang, "비밀번호 확인: ", "Repeat password: "))?;
    Ok((first, Some(again)))
}
