//! Every route on one screen, grouped by who calls it.

use std::time::Duration;

use axum::{
    Extension, Router,
    extract::DefaultBodyLimit,
    http::{HeaderName, HeaderValue, StatusCode, header},
    middleware,
    routing::{any, get, post},
};
use tower_http::{
    catch_panic::CatchPanicLayer,
    csrf::CsrfLayer,
    set_header::SetResponseHeaderLayer,
    timeout::{RequestBodyTimeoutLayer, TimeoutLayer},
};

use crate::server::{app::App, assets, compression, form, host, live, own, page, session};

/// How long a form's next bytes may take.
const BODY_PATIENCE: Duration = Duration::from_secs(10);
/// The longest a page or a form may take; sockets are no longer requests once they are open.
const PATIENCE: Duration = Duration::from_secs(30);
/// The largest form: names, a password, a path.
const FORM_BYTES: usize = 16 * 1024;

/// The whole product, ready to be served or tested.
pub fn app(app: App) -> Router {
    // Rendering spawns futures; a second router in one process finds it done.
    let _ = any_spawner::Executor::init_tokio();
    let people = Router::new()
        .route("/", get(page::main))
        .route("/rooms/{room}", get(page::room))
        .route("/entry", get(page::entry))
        .route("/sign_in", get(page::sign_in))
        .route("/register", get(page::register))
        .route("/settings", get(page::settings))
        .route("/shortcuts", get(page::shortcuts))
        .route("/switched", get(page::switched))
        .route("/design", get(page::design))
        .route("/offline", get(page::offline));
    let forms = Router::new()
        .route("/api/sign_in", post(form::sign_in))
        .route("/api/sign_out", post(form::sign_out))
        .route("/api/register", post(form::register))
        .route("/api/language", post(form::language))
        .route("/api/settings", post(own::settings))
        .route("/api/name", post(own::name))
        .route("/api/password", post(own::password))
        .route("/api/end_session", post(own::end_session))
        .route("/api/open_direct", post(form::open_direct))
        .route("/api/session", get(form::session));
    let sockets = Router::new()
        .route("/usersServerEndpoint", get(live::enter_lobby))
        .route("/chat/{room}", get(live::enter_room))
        .layer(Extension(live::Postmen::start()))
        .layer(Extension(live::Reports::default()));
    let original = Router::new()
        .route("/cop/msg/websocketMessengerView.do", any(form::egov_entry))
        .route("/cop/msg/websocketMessengerMain.do", any(form::egov_main))
        .route("/cop/msg/websocketMessengePopup.do", any(form::egov_popup));
    let operators = Router::new().route("/healthz", get(health));

    let https_alone = app.origins.is_https().then(|| HeaderValue::from_static("max-age=31536000"));

    people
        .merge(forms)
        .layer((middleware::from_fn(compression::for_own_pages), compression::layer()))
        .merge(sockets)
        .fallback(page::not_found)
        .layer(middleware::from_fn_with_state(app.clone(), session::identify))
        .layer(csrf(&app))
        // These only lead elsewhere, and a portal of another origin may send people here by them.
        .merge(original)
        .merge(files())
        .merge(operators)
        .layer(DefaultBodyLimit::max(FORM_BYTES))
        .layer(RequestBodyTimeoutLayer::new(BODY_PATIENCE))
        .layer(TimeoutLayer::with_status_code(StatusCode::SERVICE_UNAVAILABLE, PATIENCE))
        .layer(middleware::from_fn(host::required))
        .layer(CatchPanicLayer::new())
        .layer(always(header::X_CONTENT_TYPE_OPTIONS, "nosniff"))
        .layer(always(header::REFERRER_POLICY, "same-origin"))
        .layer(always(HeaderName::from_static("cross-origin-opener-policy"), "same-origin"))
        .layer(SetResponseHeaderLayer::if_not_present(header::STRICT_TRANSPORT_SECURITY, https_alone))
        .with_state(app)
}

/// What browsers load beside pages.
fn files() -> Router<App> {
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

/// Foreign pages may not send forms in a person's name.
fn csrf(app: &App) -> CsrfLayer {
    let layer = CsrfLayer::new();
    match app.origins.public() {
        // An `Origin` that parsed is one that this layer takes.
        Some(public) => layer.clone().add_trusted_origin(public.to_string()).unwrap_or(layer),
        None => layer,
    }
}

fn always(name: HeaderName, value: &'static str) -> SetResponseHeaderLayer<HeaderValue> {
    SetResponseHeaderLayer::if_not_present(name, HeaderValue::from_static(value))
}

/// 200 when the store answers.
async fn health(axum::extract::State(app): axum::extract::State<App>) -> Result<&'static str, StatusCode> {
    app.messenger.ping().await.map(|()| "ok\n").map_err(|_| StatusCode::SERVICE_UNAVAILABLE)
}
