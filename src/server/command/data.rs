//! The data directory as a whole: verify it, copy it.

use std::path::Path;

use crate::{
    client::text::Lang,
    server::{
        command::{
            Outcome, say,
            words::{fault, pick},
        },
        messenger, run,
    },
};

/// What was looked at, in one screen.
pub(super) async fn check(data: &Path, lang: Lang) -> Outcome {
    let findings = messenger::check(data).await.map_err(|error| fault(lang, &error))?;
    for finding in &findings {
        let mark = if finding.wrong.is_empty() { "ok   " } else { "WRONG" };
        let rows = finding.rows.map(|rows| format!(" ({rows})")).unwrap_or_default();
        say(&format!("{mark} {}{rows}", finding.what));
        finding.wrong.iter().for_each(|wrong| say(&format!("        {wrong}")));
    }
    let (data, of) = (data.display(), findings.len());
    match findings.iter().filter(|finding| !finding.wrong.is_empty()).count() {
        0 => {
            say(&pick(lang, format!("{data}: 이상이 없습니다"), format!("{data}: all is well")));
            Ok(())
        }
        wrong => Err(pick(
            lang,
            format!("{data}: 검사 {of}가지 가운데 {wrong}가지에서 이상을 찾았습니다"),
            format!("{data}: {wrong} of {of} checks failed"),
        )),
    }
}

/// Nothing of a copy is left when the command is stopped.
pub(super) async fn backup(data: &Path, file: &Path, lang: Lang) -> Outcome {
    tokio::select! {
        copied = messenger::backup(data, file) => copied.map_err(|error| fault(lang, &error)),
        () = run::wait_for_signal() => {
            Err(pick(lang, "백업을 멈췄습니다. 남긴 파일은 없습니다", "the backup was stopped; no file is left").to_owned())
        }
    }
}
