//! Every route on one screen, grouped by who calls it, and the limits of each group.

use std::time::Duration;

use axum::{
    Extension, Router,
    extract::State,
    http::{HeaderName, HeaderValue, StatusCode, header},
    middleware,
    routing::{any, get, patch, post},
};
use tower_http::{catch_panic::CatchPanicLayer, csrf::CsrfLayer, set_header::SetResponseHeaderLayer};

use crate::http::{
    account_forms, assets, compression, egov, files, host, language, limits::Limits, pages, room_forms, session_probe,
    sign_in_forms,
};
use server::{app::AppState, session, socket, supervisor::Supervisor};

/// Requests without a body. A socket's handshake is such a request; an open socket is not a request any more.
const NO_BODY: Limits =
    Limits { body_bytes: 0, body_pause: Duration::from_secs(10), response: Some(Duration::from_secs(30)) };
/// Names, a password, a path.
const FORM: Limits = Limits { body_bytes: 16 * 1024, ..NO_BODY };
/// Bytes of files. The upload's length is their limit, and its minimum rate the deadline (`messenger/uploads`).
const FILES: Limits = Limits { body_pause: Duration::from_secs(20), response: None, ..NO_BODY };

/// The router of the whole product, for the server and for tests.
pub fn app(app: AppState) -> Router {
    // Rendering spawns futures. In a second router of one process the executor is set already.
    let _ = any_spawner::Executor::init_tokio();
    let of_session = |routes: Router<AppState>| {
        routes.layer(middleware::from_fn_with_state(app.clone(), session::identify)).layer(csrf(&app))
    };
    let hsts = app.origins.is_https().then(|| HeaderValue::from_static("max-age=31536000"));
    Router::new()
        .merge(NO_BODY.over(of_session(compressed(pages()))))
        .merge(FORM.over(of_session(compressed(forms()))))
        .merge(NO_BODY.over(of_session(sockets(app.messenger.supervisor()))))
        .merge(NO_BODY.over(of_session(Router::new().fallback(pages::not_found))))
        // These only redirect, and a portal of another origin may link here.
        .merge(FORM.over(original()))
        .merge(FILES.over(of_session(files())))
        .merge(NO_BODY.over(assets()))
        .merge(NO_BODY.over(operators()))
        .layer(middleware::from_fn(host::required))
        .layer(CatchPanicLayer::new())
        .layer(always(header::X_CONTENT_TYPE_OPTIONS, "nosniff"))
        .layer(always(header::REFERRER_POLICY, "same-origin"))
        .layer(always(HeaderName::from_static("cross-origin-opener-policy"), "same-origin"))
        .layer(SetResponseHeaderLayer::if_not_present(header::STRICT_TRANSPORT_SECURITY, hsts))
        .with_state(app)
}

fn pages() -> Router<AppState> {
    Router::new()
        .route("/", get(pages::main))
        .route("/rooms/{room}", get(pages::room))
        .route("/entry", get(pages::entry))
        .route("/sign_in", get(pages::sign_in))
        .route("/register", get(pages::register))
        .route("/settings", get(pages::settings))
        .route("/shortcuts", get(pages::shortcuts))
        .route("/switched", get(pages::switched))
        .route("/design", get(pages::design))
        .route("/offline", get(pages::offline))
}

fn forms() -> Router<AppState> {
    Router::new()
        .route("/api/sign_in", post(sign_in_forms::sign_in))
        .route("/api/sign_out", post(sign_in_forms::sign_out))
        .route("/api/register", post(sign_in_forms::register))
        .route("/api/language", post(language::choose))
        .route("/api/settings", post(account_forms::settings))
        .route("/api/name", post(account_forms::name))
        .route("/api/password", post(account_forms::password))
        .route("/api/end_session", post(account_forms::end_session))
        .route("/api/open_direct", post(room_forms::open_direct))
        .route("/api/session", get(session_probe::session))
}

fn sockets(supervisor: &Supervisor) -> Router<AppState> {
    Router::new()
        .route("/usersServerEndpoint", get(socket::enter_lobby))
        .route("/chat/{room}", get(socket::enter_room))
        .layer(Extension(socket::DeliveryWorkers::start(supervisor)))
        .layer(Extension(socket::Reports::default()))
}

fn original() -> Router<AppState> {
    Router::new()
        .route("/cop/msg/websocketMessengerView.do", any(egov::entry))
        .route("/cop/msg/websocketMessengerMain.do", any(egov::main))
        .route("/cop/msg/websocketMessengePopup.do", any(egov::popup))
}

fn files() -> Router<AppState> {
    let upload = patch(files::append).delete(files::cancel).options(files::capabilities);
    Router::new()
        .route("/files", post(files::create).options(files::capabilities))
        .route("/files/{id}", upload.head(files::head).get(files::file))
        .route("/files/{id}/preview", get(files::preview))
}

fn assets() -> Router<AppState> {
    Router::new()
        .route("/pkg/{file}", get(assets::package))
        .route("/pkg/{version}/{file}", get(assets::program))
        .route("/favicon.svg", get(assets::top))
        .route("/icon.svg", get(assets::top))
        .route("/icon-192.png", get(assets::top))
        .route("/icon-512.png", get(assets::top))
        .route("/manifest.webmanifest", get(assets::top))
        .route("/sw.js", get(assets::top))
        .route("/robots.txt", get(assets::top))
}

fn operators() -> Router<AppState> {
    Router::new().route("/healthz", get(health))
}

fn compressed(routes: Router<AppState>) -> Router<AppState> {
    routes.layer((middleware::from_fn(compression::for_own_pages), compression::layer()))
}

/// Refuses forms from a page of another origin, which the browser would send with the user's cookie.
fn csrf(app: &AppState) -> CsrfLayer {
    let layer = CsrfLayer::new();
    match app.origins.public() {
        // The layer accepts every parsed `Origin`.
        Some(public) => layer.clone().add_trusted_origin(public.to_string()).unwrap_or(layer),
        None => layer,
    }
}

fn always(name: HeaderName, value: &'static str) -> SetResponseHeaderLayer<HeaderValue> {
    SetResponseHeaderLayer::if_not_present(name, HeaderValue::from_static(value))
}

/// `GET /healthz`: 200 while the store works, else 503.
async fn health(State(app): State<AppState>) -> Result<&'static str, StatusCode> {
    app.messenger.check_health().await.map(|()| "ok\n").map_err(|_| StatusCode::SERVICE_UNAVAILABLE)
}
