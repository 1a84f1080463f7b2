//! The HTTP client for the S3 store: hyper with TLS by rustls and ring, and the certificates that the system trusts.
//!
//! object_store's own client is reqwest, which needs aws-lc-rs (C and assembler) or a process-wide provider of
//! cryptography.

use std::{io, time::Duration};

use async_trait::async_trait;
use http_body_util::BodyExt;
use hyper_rustls::{HttpsConnector, HttpsConnectorBuilder};
use hyper_util::{
    client::legacy::{Client, connect::HttpConnector},
    rt::{TokioExecutor, TokioTimer},
};
use object_store::{
    ClientOptions,
    client::{
        HttpClient, HttpError, HttpErrorKind, HttpRequest, HttpRequestBody, HttpResponse, HttpResponseBody, HttpService,
    },
};
use rustls::{ClientConfig, RootCertStore, crypto::ring::default_provider};
use tokio::time::timeout;

const CONNECTING: Duration = Duration::from_secs(5);
/// How long a response may take to begin. This includes sending a part of a blob.
const ANSWERING: Duration = Duration::from_secs(60);

/// A client with a connection pool.
#[derive(Clone, Debug)]
pub(super) struct S3Client(Client<HttpsConnector<HttpConnector>, HttpRequestBody>);

impl S3Client {
    /// `is_tls`: whether it connects with TLS.
    ///
    /// # Errors
    /// If the system has no trusted certificates, which only TLS needs.
    pub(super) fn new(is_tls: bool) -> io::Result<Self> {
        let mut connector = HttpConnector::new();
        connector.enforce_http(false);
        connector.set_connect_timeout(Some(CONNECTING));
        let https = HttpsConnectorBuilder::new();
        let https = if is_tls {
            https.with_provider_and_native_roots(default_provider())?.https_only()
        } else {
            https.with_tls_config(trusts_nobody()?).https_or_http()
        };
        let mut client = Client::builder(TokioExecutor::new());
        Ok(Self(client.pool_timer(TokioTimer::new()).build(https.enable_http1().wrap_connector(connector))))
    }
}

/// A TLS configuration for connections without TLS.
fn trusts_nobody() -> io::Result<ClientConfig> {
    let builder = ClientConfig::builder_with_provider(default_provider().into());
    let builder = builder.with_safe_default_protocol_versions().map_err(io::Error::other)?;
    Ok(builder.with_root_certificates(RootCertStore::empty()).with_no_client_auth())
}

#[async_trait]
impl HttpService for S3Client {
    async fn call(&self, request: HttpRequest) -> Result<HttpResponse, HttpError> {
        let answer = timeout(ANSWERING, self.0.request(request)).await;
        let answer = answer.map_err(|error| HttpError::new(HttpErrorKind::Timeout, error))?;
        let answer = answer.map_err(|error| {
            let kind = if error.is_connect() { HttpErrorKind::Connect } else { HttpErrorKind::Request };
            HttpError::new(kind, error)
        })?;
        let interrupted = |error: hyper::Error| HttpError::new(HttpErrorKind::Interrupted, error);
        Ok(answer.map(|body| HttpResponseBody::new(body.map_err(interrupted))))
    }
}

impl object_store::client::HttpConnector for S3Client {
    fn connect(&self, _: &ClientOptions) -> object_store::Result<HttpClient> {
        Ok(HttpClient::new(self.clone()))
    }
}
