//! A frame on the bus: one byte with the number of its format, 32 bytes of HMAC-SHA256, the content. The HMAC is over
//! the format, the subject with its length, and the content, so a frame counts under its own subject only.

use std::fmt::{self, Debug, Formatter};

use bytes::{BufMut, Bytes, BytesMut};
use hmac::{Hmac, KeyInit, Mac, digest::Key};
use sha2::Sha256;

/// The format that this version writes and reads.
const FORMAT: u8 = 1;
const TAG: usize = 32;
/// Bytes that a frame has besides its content.
pub(super) const OVERHEAD: usize = 1 + TAG;

/// The secret that all nodes of a cluster share, ready for use.
#[derive(Clone)]
pub struct BusKey(Hmac<Sha256>);

#[derive(Debug, PartialEq, Eq)]
pub(super) enum OpenedFrame {
    Content(Bytes),
    /// Another format, of which this version knows nothing.
    Unknown,
    /// It was not written under this key, for this subject, or was changed on the way.
    Forged,
}

impl BusKey {
    pub fn new(secret: [u8; 32]) -> Self {
        // HMAC fills a key up to a block with zeros.
        let mut block = Key::<Hmac<Sha256>>::default();
        block[..secret.len()].copy_from_slice(&secret);
        Self(Hmac::new(&block))
    }

    /// The frame with this content.
    pub(super) fn seal(&self, subject: &str, content: &[u8]) -> Bytes {
        let tag = self.authenticate(subject, content).finalize().into_bytes();
        let mut frame = BytesMut::with_capacity(OVERHEAD + content.len());
        frame.put_u8(FORMAT);
        frame.put_slice(&tag);
        frame.put_slice(content);
        frame.freeze()
    }

    /// What a frame contains that arrived under this subject.
    pub(super) fn open(&self, subject: &str, frame: &Bytes) -> OpenedFrame {
        if frame.first().is_some_and(|format| *format != FORMAT) {
            return OpenedFrame::Unknown;
        }
        let Some(tag) = frame.get(1..OVERHEAD) else { return OpenedFrame::Forged };
        let content = frame.slice(OVERHEAD..);
        match self.authenticate(subject, &content).verify_slice(tag) {
            Ok(()) => OpenedFrame::Content(content),
            Err(_) => OpenedFrame::Forged,
        }
    }

    fn authenticate(&self, subject: &str, content: &[u8]) -> Hmac<Sha256> {
        let mut code = self.0.clone();
        code.update(&[FORMAT]);
        code.update(&(subject.len() as u64).to_be_bytes());
        code.update(subject.as_bytes());
        code.update(content);
        code
    }
}

/// Without the secret.
impl Debug for BusKey {
    fn fmt(&self, to: &mut Formatter<'_>) -> fmt::Result {
        to.write_str("BusKey")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_frame_is_what_was_sealed_under_its_subject_and_nothing_else() {
        let key = BusKey::new([7; 32]);
        let frame = key.seal("dh.a.frame", b"content");
        assert_eq!(key.open("dh.a.frame", &frame), OpenedFrame::Content(Bytes::from_static(b"content")));
        assert_eq!(key.open("dh.b.frame", &frame), OpenedFrame::Forged, "of another cluster");
        assert_eq!(BusKey::new([8; 32]).open("dh.a.frame", &frame), OpenedFrame::Forged, "under another key");
        for place in 1..frame.len() {
            let mut changed = frame.to_vec();
            changed[place] ^= 1;
            assert_eq!(key.open("dh.a.frame", &changed.into()), OpenedFrame::Forged, "byte {place}");
        }
        for length in 0..frame.len() {
            assert_eq!(key.open("dh.a.frame", &frame.slice(..length)), OpenedFrame::Forged, "{length} bytes");
        }
        let moved = key.seal("dh.a.fram", b"econtent");
        assert_eq!(key.open("dh.a.frame", &moved), OpenedFrame::Forged, "the subject ends where it ends");
        let empty = key.seal("dh.a.frame", b"");
        assert_eq!(key.open("dh.a.frame", &empty), OpenedFrame::Content(Bytes::new()));
    }

    #[test]
    fn another_format_is_unknown() {
        let key = BusKey::new([7; 32]);
        for format in [0, 2, 255] {
            assert_eq!(key.open("dh.a.frame", &vec![format, 1, 2].into()), OpenedFrame::Unknown);
        }
    }

    #[test]
    fn a_key_is_not_shown() {
        assert_eq!(format!("{:?}", BusKey::new([7; 32])), "BusKey");
    }
}
