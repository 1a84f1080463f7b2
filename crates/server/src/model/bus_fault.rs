//! Why the settings of the bus cannot be used. No text repeats a setting that may have a secret.

use std::path::PathBuf;

use thiserror::Error;

#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum BusFault {
    #[error("--bus is not a list of addresses; an address is nats://HOST:PORT or tls://HOST:PORT")]
    Servers,
    #[error(
        "--bus has a user or a password; give these with --bus-user and DAEHWA_BUS_PASSWORD, so that nothing shows them"
    )]
    SecretInAddress,
    #[error("--bus-credentials is used alone, without --bus-user and a password")]
    TwoSecrets,
    #[error("--bus-user needs a password, in DAEHWA_BUS_PASSWORD or in a file, --bus-password-file")]
    NoPassword,
    #[error("{0}: this file does not have the credentials of a user of NATS, a JWT and a seed")]
    Credentials(PathBuf),
    #[error("{0}: this file has no certificates in PEM")]
    Certificate(PathBuf),
    #[error("--bus is for servers on one database; name it with --database")]
    NoDatabase,
    #[error(
        "--bus is not set, but another setting of the bus is: --bus-user, --bus-password-file, --bus-credentials, --bus-ca or \
         DAEHWA_BUS_PASSWORD"
    )]
    NoServers,
    #[error("--demo runs alone, with data of its own; leave --bus out")]
    Demo,
    /// A name that would not be one part of a subject.
    #[error("the name of a cluster is letters, digits, - and _")]
    Cluster,
    #[error("the system gives no random numbers, which the encryption between servers needs")]
    NoRandomness,
}
