//! Accounts by a table.

use std::{
    fs::File,
    io::{self, IsTerminal, Read},
    path::Path,
};

use crate::{
    client::text::Lang,
    server::{
        command::{
            Outcome, note,
            people::{open, why_not},
            say,
            words::{self, fault, pick, table as wrong_table},
        },
        config::Config,
        messenger::{self, Access, CutShort, Fault, Imported, People, Plan, Written, WrongRow},
    },
};

/// Logins and lines that are named of many: nobody reads thousands.
const NAMED: usize = 20;
/// The largest file: 100,000 people are some 10 MB.
const MAX_BYTES: u64 = 64 * 1024 * 1024;

/// The whole table is looked at before the directory is touched.
pub(super) async fn import(config: &Config, file: &Path, dry_run: bool, lang: Lang) -> Outcome {
    let bytes = read(file).map_err(|error| words::file(lang, file, &error))?;
    let people = People::read(&bytes).map_err(|wrong| wrong_table(lang, file, &wrong))?;
    notice(&people, lang);
    let known = match messenger::accounts_in(&config.data).await {
        Err(Fault::NoDatabase(_)) => Vec::new(),
        Err(Fault::Older(_)) if !dry_run => {
            open(config, Access::Change, lang).await?.close().await;
            messenger::accounts_in(&config.data).await.map_err(|error| fault(lang, &error))?
        }
        accounts => accounts.map_err(|error| fault(lang, &error))?,
    };
    let plan = people.plan(&known).map_err(|wrong| refuse(file, wrong, lang))?;
    let imported = if dry_run { plan.imported } else { carry_out(config, plan, lang).await? };
    report(imported, dry_run, lang);
    Ok(())
}

fn read(file: &Path) -> io::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    File::open(file)?.take(MAX_BYTES + 1).read_to_end(&mut bytes)?;
    if bytes.len() as u64 > MAX_BYTES { Err(io::ErrorKind::FileTooLarge.into()) } else { Ok(bytes) }
}

/// What a person could not tell from the outcome.
fn notice(people: &People, lang: Lang) {
    if people.written() == Written::Cp949 {
        note(pick(lang, "CP949(한글 엑셀) 파일로 읽었습니다", "the file was read as CP949 (Korean Excel)"));
    }
    let unknown = people.unknown_columns().join(", ");
    if !unknown.is_empty() {
        note(&pick(
            lang,
            format!("쓰지 않는 열을 건너뛰었습니다: {unknown}"),
            format!("unknown columns were passed over: {unknown}"),
        ));
    }
}

fn refuse(file: &Path, wrong: Vec<WrongRow>, lang: Lang) -> String {
    for row in wrong.iter().take(NAMED) {
        say(&format!("{}:{}: {}", file.display(), row.line, words::row(lang, &row.wrong)));
    }
    let count = wrong.len();
    if count > NAMED {
        say("...");
    }
    pick(
        lang,
        format!("{}: 잘못된 줄이 {count}개 있어 아무것도 하지 않았습니다", file.display()),
        format!("{}: {count} wrong rows; nothing was done", file.display()),
    )
}

async fn carry_out(config: &Config, plan: Plan, lang: Lang) -> Result<Imported, String> {
    let messenger = open(config, Access::Add, lang).await?;
    let is_watched = io::stderr().is_terminal();
    let outcome = messenger.carry_out(plan, |done, of| {
        if is_watched {
            eprint!("\r{done}/{of}{}", if done == of { "\n" } else { "" });
        }
    });
    let outcome = outcome.await;
    messenger.close().await;
    match outcome {
        Ok(imported) => Ok(imported),
        Err(CutShort { done, of }) => {
            let why = why_not(&config.data, lang).await;
            Err(pick(
                lang,
                format!(
                    "{of}명 가운데 {done}명까지 넣고 멈췄습니다. 같은 명령을 다시 실행하면 나머지를 넣습니다: {why}"
                ),
                format!("stopped after {done} of {of} people; the same command again does the rest: {why}"),
            ))
        }
    }
}

fn report(imported: Imported, dry_run: bool, lang: Lang) {
    let Imported { made, changed, unchanged, without_password } = imported;
    let would = if dry_run { "would be " } else { "" };
    let (makes, changes) =
        if dry_run { ("만들 계정", "바꿀 계정") } else { ("만든 계정", "바꾼 계정") };
    say(&pick(
        lang,
        format!("{makes} {made}개, {changes} {changed}개, 그대로 {unchanged}개"),
        format!("{made} {would}made, {changed} {would}changed, {unchanged} unchanged"),
    ));
    let (count, first) = (without_password.len(), &without_password[..without_password.len().min(NAMED)]);
    if count > 0 {
        let logins = format!("{}{}", first.join(" "), if count > NAMED { " ..." } else { "" });
        say(&pick(
            lang,
            format!("비밀번호가 없어 로그인할 수 없는 계정 {count}개(daehwa user passwd로 정합니다): {logins}"),
            format!("{count} without a password, so that they cannot sign in (daehwa user passwd): {logins}"),
        ));
    }
}
