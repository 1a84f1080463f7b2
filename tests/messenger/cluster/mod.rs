//! Several nodes as real processes on one PostgreSQL: killed, stopped, cut off, moved to a standby. `make cluster` runs
//! these tests with the numbers of docs/reliability.md, and prints the table.

mod bus;
mod database;
mod death;
mod failover;
mod gate;
mod harness;
mod last_message;
mod ledger;
mod own_postgres;
mod partition;
mod pause;
mod posting_client;
mod random_action_checks;
pub(crate) mod random_cluster_actions;
mod revocation;
mod rolling;

/// Whether these tests run: they take minutes.
pub(crate) fn is_asked() -> bool {
    std::env::var_os("DAEHWA_CLUSTER").is_some()
}

/// How many rounds a test runs: as `DAEHWA_CLUSTER_ROUNDS` says for all of them, or its own number.
pub(crate) fn rounds(own: usize) -> usize {
    let asked = std::env::var("DAEHWA_CLUSTER_ROUNDS").ok();
    asked.map_or(own, |rounds| rounds.parse().unwrap())
}
