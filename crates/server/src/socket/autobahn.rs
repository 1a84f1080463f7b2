//! Autobahn's public test suite against our handshake, codec and connections. An echo dialect takes the place of the
//! real ones. `make autobahn` installs the suite and runs it.

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
    DeliveryWorkers,
    codec::Frames,
    connection,
    dialect::{Dialect, Incoming},
    upgrade::Upgrade,
};
use crate::{
    address::Proxies,
    hub::{Caps, Encoded, Hub, Owner},
    listener::serve,
    supervisor::Supervisor,
};
use protocol::{
    ids::{RoomId, UserId},
    room_socket::RoomEvent,
};

/// Cases that do not apply: messages above `protocol::limit::FRAME_BYTES`, which are refused, and compression, which
/// the server does not offer.
const EXCLUDED: &[&str] = &[
    "9.1.2", "9.1.3", "9.1.4", "9.1.5", "9.1.6", "9.2.2", "9.2.3", "9.2.4", "9.2.5", "9.2.6", "9.3.*", "9.4.*",
    "9.5.*", "9.6.*", "12.*", "13.*",
];
/// Cases that expect the server to refuse invalid UTF-8 before its frame is complete. This server validates complete
/// frames, which are short; the suite calls that allowed but not strict.
const NOT_STRICT: &[&str] = &["6.4.3", "6.4.4"];
/// The remaining cases of version 25.10.1.
const CASES: usize = 261;
const AGENT: &str = "Daehwa";

/// Sends back every message.
struct Echo;

impl Dialect for Echo {
    type Event = RoomEvent;
    type Command = Frames;
    type Reply = Frames;
    type View = ();

    fn frames_per_second(&self) -> Option<u32> {
        None
    }

    async fn welcome(&self) -> Frames {
        Frames::default()
    }

    fn begin(&self, (): &mut (), received: Incoming<'_>) -> Frames {
        let mut frames = Frames::default();
        match received {
            Incoming::Text(text) => frames.text(text.as_bytes()),
            Incoming::Binary(bytes) => frames.binary(bytes),
        }
        frames
    }

    async fn execute(&self, echo: Frames) -> Frames {
        echo
    }

    fn encode_reply(&self, (): &mut (), echo: Frames, frames: &mut Frames) {
        *frames = echo;
    }

    fn encode_event(&self, (): &mut (), _: &Arc<Encoded<RoomEvent>>, _: &mut Frames) {}
}

async fn echo(State(hub): State<Hub>, upgrade: Upgrade) -> Response {
    let owner = Owner { user: UserId::new(), session: [0; 32], address: [127, 0, 0, 1].into() };
    let subscription = hub.subscribe_room(owner, Caps::default(), RoomId::new()).expect("there is no limit of sockets");
    upgrade.start(move |raw| connection::run(raw, subscription, Echo))
}

/// Starts an echo server and returns its URL.
async fn start() -> String {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = format!("ws://{}/", listener.local_addr().unwrap());
    let router = Router::new()
        .route("/", get(echo))
        .layer(Extension(DeliveryWorkers::start(&Supervisor::default())))
        .with_state(Hub::default());
    tokio::spawn(async move { serve(listener, Proxies::default(), router, std::future::pending()).await });
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

/// Runs the suite against a server; returns the outcome of each case and leaves the reports in `reports`.
fn run_suite(wstest: &OsStr, server: &str, reports: &Path) -> io::Result<BTreeMap<String, Outcome>> {
    fs::create_dir_all(reports)?;
    let spec = reports.join("spec.json");
    let settings = json!({
        "outdir": reports,
        "servers": [{ "agent": AGENT, "url": server }],
        "cases": ["*"],
        "exclude-cases": EXCLUDED,
        "exclude-agent-cases": {},
    });
    fs::write(&spec, settings.to_string())?;
    let log = File::create(reports.join("log"))?;
    let run = Command::new(wstest).args(["-m", "fuzzingclient", "-s"]).arg(&spec).stdout(log).status()?;
    assert!(run.success(), "the suite itself failed; see {}", reports.display());
    let mut agents: BTreeMap<String, _> = serde_json::from_slice(&fs::read(reports.join("index.json"))?)?;
    Ok(agents.remove(AGENT).unwrap_or_default())
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "needs the suite: make autobahn"]
async fn all_cases_pass() {
    let wstest = env::var_os("DAEHWA_WSTEST").expect("DAEHWA_WSTEST is the path of the suite's wstest");
    let reports = Path::new(env!("CARGO_MANIFEST_DIR")).join("target/autobahn/reports");
    let (server, report) = (start().await, reports.join("index.html"));
    let running = spawn_blocking(move || run_suite(&wstest, &server, &reports));
    let outcomes = running.await.unwrap().unwrap();
    let failed = outcomes.iter().filter(|(case, outcome)| !outcome.is_good(case));
    let failed: Vec<&str> = failed.map(|(case, _)| case.as_str()).collect();
    println!("{} cases, {} failed; the report is {}", outcomes.len(), failed.len(), report.display());
    assert_eq!((failed, outcomes.len()), (vec![], CASES));
}
