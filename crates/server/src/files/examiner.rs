//! Runs the child process that examines a file: its kind, the file without metadata, a preview. A hostile file can only
//! end the child process; the server reads a report of bounded length, for a bounded time.

use std::{
    ffi::OsStr,
    fs,
    io::{self, ErrorKind},
    path::{Path, PathBuf},
    process::Stdio,
    time::Duration,
};

use media::{
    kind::UNKNOWN,
    preview::{LONG_SIDE, MAX_BYTES, PixelSize, TEXT_CHARS},
    report::{ContentReport, LINE_BYTES, PreviewHeader, PreviewReport},
};
use serde::de::DeserializeOwned;
use tokio::{
    io::{AsyncBufReadExt, AsyncRead, AsyncReadExt, AsyncWriteExt, BufReader},
    process::{Child, Command},
    sync::Semaphore,
    time::timeout,
};

use crate::{files::blocking::blocking, private_files::make_private};

/// Child processes at once, at most. Each may use a processor and 512 MiB.
const CHILDREN: usize = 2;
/// How long a child process may take. It ends itself after five seconds of processor time, or later for a long film.
const EXAMINATION_TIMEOUT: Duration = Duration::from_secs(20);
/// A film takes longer, because it is copied without its metadata.
const BYTES_PER_SECOND: u64 = 20 * 1024 * 1024;
/// Characters of the longest media type.
const MEDIA_TYPE_CHARS: usize = 100;

/// The path of this program, also after its file was replaced by a newer one; `None` if the system does not report it.
pub fn this_program() -> Option<PathBuf> {
    let running = PathBuf::from("/proc/self/exe");
    if running.exists() { Some(running) } else { std::env::current_exe().ok() }
}

/// The kind of a file, and the results of its examination.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Examined {
    /// Such as `image/png`; `application/octet-stream` if the child process reports nothing.
    pub media_type: String,
    pub metadata: Metadata,
    pub preview: Option<PreviewHeader>,
    /// The beginning of a document's text, at most [`TEXT_CHARS`] characters. Not in the normal form of a line.
    pub text: Option<String>,
}

/// The outcome of removing a file's metadata.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Metadata {
    /// The file has none, or keeps it: its sender wants that, or this kind is not cleaned.
    Unchanged,
    /// There is a copy of the file without it.
    Removed,
    /// The metadata cannot be found or removed.
    Uncleanable,
    /// The child process ended before it reported anything.
    Unknown,
}

/// Where the results of an examination go.
#[derive(Clone, Copy)]
pub struct Results<'p> {
    pub cleaned: &'p Path,
    pub preview: &'p Path,
    /// Whether the disk has space for this many bytes; called before each result.
    pub admit: &'p (dyn Fn(u64) -> io::Result<()> + Sync),
}

/// Examines files, each in a separate process.
#[derive(Debug)]
pub struct Examiner {
    program: PathBuf,
    children: Semaphore,
    timeout: Duration,
}

impl Examiner {
    /// `program`: the path of this program, which has the command `preview`.
    pub fn new(program: PathBuf) -> Self {
        Self { program, children: Semaphore::new(CHILDREN), timeout: EXAMINATION_TIMEOUT }
    }

    #[must_use]
    pub fn with_timeout(self, timeout: Duration) -> Self {
        Self { timeout, ..self }
    }

    /// Examines a file. `original`: its metadata stays. If the file ends the child process, the results before that
    /// count.
    ///
    /// # Errors
    /// If the file cannot be read, no child process can be started, or the results cannot be written.
    pub async fn examine(&self, file: &Path, original: bool, results: Results<'_>) -> io::Result<Examined> {
        let _turn = self.children.acquire().await.map_err(io::Error::other)?;
        let length = tokio::fs::metadata(file).await?.len();
        let mut child = self.start(tokio::fs::File::open(file).await?.into_std().await, original)?;
        let mut examined = Examined::unknown();
        let time_limit = self.timeout + Duration::from_secs(length / BYTES_PER_SECOND);
        let read = timeout(time_limit, read_report(&mut child, length, results, &mut examined)).await;
        child.kill().await?;
        let outcome = match read {
            Ok(outcome) => outcome,
            Err(_) => Err(ReportError::Broken("it took too long")),
        };
        match outcome {
            Ok(()) => {}
            Err(ReportError::Unwritable(error)) => return Err(error),
            Err(ReportError::Broken(why)) => tracing::info!(why, examined.media_type, "a file has no preview"),
        }
        Ok(examined)
    }

    fn start(&self, file: std::fs::File, original: bool) -> io::Result<Child> {
        let mut command = Command::new(&self.program);
        command.arg("preview").args(original.then_some(OsStr::new("--original")));
        command.env_clear().current_dir("/").kill_on_drop(true);
        command.stdin(Stdio::from(file)).stdout(Stdio::piped()).stderr(Stdio::null()).spawn()
    }
}

impl Examined {
    fn unknown() -> Self {
        Self { media_type: UNKNOWN.to_owned(), metadata: Metadata::Unknown, preview: None, text: None }
    }
}

enum ReportError {
    /// The report ends early or is malformed.
    Broken(&'static str),
    /// The results cannot be written.
    Unwritable(io::Error),
}

type ReportResult<T> = Result<T, ReportError>;

/// Reads both parts of the report, the first into `examined` before the second begins.
async fn read_report(
    child: &mut Child,
    length: u64,
    results: Results<'_>,
    examined: &mut Examined,
) -> ReportResult<()> {
    let output = child.stdout.take().ok_or(ReportError::Broken("it has no output"))?;
    let mut output = BufReader::new(output);
    let content: ContentReport = line(&mut output).await?;
    if !is_media_type(&content.media_type) {
        return Err(ReportError::Broken("it names no media type"));
    }
    let mut metadata = if content.is_uncleanable { Metadata::Uncleanable } else { Metadata::Unchanged };
    if let Some(bytes) = content.cleaned {
        // An EXIF with the orientation alone may be longer than the removed metadata.
        let most = length + LINE_BYTES as u64;
        copy(&mut output, bytes, most, results.cleaned, results.admit).await?;
        metadata = Metadata::Removed;
    }
    (examined.media_type, examined.metadata) = (content.media_type, metadata);
    let PreviewReport { preview, text } = line(&mut output).await?;
    if text.as_ref().is_some_and(|text| text.chars().count() > TEXT_CHARS) {
        return Err(ReportError::Broken("its text is too long"));
    }
    examined.text = text;
    let Some(header) = preview else { return Ok(()) };
    if !is_preview(&header) {
        return Err(ReportError::Broken("its preview is none"));
    }
    copy(&mut output, header.length, MAX_BYTES as u64, results.preview, results.admit).await?;
    examined.preview = Some(header);
    Ok(())
}

async fn line<T: DeserializeOwned>(output: &mut (impl AsyncBufReadExt + Unpin)) -> ReportResult<T> {
    let mut line = Vec::new();
    let read = output.take(LINE_BYTES as u64).read_until(b'\n', &mut line).await;
    read.map_err(|_| ReportError::Broken("its output ends"))?;
    serde_json::from_slice(&line).map_err(|_| ReportError::Broken("its report ends early"))
}

/// Writes this many bytes of the output to a file. They are on disk when this returns.
async fn copy(
    output: &mut (impl AsyncRead + Unpin),
    bytes: u64,
    most: u64,
    to: &Path,
    admit: impl Fn(u64) -> io::Result<()>,
) -> ReportResult<()> {
    if bytes > most {
        return Err(ReportError::Broken("its result is too long"));
    }
    admit(bytes).map_err(ReportError::Unwritable)?;
    let mut file = new_file(to).await.map_err(ReportError::Unwritable)?;
    let copied = tokio::io::copy(&mut output.take(bytes), &mut file).await.map_err(ReportError::Unwritable)?;
    file.flush().await.map_err(ReportError::Unwritable)?;
    if copied == bytes { Ok(()) } else { Err(ReportError::Broken("its result ends early")) }
}

/// Creates an empty file that only its owner may read. A killed server may have left a file under this name that is
/// also linked as a blob: it is removed, and never written to.
async fn new_file(path: &Path) -> io::Result<tokio::fs::File> {
    let path = path.to_owned();
    let making = blocking(move || match fs::remove_file(&path) {
        Err(error) if error.kind() != ErrorKind::NotFound => Err(error),
        _ => make_private(&path),
    });
    making.await.map(tokio::fs::File::from_std)
}

/// Whether this is one media type, with or without parameters, that cannot end a header.
fn is_media_type(text: &str) -> bool {
    let is_allowed = |c: char| c.is_ascii_alphanumeric() || "!#$&-^_.+/;= ".contains(c);
    text.len() <= MEDIA_TYPE_CHARS && text.contains('/') && text.chars().all(is_allowed)
}

fn is_preview(header: &PreviewHeader) -> bool {
    let PixelSize { width, height } = header.size;
    let fits = |side| (1..=LONG_SIDE).contains(&side);
    ["image/png", "image/jpeg"].contains(&header.media_type.as_str()) && fits(width) && fits(height)
}
