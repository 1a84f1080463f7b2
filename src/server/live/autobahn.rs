//! Autobahn's public suite of what a WebSocket server must do, against our handshake, framing and connections: an
//! echo stands in for the languages. `make autobahn` installs the suite and runs it.

use std::{
    collections::BTreeMap,
    env,
    ffi::OsStr,
    fs::{self, File},
    io,
    path::Path,
    process::Command,
    sync::Arc,
};

use axum::{Extension, Router, extract::State, response::Response, routing::get};
use serde::Deserialize;
use serde_json::json;
use tokio::{net::TcpListener, task::spawn_blocking};

use super::{
    Postmen,
    codec::Frames,
    connection::{self, Language, Said},
    upgrade::Upgrade,
};
use crate::{
    protocol::{
        chat::ChatEvent,
        ids::{RoomId, UserId},
    },
    server::{
        address::Proxies,
        hub::{Caps, Hub, Owner, Told},
        serve::serve_router,
    },
};

/// What must not be tried: messages above `protocol::limit::FRAME_BYTES`, which are refused here, and compression,
/// which is not offered.
const LEFT_OUT: &[&str] = &[
    "9.1.2", "9.1.3", "9.1.4", "9.1.5", "9.1.6", "9.2.2", "9.2.3", "9.2.4", "9.2.5", "9.2.6", "9.3.*", "9.4.*",
    "9.5.*", "9.6.*", "12.*", "13.*",
];
/// The suite would like a text to be refused within a frame that has not come whole. A frame is short here; it is
/// looked at when it is whole, which the suite calls allowed, but not strict.
const NOT_STRICT: &[&str] = &["6.4.3", "6.4.4"];
/// Cases of 25.10.1 that are left.
const CASES: usize = 261;
const AGENT: &str = "Daehwa";

/// Says what it hears.
struct Echo;

impl Language for Echo {
    type Event = ChatEvent;

    fn frames_per_second(&self) -> Option<u32> {
        None
    }

    async fn greet(&mut self) -> Frames {
        Frames::default()
    }

    async fn hear(&mut self, said: Said<'_>) -> Frames {
        let mut frames = Frames::default();
        match said {
            Said::Text(text) => frames.text(text.as_bytes()),
            Said::Binary(bytes) => frames.binary(bytes),
        }
        frames
    }

    fn say(&mut self, _: &Arc<Told<ChatEvent>>, _: &mut Frames) {}
}

async fn echo(State(hub): State<Hub>, upgrade: Upgrade) -> Response {
    let owner = Owner { user: UserId::new(), session: [0; 32], address: [127, 0, 0, 1].into() };
    let seat = hub.enter_room(owner, Caps::default(), RoomId::new()).expect("there is a seat for everybody");
    upgrade.start(move |raw| connection::run(raw, seat, Echo))
}

/// The address of an echo.
async fn serve() -> String {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = format!("ws://{}/", listener.local_addr().unwrap());
    let router = Router::new().route("/", get(echo)).layer(Extension(Postmen::start())).with_state(Hub::default());
    tokio::spawn(async move { serve_router(listener, Proxies::default(), router, std::future::pending()).await });
    address
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Outcome {
    behavior: String,
    behavior_close: String,
}

impl Outcome {
    fn is_good(&self, case: &str) -> bool {
        let is_good = |seen: &String| match &**seen {
            "OK" | "INFORMATIONAL" => true,
            "NON-STRICT" => NOT_STRICT.contains(&case),
            _ => false,
        };
        [&self.behavior, &self.behavior_close].into_iter().all(is_good)
    }
}

/// What the suite thinks of a server, by case; its reports lie in `reports` then.
fn ask(wstest: &OsStr, server: &str, reports: &Path) -> io::Result<BTreeMap<String, Outcome>> {
    fs::create_dir_all(reports)?;
    let spec = reports.join("spec.json");
    let asked = json!({
        "outdir": reports,
        "servers": [{ "agent": AGENT, "url": server }],
        "cases": ["*"],
        "exclude-cases": LEFT_OUT,
        "exclude-agent-cases": {},
    });
    fs::write(&spec, asked.to_string())?;
    let log = File::create(reports.join("log"))?;
    let run = Command::new(wstest).args(["-m", "fuzzingclient", "-s"]).arg(&spec).stdout(log).status()?;
    assert!(run.success(), "the suite itself failed; see {}", reports.display());
    let mut agents: BTreeMap<String, _> = serde_json::from_slice(&fs::read(reports.join("index.json"))?)?;
    Ok(agents.remove(AGENT).unwrap_or_default())
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "needs the suite: make autobahn"]
async fn the_suite_finds_nothing_wrong() {
    let wstest = env::var_os("DAEHWA_WSTEST").expect("DAEHWA_WSTEST is to say where the suite's wstest is");
    let reports = Path::new(env!("CARGO_MANIFEST_DIR")).join("target/autobahn/reports");
    let (server, written) = (serve().await, reports.join("index.html"));
    let asking = spawn_blocking(move || ask(&wstest, &server, &reports));
    let outcomes = asking.await.unwrap().unwrap();
    let wrong = outcomes.iter().filter(|(case, seen)| !seen.is_good(case));
    let wrong: Vec<&str> = wrong.map(|(case, _)| case.as_str()).collect();
    println!("{} cases, {} wrong; each in {}", outcomes.len(), wrong.len(), written.display());
    assert_eq!((wrong, outcomes.len()), (vec![], CASES));
}
