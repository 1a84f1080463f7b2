//! The codec of WebSocket frames (RFC 6455), server side: bytes to messages, messages to bytes. It does no I/O, and
//! holds no buffer between messages, so that an idle connection needs none.

use serde::Serialize;

use protocol::limit::FRAME_BYTES;

const FIN: u8 = 0x80;
const MASKED: u8 = 0x80;
/// Bytes of a control frame's payload, at most (RFC 6455, 5.5).
const CONTROL_BYTES: usize = 125;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u8)]
enum Opcode {
    Continuation = 0,
    Text = 1,
    Binary = 2,
    Close = 8,
    Ping = 9,
    Pong = 10,
}

impl Opcode {
    fn from(nibble: u8) -> Option<Self> {
        let all = [Self::Continuation, Self::Text, Self::Binary, Self::Close, Self::Ping, Self::Pong];
        all.into_iter().find(|opcode| *opcode as u8 == nibble)
    }

    fn is_control(self) -> bool {
        self as u8 >= Self::Close as u8
    }
}

/// A message or control frame from the peer.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Received {
    Text(String),
    Binary(Vec<u8>),
    Ping(Vec<u8>),
    Pong,
    /// The close code, if there is one.
    Close(Option<u16>),
}

/// The peer's violation of the protocol. Later bytes cannot be parsed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum CodecViolation {
    Protocol,
    /// A message has more than [`FRAME_BYTES`].
    TooLarge,
    NotUtf8,
}

/// Parses messages from bytes in pieces of any size.
#[derive(Debug, Default)]
pub(super) struct Decoder {
    /// An incomplete frame.
    bytes: Vec<u8>,
    /// A fragmented message: its kind, its payload so far, and how much of a text is known to be valid UTF-8.
    kind: Option<Opcode>,
    message: Vec<u8>,
    checked: usize,
    /// Bytes of a skipped frame that have not arrived.
    skipping: u64,
    /// The fragmented message is skipped, with its further fragments.
    is_skipped: bool,
    count: FrameCount,
}

/// The number of frames of every kind, and of bytes, since the last count.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct FrameCount {
    pub(super) frames: u32,
    pub(super) bytes: u64,
}

/// A frame's header, and the range of its payload in the buffer.
struct FrameHeader {
    is_final: bool,
    opcode: Opcode,
    mask: [u8; 4],
    payload: std::ops::Range<usize>,
}

impl Decoder {
    pub(super) fn push(&mut self, bytes: &[u8]) {
        self.count.bytes += bytes.len() as u64;
        self.bytes.extend_from_slice(bytes);
    }

    pub(super) fn take_count(&mut self) -> FrameCount {
        std::mem::take(&mut self.count)
    }

    /// Skips a message after [`CodecViolation::TooLarge`], so that the bytes after it can be parsed.
    pub(super) fn skip_message(&mut self) {
        let [first, second, rest @ ..] = &*self.bytes else { return };
        let (size, short) = size_of_length(*second);
        let length =
            short.unwrap_or_else(|| rest.iter().take(size).fold(0, |length, byte| length << 8 | u64::from(*byte)));
        self.skipping = length.saturating_add(2 + size as u64 + 4);
        self.is_skipped = first & FIN == 0;
        self.kind = self.kind.or(Some(Opcode::Text)).filter(|_| self.is_skipped);
        (self.message, self.checked) = (Vec::new(), 0);
    }

    /// The next message; `None` until more bytes arrive.
    ///
    /// # Errors
    /// [`CodecViolation`], if the bytes violate the protocol.
    pub(super) fn next(&mut self) -> Result<Option<Received>, CodecViolation> {
        let mut at = 0;
        let received = self.next_from(&mut at);
        if at > 0 {
            // Usually no bytes remain, and the buffer is freed.
            self.bytes = self.bytes.split_off(at);
        }
        received
    }

    /// Advances `at` behind the parsed frames.
    fn next_from(&mut self, at: &mut usize) -> Result<Option<Received>, CodecViolation> {
        let skipped = usize::try_from(self.skipping).unwrap_or(usize::MAX).min(self.bytes.len());
        self.skipping -= skipped as u64;
        *at += skipped;
        while let Some(head) = self.head(*at)? {
            let Some(payload) = self.bytes.get(head.payload.clone()) else { break };
            let mask = head.mask.iter().cycle();
            let payload = payload.iter().zip(mask).map(|(byte, mask)| byte ^ mask).collect();
            *at = head.payload.end;
            self.count.frames += 1;
            if let Some(received) = self.take(&head, payload)? {
                return Ok(Some(received));
            }
        }
        Ok(None)
    }

    fn head(&self, at: usize) -> Result<Option<FrameHeader>, CodecViolation> {
        let [first, second, rest @ ..] = &self.bytes[at..] else { return Ok(None) };
        let (is_final, is_plain) = (first & FIN != 0, first & 0x70 == 0);
        let opcode = Opcode::from(first & 0x0f).filter(|_| is_plain).ok_or(CodecViolation::Protocol)?;
        let (size, short) = size_of_length(*second);
        let is_wrong_control = opcode.is_control() && (!is_final || short.is_none());
        let is_wrong_part = !opcode.is_control() && (opcode == Opcode::Continuation) != self.kind.is_some();
        if second & MASKED == 0 || is_wrong_control || is_wrong_part {
            return Err(CodecViolation::Protocol);
        }
        let Some(long) = rest.get(..size) else { return Ok(None) };
        let long = long.iter().fold(0_u64, |length, byte| length << 8 | u64::from(*byte));
        let length = usize::try_from(short.unwrap_or(long)).unwrap_or(usize::MAX);
        if !opcode.is_control() && length.saturating_add(self.message.len()) > FRAME_BYTES {
            return Err(CodecViolation::TooLarge);
        }
        let Some(mask) = rest.get(size..size + 4).and_then(|mask| mask.try_into().ok()) else { return Ok(None) };
        let begin = at + 2 + size + 4;
        Ok(Some(FrameHeader { is_final, opcode, mask, payload: begin..begin + length }))
    }

    fn take(&mut self, head: &FrameHeader, payload: Vec<u8>) -> Result<Option<Received>, CodecViolation> {
        match head.opcode {
            Opcode::Ping => return Ok(Some(Received::Ping(payload))),
            Opcode::Pong => return Ok(Some(Received::Pong)),
            Opcode::Close => return closing(&payload).map(|code| Some(Received::Close(code))),
            Opcode::Text | Opcode::Binary => (self.kind, self.message) = (Some(head.opcode), payload),
            Opcode::Continuation if self.is_skipped => {
                if head.is_final {
                    (self.kind, self.is_skipped) = (None, false);
                }
                return Ok(None);
            }
            Opcode::Continuation => self.message.extend(payload),
        }
        let is_text = self.kind == Some(Opcode::Text);
        if is_text {
            self.check_text(head.is_final)?;
        }
        if !head.is_final {
            return Ok(None);
        }
        let message = std::mem::take(&mut self.message);
        (self.kind, self.checked) = (None, 0);
        if !is_text {
            return Ok(Some(Received::Binary(message)));
        }
        String::from_utf8(message).map(|text| Some(Received::Text(text))).map_err(|_| CodecViolation::NotUtf8)
    }

    /// Fails at the first invalid byte. A character that is cut at the end of a fragment may still be completed.
    fn check_text(&mut self, is_final: bool) -> Result<(), CodecViolation> {
        match std::str::from_utf8(&self.message[self.checked..]) {
            Ok(_) => self.checked = self.message.len(),
            Err(error) if error.error_len().is_some() || is_final => return Err(CodecViolation::NotUtf8),
            Err(error) => self.checked += error.valid_up_to(),
        }
        Ok(())
    }
}

/// The number of bytes of an extended length, or the length itself.
fn size_of_length(second: u8) -> (usize, Option<u64>) {
    match second & !MASKED {
        126 => (2, None),
        127 => (8, None),
        short => (0, Some(u64::from(short))),
    }
}

/// A close frame's code.
///
/// # Errors
/// [`CodecViolation`] for a code that must not be sent (RFC 6455, 7.4).
fn closing(payload: &[u8]) -> Result<Option<u16>, CodecViolation> {
    let [high, low, reason @ ..] = payload else {
        return if payload.is_empty() { Ok(None) } else { Err(CodecViolation::Protocol) };
    };
    let code = u16::from_be_bytes([*high, *low]);
    if !matches!(code, 1000..=1003 | 1007..=1014 | 3000..=4999) {
        return Err(CodecViolation::Protocol);
    }
    std::str::from_utf8(reason).map(|_| Some(code)).map_err(|_| CodecViolation::NotUtf8)
}

/// A buffer of encoded frames.
#[derive(Debug, Default)]
pub(super) struct Frames(Vec<u8>);

impl Frames {
    /// A text frame with this payload.
    pub(super) fn text(&mut self, text: &[u8]) {
        self.put(Opcode::Text, text);
    }

    /// A text frame with the event as JSON.
    pub(super) fn event(&mut self, event: &impl Serialize) {
        // Our own enums of strings and numbers: serde_json cannot refuse them.
        self.text(&serde_json::to_vec(event).unwrap_or_default());
    }

    #[cfg(test)]
    pub(super) fn binary(&mut self, bytes: &[u8]) {
        self.put(Opcode::Binary, bytes);
    }

    pub(super) fn ping(&mut self) {
        self.put(Opcode::Ping, &[]);
    }

    pub(super) fn pong(&mut self, payload: &[u8]) {
        self.put(Opcode::Pong, payload);
    }

    /// The reason must be shorter than 124 bytes.
    pub(super) fn close(&mut self, code: Option<u16>, reason: &str) {
        let code = code.map(u16::to_be_bytes);
        self.put(Opcode::Close, &[code.as_ref().map_or(&[][..], |code| code), reason.as_bytes()].concat());
    }

    pub(super) fn bytes(&self) -> &[u8] {
        &self.0
    }

    pub(super) fn clear(&mut self) {
        self.0.clear();
    }

    fn put(&mut self, opcode: Opcode, payload: &[u8]) {
        self.0.reserve(payload.len() + 10);
        self.0.push(FIN | opcode as u8);
        match payload.len() {
            short @ ..=CONTROL_BYTES => self.0.push(short as u8),
            long => match u16::try_from(long) {
                Ok(long) => {
                    self.0.push(126);
                    self.0.extend(long.to_be_bytes());
                }
                Err(_) => {
                    self.0.push(127);
                    self.0.extend((long as u64).to_be_bytes());
                }
            },
        }
        self.0.extend_from_slice(payload);
    }
}

#[cfg(test)]
// With its path, because `examples/websocket_libraries` includes this file by path.
#[path = "codec/tests.rs"]
mod tests;
