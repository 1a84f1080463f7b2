//! INSTREAM of clamd (clamd(8)): the file in pieces with their lengths, an empty one at the end, one line as the answer.
//!
//! `OK` also means "longer than I look" unless clamd is told `AlertExceedsMax yes`: README says so to operators.
//!
//! Our own lines instead of a crate: clamd answers and closes while the file is still being sent when it is longer than
//! `StreamMaxLength`. A client that reports the broken pipe has lost the reason.

use std::path::Path;

use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};

use crate::files::not_clean::NotClean;

const PIECE: usize = 64 * 1024;
/// Bytes of the longest answer that is read.
const ANSWER: u64 = 1024;

/// Sends a file and reads what clamd says.
pub(super) async fn instream(mut stream: impl AsyncRead + AsyncWrite + Unpin, file: &Path) -> Result<(), NotClean> {
    let mut file = tokio::fs::File::open(file).await?;
    let sent = send(&mut stream, &mut file).await;
    let mut answer = Vec::new();
    let read = (&mut stream).take(ANSWER).read_to_end(&mut answer).await;
    let answer = String::from_utf8_lossy(&answer);
    let answer = answer.trim_matches(['\0', '\n', ' ']);
    if answer.is_empty() {
        sent?;
        read?;
        return Err(NotClean::Failed("it closed the connection without an answer".to_owned()));
    }
    verdict(answer)?;
    // What it did not read, it did not look at.
    Ok(sent?)
}

async fn send(stream: &mut (impl AsyncWrite + Unpin), file: &mut tokio::fs::File) -> std::io::Result<()> {
    stream.write_all(b"zINSTREAM\0").await?;
    let mut piece = vec![0; PIECE];
    loop {
        let length = file.read(&mut piece).await?;
        stream.write_all(&u32::try_from(length).unwrap_or_default().to_be_bytes()).await?;
        if length == 0 {
            return stream.flush().await;
        }
        stream.write_all(&piece[..length]).await?;
    }
}

/// Only these words mean clean.
fn verdict(answer: &str) -> Result<(), NotClean> {
    if answer == "stream: OK" {
        return Ok(());
    }
    if let Some(found) = answer.strip_suffix(" FOUND") {
        return Err(NotClean::Infected(found.trim_start_matches("stream: ").to_owned()));
    }
    if answer.contains("size limit exceeded") {
        return Err(NotClean::TooLong);
    }
    Err(NotClean::Failed(answer.to_owned()))
}
