//! Prosody, a chat server with storage: a group chat of XMPP (XEP-0045) with its archive (XEP-0313) over WebSocket
//! (RFC 7395).

use std::{fs, io, net::TcpListener, path::Path};

use crate::{process::Process, wire::Wire};

const OPEN: &str = r#"<open xmlns="urn:ietf:params:xml:ns:xmpp-framing" to="localhost" version="1.0"/>"#;
const AUTHENTICATE: &str = r#"<auth xmlns="urn:ietf:params:xml:ns:xmpp-sasl" mechanism="ANONYMOUS"/>"#;
const BIND: &str =
    r#"<iq xmlns="jabber:client" type="set" id="bind"><bind xmlns="urn:ietf:params:xml:ns:xmpp-bind"/></iq>"#;

/// Starts a server in this directory.
///
/// # Errors
/// If Prosody is not installed (Debian's package `prosody`) or does not start.
pub(crate) async fn start(directory: &Path) -> io::Result<Process> {
    // Prosody cannot report a port that the system chose.
    let address = TcpListener::bind("127.0.0.1:0")?.local_addr()?;
    let file = directory.join("prosody.cfg.lua");
    fs::write(&file, configuration(directory, address.port()))?;
    let arguments = ["-F", "--config", &file.to_string_lossy()];
    Process::start_at(address, Path::new("prosody"), &arguments, directory).await
}

/// Anonymous logins, no limits, the default archive (files). No presence: among n users that would be n² stanzas
/// before the measurement starts.
fn configuration(directory: &Path, port: u16) -> String {
    let directory = directory.display();
    format!(
        r#"data_path = "{directory}"
pidfile = "{directory}/prosody.pid"
certificates = "{directory}"
run_as_root = true
log = {{ {{ levels = {{ min = "warn" }}, to = "file", filename = "{directory}/prosody.log" }} }}
modules_enabled = {{ "saslauth", "websocket" }}
modules_disabled = {{ "s2s", "offline" }}
authentication = "anonymous"
storage = "internal"
c2s_require_encryption = false
consider_websocket_secure = true
c2s_ports = {{}}
c2s_direct_tls_ports = {{}}
https_ports = {{}}
http_interfaces = {{ "127.0.0.1" }}
http_ports = {{ {port} }}
http_default_host = "localhost"
VirtualHost "localhost"
Component "rooms.localhost" "muc"
  modules_enabled = {{ "muc_mam" }}
  muc_log_all_rooms = true
  muc_room_locking = false
  muc_room_default_persistent = true
  muc_room_default_history_length = 0
  muc_room_default_presence_broadcast = {{ visitor = false, participant = false, moderator = false }}
"#
    )
}

/// Joins the group chat as the `number`th user.
///
/// # Errors
/// If the connection is lost.
pub(crate) async fn enter(address: &str, number: usize) -> io::Result<Wire> {
    let mut wire = Wire::connect(address, "/xmpp-websocket", "Sec-WebSocket-Protocol: xmpp\r\n", number).await?;
    let join = format!(
        r#"<presence xmlns="jabber:client" to="bench@rooms.localhost/person{number}"><x xmlns="http://jabber.org/protocol/muc"><history maxstanzas="0"/></x></presence>"#
    );
    let steps = [
        (OPEN, "<mechanism>ANONYMOUS"),
        (AUTHENTICATE, "<success"),
        (OPEN, "<bind"),
        (BIND, "type='result'"),
        (&join, "<subject"),
    ];
    for (sent, answer) in steps {
        wire.send(sent).await?;
        wire.until(answer).await?;
    }
    Ok(wire)
}

/// A text of the group chat.
pub(crate) fn post(text: &str) -> String {
    let id = uuid::Uuid::now_v7();
    format!(
        r#"<message xmlns="jabber:client" type="groupchat" to="bench@rooms.localhost" id="{id}"><body>{text}</body></message>"#
    )
}
