//! Starts the server from its configuration.

use std::net::{SocketAddr, TcpListener, ToSocketAddrs};

use crate::{
    command::{
        output::{CommandResult, print_line},
        words::{self, fault, pick},
    },
    config::{Config, Listen},
    demo,
    http::assets,
    run,
};
use client::text::Lang;
use server::{app::AppState, messenger::Messenger, origin::Origins};

pub(super) async fn serve(config: Config, lang: Lang) -> CommandResult {
    run::raise_file_limit();
    let bus = config.bus().map_err(|error| fault(lang, &error))?;
    let no_files = |error| words::file(lang, &std::env::temp_dir(), &error);
    // Dropped at the end, which deletes the demonstration's directory.
    let temporary = if config.demo { Some(tempfile::tempdir().map_err(no_files)?) } else { None };
    let data = temporary.as_ref().map_or(config.data.as_path(), |directory| directory.path());
    let (listener, address) = listen(&config.network.addr, lang)?;
    let messenger = Messenger::open(data, config.policy()).await.map_err(|error| fault(lang, &error))?;
    if let Some(bus) = &bus {
        messenger.join_bus(&config.location(), bus).await.map_err(|error| fault(lang, &error))?;
    }
    assets::share(&messenger).await.map_err(|refusal| words::refusal(lang, refusal))?;
    if config.demo {
        demo::fill(&messenger).await.map_err(|refusal| words::refusal(lang, refusal))?;
        print_line(&demo::welcome(&address, lang));
    } else {
        print_line(&pick(lang, format!("대화가 실행 중입니다: {address}"), format!("Daehwa is running: {address}")));
        if messenger.accounts().is_empty() {
            print_line(&pick(
                lang,
                format!("아직 계정이 없습니다. 첫 계정은 여기에서 만듭니다: {address}/register"),
                format!("There are no accounts yet. Create the first one here: {address}/register"),
            ));
        }
    }
    let drain_time = config.drain_time();
    let port = listener.local_addr().map_or(0, |address| address.port());
    let origins = Origins::new(config.network.public_url, config.network.portal_url);
    let app = AppState::new(messenger, origins, config.network.trusted_proxies, port);
    run::run(listener, app, drain_time).await.map_err(|error| words::error(lang, &error))
}

/// Binds the address; returns the listener and its URL.
fn listen(asked: &Listen, lang: Lang) -> Result<(TcpListener, String), String> {
    let cannot = |error: &std::io::Error| {
        let why = words::error(lang, error);
        pick(lang, format!("{asked} 주소를 열 수 없습니다: {why}"), format!("cannot listen on {asked}: {why}"))
    };
    let mut addresses: Vec<SocketAddr> = asked.as_str().to_socket_addrs().map_err(|error| cannot(&error))?.collect();
    // `localhost` resolves to both, and proxies are configured with 127.0.0.1.
    addresses.sort_by_key(SocketAddr::is_ipv6);
    let listener = TcpListener::bind(addresses.as_slice()).map_err(|error| cannot(&error))?;
    let address = listener.local_addr().map_err(|error| cannot(&error))?;
    Ok((listener, format!("http://{address}")))
}
