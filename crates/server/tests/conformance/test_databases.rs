//! What tests do to the databases of their server: copies, and cut connections.

use std::{fs, path::PathBuf, process::Command};

use server::model::DatabaseUrl;

use crate::test_server::{TestServer, run};

impl TestServer {
    /// Where the server listens.
    pub(crate) fn socket(&self) -> PathBuf {
        self.folder.join(format!(".s.PGSQL.{}", self.port))
    }

    /// Ends every connection to a database, whatever it does.
    pub(crate) fn cut_connections(&self, url: &DatabaseUrl) {
        let sql = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity \
                   WHERE datname = current_database() AND pid <> pg_backend_pid()";
        self.execute(url.secret(), sql);
    }

    /// A new database with the tables and rows of another one.
    pub(crate) fn copy(&self, of: &DatabaseUrl) -> DatabaseUrl {
        let copy = self.new_database();
        let name = |url: &DatabaseUrl| url.secret().rsplit('/').next().unwrap().to_owned();
        let dumped = Command::new(self.programs.join("pg_dump")).args(self.address()).arg(name(of)).output().unwrap();
        assert!(dumped.status.success(), "{}", String::from_utf8_lossy(&dumped.stderr));
        let file = self.folder.join(format!("{}.sql", name(&copy)));
        fs::write(&file, dumped.stdout).unwrap();
        let mut restore = Command::new(self.programs.join("psql"));
        run(restore.args(self.address()).args(["-q", "-v", "ON_ERROR_STOP=1", "-d", &name(&copy), "-f"]).arg(&file));
        copy
    }
}
