//! `[daehwa.bus]`: the bus over which the servers of a cluster send each other what is new.

use std::{env, path::PathBuf};

use clap::Args;
use server::{
    bus::{BusAccess, BusConfig, BusServers},
    model::{BusFault, Fault},
};

/// The password has no flag, because the list of processes shows flags.
const PASSWORD: &str = "DAEHWA_BUS_PASSWORD";

#[derive(Clone, Debug, Args)]
#[group(id = "bus")]
#[command(next_help_heading = "Bus of a cluster (NATS)")]
pub struct BusSettings {
    /// The servers of the bus: nats://HOST:PORT or tls://HOST:PORT, several separated by commas. With one tls://, all
    /// need TLS. Without the setting, servers on one database read each other's changes from it alone
    #[arg(
        id = "bus-servers",
        long = "bus",
        alias = "bus-servers",
        env = "DAEHWA_BUS",
        hide_env_values = true,
        value_name = "URL,..."
    )]
    pub servers: Option<BusServers>,
    /// Who signs in to the bus. The password is in the environment, DAEHWA_BUS_PASSWORD, or in a file; without a user it
    /// is a token
    #[arg(id = "bus-user", long = "bus-user", env = "DAEHWA_BUS_USER", hide_env_values = true, value_name = "NAME")]
    pub user: Option<String>,
    /// A file with the password in its first line
    #[arg(id = "bus-password-file", long = "bus-password-file", env = "DAEHWA_BUS_PASSWORD_FILE", value_name = "FILE")]
    pub password_file: Option<PathBuf>,
    /// A file with the credentials of NATS (.creds), instead of user and password
    #[arg(id = "bus-credentials", long = "bus-credentials", env = "DAEHWA_BUS_CREDENTIALS", value_name = "FILE")]
    pub credentials: Option<PathBuf>,
    /// A file with the certificates that sign those of the bus's servers, instead of the system's. With it, all servers
    /// need TLS
    #[arg(id = "bus-ca", long = "bus-ca", env = "DAEHWA_BUS_CA", value_name = "FILE")]
    pub ca: Option<PathBuf>,
}

impl BusSettings {
    /// The checked settings, with the files that they name; `None` without a bus.
    ///
    /// # Errors
    /// [`BusFault::NoServers`] if only the servers are missing; as [`BusConfig::read`].
    pub fn read(&self) -> Result<Option<BusConfig>, Fault> {
        let access = BusAccess {
            user: self.user.clone(),
            password: env::var(PASSWORD).ok(),
            password_file: self.password_file.clone(),
            credentials: self.credentials.clone(),
            ca: self.ca.clone(),
        };
        match &self.servers {
            Some(servers) => BusConfig::read(servers, &access).map(Some),
            None if access.is_empty() => Ok(None),
            // The servers may stand under a misspelt name.
            None => Err(BusFault::NoServers.into()),
        }
    }
}
