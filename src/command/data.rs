//! Commands on the data directory as a whole: verify it, back it up.

use std::path::Path;

use crate::{
    command::{
        output::{CommandResult, note, print_line},
        words::{fault, pick},
    },
    config::Config,
    run,
};
use client::text::Lang;
use server::{
    messenger,
    model::{DatabaseUrl, Fault, SharedFault},
};

/// Prints one line per check, followed by its violations. `has_content`: reads every stored file, too.
pub(super) async fn check(config: &Config, has_content: bool, lang: Lang) -> CommandResult {
    let (location, bucket) = (config.location(), config.bucket());
    let checked = messenger::check(location.clone(), bucket.as_ref(), has_content).await;
    let findings = checked.map_err(|error| fault(lang, &error))?;
    for finding in &findings {
        let mark = if finding.wrong.is_empty() { "ok  " } else { "FAIL" };
        let rows = finding.rows.map(|rows| format!(" ({rows})")).unwrap_or_default();
        print_line(&format!("{mark} {}{rows}", finding.what));
        finding.wrong.iter().for_each(|wrong| print_line(&format!("       {wrong}")));
    }
    let data = location.database.map_or_else(|| location.directory.display().to_string(), |url| url.redacted());
    let of = findings.len();
    match findings.iter().filter(|finding| !finding.wrong.is_empty()).count() {
        0 => {
            print_line(&pick(lang, format!("{data}: 이상이 없습니다"), format!("{data}: no faults found")));
            Ok(())
        }
        wrong => Err(pick(
            lang,
            format!("{data}: 검사 {of}개 가운데 {wrong}개에서 이상을 찾았습니다"),
            format!("{data}: {wrong} of {of} checks failed"),
        )),
    }
}

/// Moves the rows; the bytes of files stay where they are.
pub(super) async fn copy(config: &Config, to: &DatabaseUrl, lang: Lang) -> CommandResult {
    let copied = messenger::copy(&config.data, to).await;
    let messages = copied.map_err(|error| fault(lang, &error))?;
    let (data, target) = (config.data.display(), to.redacted());
    print_line(&pick(
        lang,
        format!(
            "메시지 {messages}개와 나머지 모든 것을 {target}(으)로 복사했습니다. 이제 --database와 --data {data}(으)로 서버를 시작하세요"
        ),
        format!(
            "{messages} messages and everything else are in {target}. Start the server with --database and --data {data}"
        ),
    ));
    Ok(())
}

/// A signal cancels the copy and leaves no file.
pub(super) async fn backup(config: &Config, file: &Path, has_files: bool, lang: Lang) -> CommandResult {
    let bucket = config.bucket();
    if let Some(url) = config.location().database {
        return Err(fault(lang, &Fault::Shared { database: url.redacted(), cause: SharedFault::NoBackup }));
    }
    tokio::select! {
        // The handler is set before the first file is created; until then a signal ends the process.
        biased;
        () = run::wait_for_signal() => {
            Err(pick(lang, "백업을 취소했습니다. 만든 파일은 없습니다", "backup cancelled; no file was written").to_owned())
        }
        copied = messenger::backup(&config.data, bucket.as_ref(), file, has_files) => {
            copied.map_err(|error| fault(lang, &error))?;
            if !has_files {
                note(&left_behind(config, lang));
            }
            Ok(())
        }
    }
}

/// Tells what a copy of the database alone lacks, and what to do about it.
fn left_behind(config: &Config, lang: Lang) -> String {
    match &config.storage.files {
        Some(url) => pick(
            lang,
            format!("파일은 복사하지 않았습니다. 파일은 {url}에 그대로 있으니 이 버킷도 함께 백업하세요"),
            format!("the files were not copied; they are still in {url}: back up this bucket, too"),
        ),
        None => {
            let files = config.data.join("files");
            let files = files.display();
            pick(
                lang,
                format!("파일은 복사하지 않았습니다. {files} 폴더도 함께 백업하세요"),
                format!("the files were not copied; back up the directory {files}, too"),
            )
        }
    }
}
