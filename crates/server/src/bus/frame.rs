//! A frame on the bus: one byte with the number of its format, 16 bytes of its sender, 8 bytes of the sender's counter,
//! the encrypted content with its tag. Format and subject are authenticated with it, so a frame counts under its own
//! subject only.
//!
//! A sender is one connection of one process. Its id is random, and its key is derived from the secret and the id. So
//! no two frames share key and counter, and the counter is the nonce.

use std::{
    collections::VecDeque,
    fmt::{self, Debug, Formatter},
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering::Relaxed},
    },
};

use bytes::{Buf, BufMut, Bytes, BytesMut};
use ring::{
    aead::{AES_256_GCM, Aad, LessSafeKey, NONCE_LEN, Nonce, UnboundKey},
    hkdf::{HKDF_SHA256, Prk, Salt},
};

/// The format that this version writes and reads.
const FORMAT: u8 = 2;
const SENDER: usize = 16;
const COUNTER: usize = 8;
/// What precedes the content.
const HEAD: usize = 1 + SENDER + COUNTER;
const TAG: usize = 16;
/// Bytes that a frame has besides its content.
pub(super) const OVERHEAD: usize = HEAD + TAG;
/// Separates these keys from others that may be derived from the same secret.
const PURPOSE: &[u8] = b"daehwa bus frames";
/// Senders whose keys are kept. A node that starts again is another one.
const SENDERS: usize = 64;

type SenderId = [u8; SENDER];

/// The secret that all nodes of a cluster share, ready for use.
#[derive(Clone)]
pub struct BusKey(Arc<Prk>);

/// Encrypts the frames of one sender.
pub(super) struct FrameSealer {
    sender: SenderId,
    key: LessSafeKey,
    counter: AtomicU64,
}

/// Decrypts the frames of all senders of a cluster.
pub(super) struct FrameOpener {
    secret: BusKey,
    /// The keys of senders of which a frame was opened, the oldest first. Forged frames do not push them out.
    known: VecDeque<(SenderId, LessSafeKey)>,
}

#[derive(Debug, PartialEq, Eq)]
pub(super) enum OpenedFrame {
    Content(Bytes),
    /// Another format, of which this version knows nothing.
    Unknown,
    /// It was not written under this secret, for this subject, or was changed on the way.
    Forged,
}

impl BusKey {
    pub fn new(secret: [u8; 32]) -> Self {
        Self(Arc::new(Salt::new(HKDF_SHA256, PURPOSE).extract(&secret)))
    }

    fn of_sender(&self, sender: SenderId) -> Option<LessSafeKey> {
        let purpose = [&sender[..]];
        let key = self.0.expand(&purpose, &AES_256_GCM).ok()?;
        Some(LessSafeKey::new(UnboundKey::from(key)))
    }

    /// A new sender. `None` without random numbers of the system.
    pub(super) fn sealer(&self) -> Option<FrameSealer> {
        let mut sender = [0; SENDER];
        getrandom::fill(&mut sender).ok()?;
        Some(FrameSealer { sender, key: self.of_sender(sender)?, counter: AtomicU64::new(0) })
    }

    pub(super) fn opener(self) -> FrameOpener {
        FrameOpener { secret: self, known: VecDeque::new() }
    }
}

impl FrameSealer {
    /// The frame with this content. `None` if it is longer than a cipher allows.
    pub(super) fn seal(&self, subject: &str, content: &[u8]) -> Option<Bytes> {
        let counter = self.counter.fetch_add(1, Relaxed);
        let mut frame = BytesMut::with_capacity(OVERHEAD + content.len());
        frame.put_u8(FORMAT);
        frame.put_slice(&self.sender);
        frame.put_u64(counter);
        frame.put_slice(content);
        let tag = self.key.seal_in_place_separate_tag(nonce(counter), authenticated(subject), &mut frame[HEAD..]);
        frame.put_slice(tag.ok()?.as_ref());
        Some(frame.freeze())
    }
}

impl FrameOpener {
    /// What a frame contains that arrived under this subject.
    pub(super) fn open(&mut self, subject: &str, frame: &Bytes) -> OpenedFrame {
        if frame.first().is_some_and(|format| *format != FORMAT) {
            return OpenedFrame::Unknown;
        }
        self.content(subject, frame).map_or(OpenedFrame::Forged, OpenedFrame::Content)
    }

    fn content(&mut self, subject: &str, frame: &[u8]) -> Option<Bytes> {
        let (mut head, sealed) = frame.split_at_checked(HEAD)?;
        head.advance(1);
        let sender = SenderId::try_from(head.get(..SENDER)?).ok()?;
        head.advance(SENDER);
        let counter = head.get_u64();
        let known = self.known.iter().find(|(known, _)| *known == sender).map(|(_, key)| key);
        let fresh = if known.is_some() { None } else { Some(self.secret.of_sender(sender)?) };
        let mut content = BytesMut::from(sealed);
        let opened = known.or(fresh.as_ref())?.open_in_place(nonce(counter), authenticated(subject), &mut content);
        let length = opened.ok()?.len();
        if let Some(key) = fresh {
            self.remember(sender, key);
        }
        content.truncate(length);
        Some(content.freeze())
    }

    fn remember(&mut self, sender: SenderId, key: LessSafeKey) {
        if self.known.len() == SENDERS {
            self.known.pop_front();
        }
        self.known.push_back((sender, key));
    }
}

fn nonce(counter: u64) -> Nonce {
    let mut nonce = [0; NONCE_LEN];
    nonce[NONCE_LEN - COUNTER..].copy_from_slice(&counter.to_be_bytes());
    Nonce::assume_unique_for_key(nonce)
}

fn authenticated(subject: &str) -> Aad<Vec<u8>> {
    Aad::from([&[FORMAT], subject.as_bytes()].concat())
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

    fn key() -> BusKey {
        BusKey::new([7; 32])
    }

    #[test]
    fn a_frame_is_what_was_sealed_under_its_subject_and_nothing_else() {
        let (sealer, mut opener) = (key().sealer().unwrap(), key().opener());
        let frame = sealer.seal("dh.a.frame", b"content").unwrap();
        // Once with a key that is derived, once with a known one.
        for mut opener in [key().opener(), opened(&frame)] {
            assert_eq!(opener.open("dh.b.frame", &frame), OpenedFrame::Forged, "of another cluster");
            for index in 1..frame.len() {
                let mut changed = frame.to_vec();
                changed[index] ^= 1;
                assert_eq!(opener.open("dh.a.frame", &changed.into()), OpenedFrame::Forged, "byte {index}");
            }
            for length in 0..frame.len() {
                let cut = frame.slice(..length);
                assert_eq!(opener.open("dh.a.frame", &cut), OpenedFrame::Forged, "{length} bytes");
            }
            assert_eq!(opener.open("dh.a.frame", &frame), OpenedFrame::Content(Bytes::from_static(b"content")));
        }
        let mut other = BusKey::new([8; 32]).opener();
        assert_eq!(other.open("dh.a.frame", &frame), OpenedFrame::Forged, "under another key");
        let moved = sealer.seal("dh.a.fram", b"econtent").unwrap();
        assert_eq!(opener.open("dh.a.frame", &moved), OpenedFrame::Forged, "the subject ends where it ends");
        let empty = sealer.seal("dh.a.frame", b"").unwrap();
        assert_eq!(opener.open("dh.a.frame", &empty), OpenedFrame::Content(Bytes::new()));
    }

    /// An opener that knows the sender of this frame.
    fn opened(frame: &Bytes) -> FrameOpener {
        let mut opener = key().opener();
        assert!(matches!(opener.open("dh.a.frame", frame), OpenedFrame::Content(_)));
        assert_eq!(opener.known.len(), 1);
        opener
    }

    #[test]
    fn a_frame_shows_no_content_and_no_two_are_alike() {
        let (one, other) = (key().sealer().unwrap(), key().sealer().unwrap());
        let frames = [&one, &one, &other].map(|sealer| sealer.seal("dh.a.frame", b"same content").unwrap());
        for (nth, frame) in frames.iter().enumerate() {
            assert!(!frame.windows(4).any(|part| b"same content".windows(4).any(|text| text == part)));
            let sealed = &frame[HEAD..];
            assert!(frames[nth + 1..].iter().all(|later| later[HEAD..] != *sealed), "key and nonce are used once");
        }
    }

    #[test]
    fn the_keys_of_some_senders_are_kept_and_forged_frames_push_none_out() {
        let (first, mut opener) = (key().sealer().unwrap(), key().opener());
        let frame = first.seal("dh.a.frame", b"content").unwrap();
        assert!(matches!(opener.open("dh.a.frame", &frame), OpenedFrame::Content(_)));
        let stranger = BusKey::new([8; 32]);
        for _ in 0..2 * SENDERS {
            let forged = stranger.sealer().unwrap().seal("dh.a.frame", b"content").unwrap();
            assert_eq!(opener.open("dh.a.frame", &forged), OpenedFrame::Forged);
        }
        assert_eq!(opener.known[0].0, first.sender);
        for _ in 0..2 * SENDERS {
            let real = key().sealer().unwrap().seal("dh.a.frame", b"content").unwrap();
            assert!(matches!(opener.open("dh.a.frame", &real), OpenedFrame::Content(_)));
        }
        assert_eq!(opener.known.len(), SENDERS);
        assert!(matches!(opener.open("dh.a.frame", &frame), OpenedFrame::Content(_)), "derived again");
    }

    #[test]
    fn another_format_is_unknown() {
        for format in [0, 1, 3, 255] {
            assert_eq!(key().opener().open("dh.a.frame", &vec![format, 1, 2].into()), OpenedFrame::Unknown);
        }
    }

    #[test]
    fn a_key_is_not_shown() {
        assert_eq!(format!("{:?}", key()), "BusKey");
    }
}
