//! Connections cut in every way, under traffic: no message is lost or shown twice.

use std::{
    collections::HashSet,
    net::SocketAddr,
    time::{Duration, Instant},
};

use tokio::{
    io::copy_bidirectional,
    net::{TcpListener, TcpStream},
    sync::broadcast,
    time::timeout,
};

use crate::{
    daemon::{Scene, history},
    resuming_client::ResumingClient,
    stage::Person,
    torture::{check, is_long, long_or, row},
};

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Cut {
    /// Both ends are reset.
    Reset,
    /// Both ends are closed with FIN.
    Close,
    /// No bytes pass any more, without a signal to either end.
    Silence,
}

const CUTS: [Cut; 3] = [Cut::Reset, Cut::Close, Cut::Silence];

/// A proxy between one client and the server.
struct Proxy {
    address: SocketAddr,
    cuts: broadcast::Sender<Cut>,
}

impl Proxy {
    async fn start(server: SocketAddr) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let (cuts, _) = broadcast::channel(16);
        let cutting = cuts.clone();
        tokio::spawn(async move {
            while let Ok((client, _)) = listener.accept().await {
                let Ok(upstream) = TcpStream::connect(server).await else { continue };
                tokio::spawn(carry(client, upstream, cutting.subscribe()));
            }
        });
        Self { address, cuts }
    }

    fn cut(&self, cut: Cut) {
        let _ = self.cuts.send(cut);
    }
}

async fn carry(mut client: TcpStream, mut upstream: TcpStream, mut cuts: broadcast::Receiver<Cut>) {
    let cut = tokio::select! {
        _ = copy_bidirectional(&mut client, &mut upstream) => return,
        cut = cuts.recv() => cut,
    };
    match cut {
        Ok(Cut::Reset) => {
            for stream in [&client, &upstream] {
                // Closing with a linger of zero sends RST.
                let _ = socket2::SockRef::from(stream).set_linger(Some(Duration::ZERO));
            }
        }
        Ok(Cut::Silence) => {
            // Both connections stay open, and no bytes pass.
            tokio::time::sleep(Duration::from_secs(120)).await;
        }
        _ => {}
    }
}

#[tokio::test]
async fn after_many_cuts_everybody_has_every_message_once() {
    let cuts = long_or(1_000, 45);
    let Scene { directory: _directory, data, server, people: [minsu, younghee], room } = Scene::start().await;
    let mut posting = Vec::new();
    for person in [&minsu, &younghee] {
        let proxy = Proxy::start(server.address).await;
        let through = Person { address: proxy.address, ..person.clone() };
        posting.push(tokio::spawn(post_through_cuts(ResumingClient::new(&through, room), proxy, cuts / 2)));
    }
    let mut clients = Vec::new();
    let (mut written, mut cut) = (0, 0);
    for task in posting {
        let (client, posts, cuts) = task.await.unwrap();
        written += posts;
        cut += cuts;
        clients.push(client);
    }
    let stored = history(&minsu, room).await;
    let ids: HashSet<_> = stored.iter().map(|message| message.id).collect();
    assert_eq!((stored.len(), ids.len()), (written, written), "every message once");
    let expected: Vec<(u64, String)> = stored.iter().map(|message| (message.seq, message.body.clone())).collect();
    let mut connections = 0;
    for client in &mut clients {
        client.catch_up(stored.last().unwrap().version).await;
        let shown = client.shown();
        assert_eq!(shown, expected[expected.len() - shown.len()..], "what is shown is the end of what is stored");
        assert!(shown.len() >= 50 || shown.len() == written);
        connections += client.connections;
    }
    check(&data);
    row(
        &format!("{cut} cuts of connections (RST, FIN, silence) during traffic"),
        "missing 0, shown twice 0",
        &format!("{written} messages, {connections} connections; missing 0, twice 0"),
    );
}

/// Posts and receives while its connection is cut repeatedly.
async fn post_through_cuts(mut client: ResumingClient, proxy: Proxy, cuts: usize) -> (ResumingClient, usize, usize) {
    let (mut posts, mut done) = (0, 0);
    let own = client.person.id;
    while done < cuts {
        client.connect().await;
        for _ in 0..4 {
            client.post(&format!("{own} {posts}")).await;
            posts += 1;
            client.step(Duration::from_millis(2)).await;
        }
        proxy.cut(CUTS[done % CUTS.len()]);
        done += 1;
        // A missing pong reveals a silent connection: the browser pings and waits.
        while client.step(Duration::from_millis(30)).await {}
        client.cut();
    }
    while !client.conversation.unacknowledged().is_empty() {
        client.connect().await;
        client.step(Duration::from_millis(200)).await;
    }
    (client, posts, done)
}

#[tokio::test]
async fn a_silent_peer_is_disconnected_within_45_seconds() {
    // In real time, so only in the long form.
    if !is_long() {
        return;
    }
    let Scene { directory: _directory, server, people: [minsu, younghee], room, .. } = Scene::start().await;
    let proxy = Proxy::start(server.address).await;
    let mut silent = ResumingClient::new(&Person { address: proxy.address, ..younghee }, room);
    silent.connect().await;
    let mut watching = ResumingClient::new(&minsu, room);
    watching.connect().await;
    let here = |client: &ResumingClient| client.conversation.others().any(|member| member.is_present);
    while !here(&watching) {
        watching.step(Duration::from_secs(1)).await;
    }
    proxy.cut(Cut::Silence);
    let begun = Instant::now();
    let noticing = async {
        while here(&watching) {
            watching.step(Duration::from_secs(1)).await;
        }
    };
    timeout(Duration::from_secs(90), noticing).await.expect("it is noticed");
    let seconds = begun.elapsed().as_secs_f64();
    assert!(seconds <= 45.0, "{seconds}");
    row("a peer falls silent", "noticed within 45 s", &format!("{seconds:.1} s"));
}
