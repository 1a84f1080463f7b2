//! clamd's INSTREAM command (clamd(8)): the file in length-prefixed pieces, an empty piece at the end, one line as the
//! answer.
//!
//! `OK` also means that a file is longer than clamd scans, unless clamd has `AlertExceedsMax yes`: README tells
//! operators so.
//!
//! No crate, because clamd answers and closes while the file is still being sent if it is longer than
//! `StreamMaxLength`. A client that reports the broken pipe has lost that answer.

use std::path::Path;

use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};

use crate::files::not_clean::NotClean;

const PIECE: usize = 64 * 1024;
/// Bytes of the longest answer that is read.
const ANSWER: u64 = 1024;

/// Sends a file and reads clamd's answer.
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
    // clamd did not scan bytes that it did not read.
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

/// Only these answers mean clean.
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
