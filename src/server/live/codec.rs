//! WebSocket's framing (RFC 6455) as a server speaks it: bytes in, what was said out, frames to write. It
//! neither reads nor writes, and keeps nothing between two messages: an idle connection costs no buffer.

use serde::Serialize;

use crate::protocol::limit::FRAME_BYTES;

const FIN: u8 = 0x80;
const MASKED: u8 = 0x80;
/// A control frame's payload at most (RFC 6455, 5.5).
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

/// What the other side said.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Heard {
    Text(String),
    Binary(Vec<u8>),
    Ping(Vec<u8>),
    Pong,
    /// Its code; none when it gave none.
    Close(Option<u16>),
}

/// What the other side did wrong. Nothing after it can be understood.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Broken {
    Protocol,
    /// More than [`FRAME_BYTES`] in a frame, or in a message made of frames.
    TooLarge,
    NotUtf8,
}

/// Bytes as they come, put together to what was said.
#[derive(Debug, Default)]
pub(super) struct Decoder {
    /// Of a frame that has not come whole.
    bytes: Vec<u8>,
    /// A message in parts: what it is, its text or bytes so far, and how much of a text is known to be UTF-8.
    kind: Option<Opcode>,
    message: Vec<u8>,
    checked: usize,
    /// Bytes of a frame that was too large and are still to come.
    passing: u64,
    /// The message in parts is too large, so its other parts are passed over, too.
    is_lost: bool,
    count: Count,
}

/// What has come since it was last counted: frames of every kind, and bytes.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Count {
    pub(super) frames: u32,
    pub(super) bytes: u64,
}

/// A frame's head, and where in the bytes its payload is.
struct Head {
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

    pub(super) fn take_count(&mut self) -> Count {
        std::mem::take(&mut self.count)
    }

    /// After [`Broken::TooLarge`]: passes over the message, so that what comes behind it is understood.
    pub(super) fn pass_over(&mut self) {
        let [first, second, rest @ ..] = &*self.bytes else { return };
        let (size, short) = size_of_length(*second);
        let length =
            short.unwrap_or_else(|| rest.iter().take(size).fold(0, |length, byte| length << 8 | u64::from(*byte)));
        self.passing = length.saturating_add(2 + size as u64 + 4);
        self.is_lost = first & FIN == 0;
        self.kind = self.kind.or(Some(Opcode::Text)).filter(|_| self.is_lost);
        (self.message, self.checked) = (Vec::new(), 0);
    }

    /// What was said next; none until more bytes come.
    ///
    /// # Errors
    /// [`Broken`], when the rest cannot be understood.
    pub(super) fn next(&mut self) -> Result<Option<Heard>, Broken> {
        let mut at = 0;
        let heard = self.next_from(&mut at);
        if at > 0 {
            // Often it is all there is: then the buffer goes.
            self.bytes = self.bytes.split_off(at);
        }
        heard
    }

    /// Moves `at` behind the frames that were taken.
    fn next_from(&mut self, at: &mut usize) -> Result<Option<Heard>, Broken> {
        let passed = usize::try_from(self.passing).unwrap_or(usize::MAX).min(self.bytes.len());
        self.passing -= passed as u64;
        *at += passed;
        while let Some(head) = self.head(*at)? {
            let Some(payload) = self.bytes.get(head.payload.clone()) else { break };
            let mask = head.mask.iter().cycle();
            let payload = payload.iter().zip(mask).map(|(byte, mask)| byte ^ mask).collect();
            *at = head.payload.end;
            self.count.frames += 1;
            if let Some(heard) = self.take(&head, payload)? {
                return Ok(Some(heard));
            }
        }
        Ok(None)
    }

    fn head(&self, at: usize) -> Result<Option<Head>, Broken> {
        let [first, second, rest @ ..] = &self.bytes[at..] else { return Ok(None) };
        let (is_final, is_plain) = (first & FIN != 0, first & 0x70 == 0);
        let opcode = Opcode::from(first & 0x0f).filter(|_| is_plain).ok_or(Broken::Protocol)?;
        let (size, short) = size_of_length(*second);
        let is_wrong_control = opcode.is_control() && (!is_final || short.is_none());
        let is_wrong_part = !opcode.is_control() && (opcode == Opcode::Continuation) != self.kind.is_some();
        if second & MASKED == 0 || is_wrong_control || is_wrong_part {
            return Err(Broken::Protocol);
        }
        let Some(long) = rest.get(..size) else { return Ok(None) };
        let long = long.iter().fold(0_u64, |length, byte| length << 8 | u64::from(*byte));
        let length = usize::try_from(short.unwrap_or(long)).unwrap_or(usize::MAX);
        if !opcode.is_control() && length.saturating_add(self.message.len()) > FRAME_BYTES {
            return Err(Broken::TooLarge);
        }
        let Some(mask) = rest.get(size..size + 4).and_then(|mask| mask.try_into().ok()) else { return Ok(None) };
        let begin = at + 2 + size + 4;
        Ok(Some(Head { is_final, opcode, mask, payload: begin..begin + length }))
    }

    fn take(&mut self, head: &Head, payload: Vec<u8>) -> Result<Option<Heard>, Broken> {
        match head.opcode {
            Opcode::Ping => return Ok(Some(Heard::Ping(payload))),
            Opcode::Pong => return Ok(Some(Heard::Pong)),
            Opcode::Close => return closing(&payload).map(|code| Some(Heard::Close(code))),
            Opcode::Text | Opcode::Binary => (self.kind, self.message) = (Some(head.opcode), payload),
            Opcode::Continuation if self.is_lost => {
                if head.is_final {
                    (self.kind, self.is_lost) = (None, false);
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
            return Ok(Some(Heard::Binary(message)));
        }
        String::from_utf8(message).map(|text| Some(Heard::Text(text))).map_err(|_| Broken::NotUtf8)
    }

    /// As early as it can be known; only a character that is cut in two may still become one.
    fn check_text(&mut self, is_final: bool) -> Result<(), Broken> {
        match std::str::from_utf8(&self.message[self.checked..]) {
            Ok(_) => self.checked = self.message.len(),
            Err(error) if error.error_len().is_some() || is_final => return Err(Broken::NotUtf8),
            Err(error) => self.checked += error.valid_up_to(),
        }
        Ok(())
    }
}

/// How many bytes a frame's length takes, and the length itself when it takes none.
fn size_of_length(second: u8) -> (usize, Option<u64>) {
    match second & !MASKED {
        126 => (2, None),
        127 => (8, None),
        short => (0, Some(u64::from(short))),
    }
}

/// A close frame's code, where it has one that may be sent.
fn closing(payload: &[u8]) -> Result<Option<u16>, Broken> {
    let [high, low, reason @ ..] = payload else {
        return if payload.is_empty() { Ok(None) } else { Err(Broken::Protocol) };
    };
    let code = u16::from_be_bytes([*high, *low]);
    if !matches!(code, 1000..=1003 | 1007..=1014 | 3000..=4999) {
        return Err(Broken::Protocol);
    }
    std::str::from_utf8(reason).map(|_| Some(code)).map_err(|_| Broken::NotUtf8)
}

/// Frames to be written, one after the other.
#[derive(Debug, Default)]
pub(super) struct Frames(Vec<u8>);

impl Frames {
    /// One text: the event as JSON.
    pub(super) fn of(event: &impl Serialize) -> Self {
        let mut frames = Self::default();
        frames.event(event);
        frames
    }

    /// A text that is encoded already.
    pub(super) fn text(&mut self, text: &[u8]) {
        self.put(Opcode::Text, text);
    }

    /// A text: the event as JSON.
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

    /// The reason is of less than 124 bytes.
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
mod tests;
