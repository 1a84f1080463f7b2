//! Creates and changes accounts from a CSV file.

use std::{
    fs::File,
    io::{self, IsTerminal, Read},
    path::Path,
};

use crate::{
    command::{
        output::{CommandResult, note, print_line},
        people::{open, why_not},
        words::{self, fault, pick, table as table_error},
    },
    config::Config,
};
use client::text::Lang;
use server::{
    messenger::{self, Imported, Interrupted, InvalidRow, PeopleTable, Plan, TextEncoding},
    model::{Fault, OpenMode, SharedFault},
};

/// Logins or rows that are listed, at most.
const LISTED: usize = 20;
/// The largest file in bytes; 100,000 people are about 10 MB.
const MAX_BYTES: u64 = 64 * 1024 * 1024;

/// Validates the whole table before the first change.
pub(super) async fn import(config: &Config, file: &Path, dry_run: bool, lang: Lang) -> CommandResult {
    let bytes = read(file).map_err(|error| words::file(lang, file, &error))?;
    let people = PeopleTable::read(&bytes).map_err(|error| table_error(lang, file, &error))?;
    notice(&people, lang);
    let known = match messenger::accounts_in(&config.location()).await {
        Err(Fault::NoDatabase(_) | Fault::Shared { cause: SharedFault::Empty, .. }) => Vec::new(),
        Err(Fault::Older(_)) if !dry_run => {
            open(config, OpenMode::Change, lang).await?.close().await;
            messenger::accounts_in(&config.location()).await.map_err(|error| fault(lang, &error))?
        }
        accounts => accounts.map_err(|error| fault(lang, &error))?,
    };
    let plan = people.plan(&known).map_err(|rows| refuse(file, &rows, lang))?;
    let imported = if dry_run { plan.imported } else { write(config, plan, lang).await? };
    report(imported, dry_run, lang);
    Ok(())
}

fn read(file: &Path) -> io::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    File::open(file)?.take(MAX_BYTES + 1).read_to_end(&mut bytes)?;
    if bytes.len() as u64 > MAX_BYTES { Err(io::ErrorKind::FileTooLarge.into()) } else { Ok(bytes) }
}

/// Prints how the file was read.
fn notice(people: &PeopleTable, lang: Lang) {
    if people.encoding() == TextEncoding::Cp949 {
        note(pick(lang, "CP949(한글 엑셀) 파일로 읽었습니다", "the file was read as CP949 (Korean Excel)"));
    }
    let unknown = people.unknown_columns().join(", ");
    if !unknown.is_empty() {
        note(&pick(
            lang,
            format!("알 수 없는 열은 읽지 않았습니다: {unknown}"),
            format!("ignored unknown columns: {unknown}"),
        ));
    }
}

fn refuse(file: &Path, rows: &[InvalidRow], lang: Lang) -> String {
    for row in rows.iter().take(LISTED) {
        print_line(&format!("{}:{}: {}", file.display(), row.line, words::row(lang, &row.error)));
    }
    let count = rows.len();
    if count > LISTED {
        print_line("...");
    }
    pick(
        lang,
        format!("{}: 잘못된 줄이 {count}개 있어 아무 계정도 바꾸지 않았습니다", file.display()),
        format!("{}: no account was changed, because {count} rows are invalid", file.display()),
    )
}

async fn write(config: &Config, plan: Plan, lang: Lang) -> Result<Imported, String> {
    let messenger = open(config, OpenMode::Add, lang).await?;
    let is_watched = io::stderr().is_terminal();
    let outcome = messenger.accounts().import(plan, |done, of| {
        if is_watched {
            eprint!("\r{done}/{of}{}", if done == of { "\n" } else { "" });
        }
    });
    let outcome = outcome.await;
    messenger.close().await;
    match outcome {
        Ok(imported) => Ok(imported),
        Err(Interrupted { done, of, .. }) => {
            let why = why_not(&config.location(), lang).await;
            Err(pick(
                lang,
                format!(
                    "{of}명 가운데 {done}명까지 넣고 멈췄습니다: {why}. 같은 명령을 다시 실행하면 나머지를 넣습니다"
                ),
                format!("stopped after {done} of {of} people: {why}. Run the command again for the others"),
            ))
        }
    }
}

fn report(imported: Imported, dry_run: bool, lang: Lang) {
    let Imported { created, changed, unchanged, without_password } = imported;
    let would = if dry_run { "would be " } else { "" };
    let (makes, changes) =
        if dry_run { ("만들 계정", "바꿀 계정") } else { ("만든 계정", "바꾼 계정") };
    // Operators' scripts search the output for "made".
    print_line(&pick(
        lang,
        format!("{makes} {created}개, {changes} {changed}개, 그대로 {unchanged}개"),
        format!("{created} {would}made, {changed} {would}changed, {unchanged} unchanged"),
    ));
    let (count, first) = (without_password.len(), &without_password[..without_password.len().min(LISTED)]);
    if count > 0 {
        let logins = format!("{}{}", first.join(" "), if count > LISTED { " ..." } else { "" });
        print_line(&pick(
            lang,
            format!("비밀번호가 없어 로그인할 수 없는 계정 {count}개(daehwa user passwd로 정할 수 있습니다): {logins}"),
            format!("{count} cannot sign in without a password (set one with daehwa user passwd): {logins}"),
        ));
    }
}
