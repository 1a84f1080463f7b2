//! Serving: from what the operator said to a server that runs.

use std::net::{SocketAddr, TcpListener, ToSocketAddrs};

use crate::{
    client::text::Lang,
    server::{
        app::App,
        command::{
            Outcome, say,
            words::{self, fault, pick},
        },
        config::{Config, Listen},
        demo,
        messenger::Messenger,
        origin::Origins,
        run,
    },
};

pub(super) async fn serve(config: Config, lang: Lang) -> Outcome {
    run::raise_file_limit();
    let no_files = |error| words::file(lang, &std::env::temp_dir(), &error);
    // Held until the end: the demonstration's directory goes with it.
    let passing = if config.demo { Some(tempfile::tempdir().map_err(no_files)?) } else { None };
    let data = passing.as_ref().map_or(config.data.as_path(), |directory| directory.path());
    let (listener, address) = listen(&config.addr, lang)?;
    let messenger = Messenger::open(data, config.settings()).await.map_err(|error| fault(lang, &error))?;
    if config.demo {
        demo::fill(&messenger).await.map_err(|refusal| words::refusal(lang, refusal))?;
        say(&demo::welcome(&address));
    } else {
        say(&pick(lang, format!("대화가 실행 중입니다: {address}"), format!("Daehwa is running: {address}")));
        if !messenger.has_accounts() {
            say(&pick(
                lang,
                format!("아직 계정이 없습니다. 처음 가입하는 사람이 첫 계정을 만듭니다({address}/register)."),
                format!("Nobody has an account yet: whoever registers first makes the first one ({address}/register)."),
            ));
        }
    }
    let port = listener.local_addr().map_or(0, |address| address.port());
    let origins = Origins::new(config.public_url, config.portal_url);
    let app = App::new(messenger, origins, config.trusted_proxies, port);
    run::run(listener, app).await.map_err(|error| words::error(lang, &error))
}

/// The listener, and its address for a person.
fn listen(asked: &Listen, lang: Lang) -> Result<(TcpListener, String), String> {
    let cannot = |error: &std::io::Error| {
        let why = words::error(lang, error);
        pick(lang, format!("{asked} 주소를 열 수 없습니다: {why}"), format!("cannot listen on {asked}: {why}"))
    };
    let mut addresses: Vec<SocketAddr> = asked.as_str().to_socket_addrs().map_err(|error| cannot(&error))?.collect();
    // `localhost` is both; proxies are told 127.0.0.1.
    addresses.sort_by_key(SocketAddr::is_ipv6);
    let listener = TcpListener::bind(addresses.as_slice()).map_err(|error| cannot(&error))?;
    let address = listener.local_addr().map_err(|error| cannot(&error))?;
    Ok((listener, format!("http://{address}")))
}
