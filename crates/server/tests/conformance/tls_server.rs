//! PostgreSQL servers of one test that listen at 127.0.0.1, with TLS or without.

use std::{
    fs,
    net::TcpListener,
    os::unix::fs::PermissionsExt,
    path::{Path, PathBuf},
};

use server::model::DatabaseUrl;

use crate::test_server::{TestServer, give};

const SETTINGS: [&str; 5] = [
    "listen_addresses=127.0.0.1",
    "ssl=on",
    "ssl_cert_file=../certificate.pem",
    "ssl_key_file=../key.pem",
    "ssl_ca_file=../certificate.pem",
];
/// Who has no certificate needs TLS and a password. The name is the certificate's.
const ACCESS: &str = "local all all trust
hostssl all \"S3 of the tests\" 127.0.0.1/32 cert
hostssl all all 127.0.0.1/32 scram-sha-256
";

impl TestServer {
    /// A server that lets nobody in without TLS.
    pub(crate) fn with_tls() -> Self {
        let server = Self::stopped(free_port(), ACCESS);
        for name in ["certificate.pem", "key.pem"] {
            let copy = server.folder.join(name);
            fs::copy(tls_file(name), &copy).unwrap();
            fs::set_permissions(&copy, PermissionsExt::from_mode(0o600)).unwrap();
            give(&copy);
        }
        server.run(&SETTINGS);
        server.with_roles()
    }

    pub(crate) fn without_tls() -> Self {
        let server = Self::stopped(free_port(), "local all all trust\nhost all all 127.0.0.1/32 scram-sha-256\n");
        server.run(&SETTINGS[..1]);
        server.with_roles()
    }

    fn with_roles(self) -> Self {
        self.execute("/postgres", "CREATE ROLE remote SUPERUSER LOGIN PASSWORD 'geheim'");
        self.execute("/postgres", "CREATE ROLE \"S3 of the tests\" SUPERUSER LOGIN");
        self
    }

    /// A database's URL over TCP. `user`: with a password, if they need one.
    pub(crate) fn tcp_url(&self, database: &DatabaseUrl, user: &str, host: &str, parameters: &str) -> DatabaseUrl {
        let name = database.secret().rsplit('/').next().unwrap();
        format!("postgres://{user}@{host}:{}/{name}?{parameters}", self.port).parse().unwrap()
    }
}

/// The certificate of the tests of files, valid for 127.0.0.1 and trusted by nobody, or its key.
pub(crate) fn tls_file(name: &str) -> PathBuf {
    let inside = "tests/messenger/files/tls";
    let workspace = Path::new(env!("CARGO_MANIFEST_DIR")).ancestors().find(|folder| folder.join(inside).is_dir());
    workspace.unwrap().join(inside).join(name)
}

fn free_port() -> u16 {
    TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port()
}
