//! The transfer of one file to the server by tus 1.0: the next request, and the meaning of an answer. A cut connection
//! is not a fault: the transfer asks the server for the offset and continues from there.

use protocol::{error::Refusal, ids::FileId};

/// Bytes of one request; the server or a proxy may accept less.
pub(super) const CHUNK: u64 = 8 << 20;
/// A proxy that refuses this many bytes needs another configuration.
pub(super) const SMALLEST_CHUNK: u64 = 512 << 10;
/// Attempts without progress before the transfer gives up.
const ATTEMPTS: u32 = 8;
/// Cuts without progress after which each request takes half as many bytes, because a proxy may buffer the whole
/// request.
const CUTS: u32 = 2;
const FIRST_DELAY_MS: u32 = 500;
const LONGEST_DELAY_MS: u32 = 15_000;

/// Why a file cannot be sent.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum UploadFault {
    Refused(Refusal),
    /// A proxy in front of the server refuses requests of [`SMALLEST_CHUNK`]: its operator must change that.
    Proxy,
    /// The file was changed or removed since it was chosen.
    Unreadable,
}

/// A request to the server.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Request {
    /// `POST /files`
    Create,
    /// `HEAD`: asks for the offset.
    Ask(FileId),
    /// `PATCH` with the bytes `from..until`.
    Send { id: FileId, from: u64, until: u64 },
    /// `DELETE`
    Delete(FileId),
}

/// The server's answer.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Answer {
    /// 0 without an answer.
    pub status: u16,
    /// From `POST`: the last part of `Location`.
    pub id: Option<FileId>,
    /// `Upload-Offset`
    pub offset: Option<u64>,
    /// `Upload-Length`
    pub length: Option<u64>,
    /// The code in the body of a refusal; for `HEAD`, which has no body, in `Upload-Refused`.
    pub refusal: Option<Refusal>,
    /// Whether it names the version of tus, as every answer of the server does and no page of a proxy.
    pub is_of_server: bool,
    /// Whether there was no answer and the browser cannot read the bytes of the request.
    pub is_unreadable: bool,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FileTransfer {
    pub size: u64,
    /// Bytes that the server has.
    pub offset: u64,
    pub id: Option<FileId>,
    /// Whether the offset may be wrong, so that it must be asked for before sending.
    must_ask: bool,
    /// Whether the last bytes were sent and their answer was lost: the server may have decided about the file.
    is_all_sent: bool,
    /// Whether the file was cancelled: its upload on the server must be deleted.
    is_unwanted: bool,
    chunk: u64,
    /// Attempts since the last progress.
    attempts: u32,
    /// Waits since the last success: each is longer than the one before.
    waits: u32,
}

impl FileTransfer {
    pub fn new(size: u64) -> Self {
        Self {
            size,
            offset: 0,
            id: None,
            must_ask: false,
            is_all_sent: false,
            is_unwanted: false,
            chunk: CHUNK,
            attempts: 0,
            waits: 0,
        }
    }

    /// A transfer that an earlier page began.
    pub fn resumed(size: u64, id: Option<FileId>, offset: u64) -> Self {
        Self { id, offset, must_ask: id.is_some(), ..Self::new(size) }
    }

    /// Deletes an upload.
    pub fn deletion(id: FileId) -> Self {
        Self { id: Some(id), is_unwanted: true, ..Self::new(0) }
    }

    /// The next request; `None` if the server has all bytes, or nothing of a cancelled file.
    pub fn request(&self) -> Option<Request> {
        match self.id {
            None => Some(Request::Create).filter(|_| !self.is_unwanted),
            Some(id) if self.is_unwanted => Some(Request::Delete(id)),
            Some(id) if self.must_ask => Some(Request::Ask(id)),
            Some(_) if self.offset >= self.size => None,
            Some(id) => Some(Request::Send { id, from: self.offset, until: self.size.min(self.offset + self.chunk) }),
        }
    }

    /// The id of the file, when the server has all of it.
    pub fn completed(&self) -> Option<FileId> {
        self.id.filter(|_| self.request().is_none())
    }

    /// Applies the answer to [`Self::request`]. Returns how long to wait before the next request, in milliseconds;
    /// `random`: between 0 and 1.
    pub fn answer(&mut self, answer: &Answer, random: f64) -> Result<u32, UploadFault> {
        let Some(request) = self.request() else { return Ok(0) };
        match (request, answer.status) {
            (Request::Create, 201) if answer.id.is_some() => {
                (self.id, self.offset, self.waits) = (answer.id, 0, 0);
                Ok(0)
            }
            (Request::Ask(_) | Request::Send { .. }, 200..300) if answer.offset.is_some() => {
                // A complete file may be shorter than the sent bytes, because its metadata was removed.
                let offset = answer.offset.filter(|_| answer.offset != answer.length);
                self.progress(offset.unwrap_or(self.size));
                (self.must_ask, self.is_all_sent, self.waits) = (false, false, 0);
                Ok(0)
            }
            (Request::Delete(_), 204 | 404 | 410) if answer.is_of_server => {
                self.forget();
                Ok(0)
            }
            // A page of a proxy, such as its sign-in: it says nothing about the upload.
            (_, 200..400) => self.again(random),
            (_, 404 | 410) if !answer.is_of_server => self.again(random),
            (Request::Send { .. }, 409) => self.again(random),
            // Another account has signed in since.
            (Request::Create, 409) => Err(UploadFault::Refused(Refusal::SignedOut)),
            (Request::Send { .. }, 413) if answer.refusal.is_none() => self.shrink(),
            // The server refused the complete file, and deleted the upload.
            (Request::Ask(_), status) | (Request::Send { .. }, status @ 422) if answer.refusal.is_some() => {
                self.forget();
                Err(fault(status, answer.refusal))
            }
            // The server's decision is unknown: the user must choose whether to send all of it again.
            (Request::Ask(_), 404 | 410) if self.is_all_sent => {
                self.forget();
                Err(UploadFault::Refused(Refusal::Unavailable))
            }
            // Expired: starts over with a new upload.
            (Request::Ask(_) | Request::Send { .. }, 404 | 410) => {
                self.forget();
                self.again(random)
            }
            (Request::Send { .. }, 0) if answer.is_unreadable => Err(UploadFault::Unreadable),
            (Request::Send { .. }, 0 | 408 | 502..=504) if !answer.is_of_server => self.cut(random),
            // Without a network, and while a proxy waits for the server, it retries without limit.
            (_, 0 | 502..=504) if !answer.is_of_server => Ok(self.delay(random)),
            (_, 408 | 423 | 425 | 429 | 500 | 502 | 503 | 504) => self.again(random),
            (_, status) => Err(fault(status, answer.refusal)),
        }
    }

    /// Starts over after a fault.
    pub fn retry(&mut self) {
        *self = Self::resumed(self.size, self.id, self.offset);
    }

    fn progress(&mut self, offset: u64) {
        if offset > self.offset {
            self.attempts = 0;
        }
        self.offset = offset.min(self.size);
    }

    fn forget(&mut self) {
        (self.id, self.offset, self.must_ask, self.is_all_sent) = (None, 0, false, false);
    }

    fn again(&mut self, random: f64) -> Result<u32, UploadFault> {
        if let Some(Request::Send { until, .. }) = self.request() {
            self.is_all_sent = until == self.size;
        }
        self.attempts += 1;
        self.must_ask = self.id.is_some();
        if self.attempts > ATTEMPTS {
            return Err(UploadFault::Refused(Refusal::Unavailable));
        }
        Ok(self.delay(random))
    }

    fn cut(&mut self, random: f64) -> Result<u32, UploadFault> {
        let delay = self.again(random)?;
        if self.attempts >= CUTS {
            self.chunk = SMALLEST_CHUNK.max(self.chunk / 2);
        }
        Ok(delay)
    }

    fn shrink(&mut self) -> Result<u32, UploadFault> {
        if self.chunk <= SMALLEST_CHUNK {
            return Err(UploadFault::Proxy);
        }
        (self.chunk, self.must_ask) = (self.chunk / 2, true);
        Ok(0)
    }

    /// Exponential backoff with full jitter, so that windows do not all retry at once after a restart.
    fn delay(&mut self, random: f64) -> u32 {
        let longest = (FIRST_DELAY_MS << self.waits.min(5)).min(LONGEST_DELAY_MS);
        self.waits += 1;
        (f64::from(longest) * (0.5 + random / 2.0)) as u32
    }
}

/// The meaning of a status whose body has no refusal, such as a proxy's.
fn fault(status: u16, refusal: Option<Refusal>) -> UploadFault {
    UploadFault::Refused(refusal.unwrap_or(match status {
        401 | 403 => Refusal::SignedOut,
        404 | 410 => Refusal::NotFound,
        _ => Refusal::Unavailable,
    }))
}

#[cfg(test)]
mod tests;
