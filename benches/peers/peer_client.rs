//! The clients of each kind of server: they connect, wait until the server is ready, and post a text to everybody.

use std::io;

use crate::{people::BenchPeople, prosody, wire::Wire};

/// A part of every text, by which receivers recognise it.
pub(crate) const MARK: &str = "bench says";
/// About a hundred bytes.
const TEXT: &str =
    "bench says what people say to each other in an office on a day like any other day, in about so many words";

pub(crate) enum PeerClient {
    /// Plain texts.
    Plain,
    SocketIo,
    Xmpp,
    /// Daehwa, in the group of all users.
    Daehwa(BenchPeople),
    /// The same in the legacy dialect.
    Original(BenchPeople),
}

impl PeerClient {
    /// Connects as the `number`th client, and waits until the server is ready for it.
    pub(crate) async fn connect(&self, address: &str, number: usize) -> io::Result<Wire> {
        match self {
            Self::Plain => Wire::connect(address, "/", "", number).await,
            Self::SocketIo => {
                let mut wire = Wire::connect(address, "/socket.io/?EIO=4&transport=websocket", "", number).await?;
                wire.until("0{").await?;
                wire.send("40").await?;
                wire.until("40").await?;
                Ok(wire)
            }
            Self::Xmpp => prosody::enter(address, number).await,
            Self::Daehwa(people) => {
                let mut wire = own(address, &format!("/chat/{}", people.group), people, number).await?;
                wire.until(WELCOME).await?;
                Ok(wire)
            }
            Self::Original(people) => {
                let (path, cookie) = (format!("/chat/{}", people.group), cookie(people, number));
                let mut wire = Wire::connect(address, &path, &cookie, number).await?;
                // The first frame means that the server is ready.
                wire.send(&original_post("")).await?;
                wire.until("UsersMessage").await?;
                Ok(wire)
            }
        }
    }

    /// A text to everybody.
    pub(crate) fn post(&self) -> String {
        match self {
            Self::Plain => TEXT.to_owned(),
            Self::SocketIo => format!(r#"42["said","{TEXT}"]"#),
            Self::Xmpp => prosody::post(TEXT),
            Self::Daehwa(_) => own_post(TEXT),
            Self::Original(_) => original_post(TEXT),
        }
    }

    /// A keep-alive text of the server, and the reply without which it disconnects.
    pub(crate) fn answer_of(&self) -> Option<(&'static str, &'static str)> {
        matches!(self, Self::SocketIo).then_some(("2", "3"))
    }
}

/// The first frame of a room of Daehwa.
pub(crate) const WELCOME: &str = r#""type":"welcome""#;

/// A native window of the `number`th of these users, modulo their number.
pub(crate) async fn own(address: &str, path: &str, people: &BenchPeople, number: usize) -> io::Result<Wire> {
    let headers = format!("{}Sec-WebSocket-Protocol: daehwa.v1\r\n", cookie(people, number));
    Wire::connect(address, path, &headers, number).await
}

fn cookie(people: &BenchPeople, number: usize) -> String {
    format!("Cookie: daehwa={}\r\n", people.tokens[number % people.tokens.len()])
}

/// A post in the native dialect.
pub(crate) fn own_post(text: &str) -> String {
    format!(r#"{{"type":"post","id":"{}","body":"{text}"}}"#, uuid::Uuid::now_v7())
}

/// A post in the legacy dialect.
fn original_post(text: &str) -> String {
    format!(r#"{{"message":"{text}","room":"bench"}}"#)
}

/// The text of posts without a number.
pub(crate) fn own_text() -> String {
    own_post(TEXT)
}
