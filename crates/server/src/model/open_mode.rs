//! How a process opens a data directory.

/// The failure that a committed transaction survives.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Durability {
    /// A power cut: the transaction is on disk before it is acknowledged.
    #[default]
    Full,
    /// A killed process, but not a power cut. Only a test uses it, to show the difference.
    Normal,
}

/// What a process may create and change in a data directory.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum OpenMode {
    /// The server: creates what is missing and excludes other servers.
    Serve,
    /// A command that adds accounts, also while a server runs; it creates what is missing.
    Add,
    /// A command that changes accounts, also while a server runs; it fails without a database.
    Change,
}
