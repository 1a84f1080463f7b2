//! A WebSocket client of a few hundred bytes, so that thousands of them cost less than the measured server. It trusts
//! the server, so it is only for measurements.

use std::{
    cell::RefCell,
    io::{self, ErrorKind},
    net::{Ipv4Addr, SocketAddr},
};

use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::{TcpSocket, TcpStream},
};

/// The buffer into which all connections read, one after the other.
const SCRATCH_BYTES: usize = 64 * 1024;
/// A continuation frame.
const CONTINUED: u8 = 0;
const TEXT: u8 = 1;
const CLOSE: u8 = 8;
const PING: u8 = 9;
const PONG: u8 = 10;
/// Local addresses of the connections in turn, from 127.0.0.2, because a single address runs out of ports.
const SOURCES: usize = 16;

thread_local! {
    static SCRATCH: RefCell<Vec<u8>> = RefCell::new(vec![0; SCRATCH_BYTES]);
}

pub(crate) struct Wire {
    stream: TcpStream,
    /// The beginning of an incomplete frame.
    rest: Vec<u8>,
    /// The fragments of an incomplete text.
    pieces: Vec<u8>,
}

impl Wire {
    /// Connects to `host:port` as the `number`th client. `headers`: more lines, each with its line end.
    ///
    /// # Errors
    /// If the handshake fails.
    pub(crate) async fn connect(address: &str, path: &str, headers: &str, number: usize) -> io::Result<Self> {
        let mut stream = dial(address, number).await?;
        let request = format!(
            "GET {path} HTTP/1.1\r\nHost: {address}\r\nOrigin: http://{address}\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\
             Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n{headers}\r\n"
        );
        stream.write_all(request.as_bytes()).await?;
        let mut answer = Vec::new();
        let end = loop {
            if stream.read_buf(&mut answer).await? == 0 {
                return Err(ErrorKind::UnexpectedEof.into());
            }
            if let Some(end) = answer.windows(4).position(|bytes| bytes == b"\r\n\r\n") {
                break end + 4;
            }
        };
        if !answer.starts_with(b"HTTP/1.1 101") {
            return Err(io::Error::other(String::from_utf8_lossy(&answer).into_owned()));
        }
        Ok(Self { stream, rest: answer.split_off(end), pieces: Vec::new() })
    }

    /// Sends a text.
    ///
    /// # Errors
    /// If the connection is closed.
    pub(crate) async fn send(&mut self, text: &str) -> io::Result<()> {
        self.stream.write_all(&frame(TEXT, text.as_bytes())).await
    }

    /// Waits for bytes and passes every completed text to `visit`. Answers pings.
    ///
    /// # Errors
    /// If the connection is closed.
    pub(crate) async fn receive(&mut self, mut visit: impl FnMut(&[u8])) -> io::Result<()> {
        let mut pings = Vec::new();
        let mut pieces = std::mem::take(&mut self.pieces);
        let mut take = |kind: FrameHead, payload: &[u8]| match kind {
            FrameHead { opcode: PING, .. } => pings.push(frame(PONG, payload)),
            FrameHead { opcode: CLOSE, .. } => {}
            FrameHead { is_last: true, opcode } if opcode != CONTINUED => visit(payload),
            FrameHead { is_last, .. } => {
                pieces.extend_from_slice(payload);
                if is_last {
                    visit(&std::mem::take(&mut pieces));
                }
            }
        };
        if self.rest.is_empty() || frames(&self.rest, &mut |_, _| {}) == 0 {
            self.stream.readable().await?;
            let received: io::Result<()> = SCRATCH.with_borrow_mut(|scratch| {
                let length = self.stream.try_read(scratch)?;
                if length == 0 {
                    return Err(ErrorKind::UnexpectedEof.into());
                }
                if self.rest.is_empty() {
                    let used = frames(&scratch[..length], &mut take);
                    self.rest.extend_from_slice(&scratch[used..length]);
                } else {
                    self.rest.extend_from_slice(&scratch[..length]);
                    self.drain(&mut take);
                }
                Ok(())
            });
            match received {
                Err(error) if error.kind() != ErrorKind::WouldBlock => return Err(error),
                _ => {}
            }
        } else {
            self.drain(&mut take);
        }
        self.pieces = pieces;
        for pong in pings {
            self.stream.write_all(&pong).await?;
        }
        Ok(())
    }

    fn drain(&mut self, take: &mut impl FnMut(FrameHead, &[u8])) {
        let used = frames(&self.rest, take);
        self.rest.drain(..used);
        if self.rest.is_empty() {
            self.rest = Vec::new();
        }
    }

    /// Receives until a text contains `part`; returns that text.
    ///
    /// # Errors
    /// If the connection closes before that.
    pub(crate) async fn until(&mut self, part: &str) -> io::Result<Vec<u8>> {
        let mut found = None;
        loop {
            self.receive(|text| {
                if contains(text, part) {
                    found = Some(text.to_vec());
                }
            })
            .await?;
            if let Some(text) = found.take() {
                return Ok(text);
            }
        }
    }
}

async fn dial(address: &str, number: usize) -> io::Result<TcpStream> {
    let address: SocketAddr = address.parse().map_err(io::Error::other)?;
    let socket = TcpSocket::new_v4()?;
    // Allows the port of a connection that just closed.
    socket.set_reuseaddr(true)?;
    let source = Ipv4Addr::new(127, 0, 0, 2 + (number % SOURCES) as u8);
    socket.bind((source, 0).into())?;
    let stream = socket.connect(address).await?;
    stream.set_nodelay(true)?;
    Ok(stream)
}

/// Parses the complete frames at the beginning; returns their length in bytes.
fn frames(bytes: &[u8], take: &mut impl FnMut(FrameHead, &[u8])) -> usize {
    let mut used = 0;
    while let Some((kind, from, to)) = head(&bytes[used..]) {
        let Some(payload) = bytes.get(used + from..used + to) else { break };
        take(kind, payload);
        used += to;
    }
    used
}

#[derive(Clone, Copy)]
struct FrameHead {
    opcode: u8,
    is_last: bool,
}

/// The kind of the next frame, and the bounds of its payload. Servers do not mask.
fn head(bytes: &[u8]) -> Option<(FrameHead, usize, usize)> {
    let first = *bytes.first()?;
    let kind = FrameHead { opcode: first & 15, is_last: first & 0x80 != 0 };
    let (from, length) = match bytes.get(1)? & 127 {
        126 => (4, u16::from_be_bytes(bytes.get(2..4)?.try_into().ok()?) as usize),
        127 => (10, u64::from_be_bytes(bytes.get(2..10)?.try_into().ok()?) as usize),
        length => (2, length as usize),
    };
    Some((kind, from, from + length))
}

/// A client's frame, masked with zeros, which leave the payload unchanged.
fn frame(opcode: u8, payload: &[u8]) -> Vec<u8> {
    let mut frame = vec![0x80 | opcode];
    match payload.len() {
        length @ 0..126 => frame.push(0x80 | length as u8),
        length => {
            frame.push(0x80 | 126);
            frame.extend_from_slice(&(length as u16).to_be_bytes());
        }
    }
    frame.extend_from_slice(&[0; 4]);
    frame.extend_from_slice(payload);
    frame
}

/// Whether `text` contains `part`.
pub(crate) fn contains(text: &[u8], part: &str) -> bool {
    memchr::memmem::find(text, part.as_bytes()).is_some()
}
