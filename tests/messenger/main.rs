//! The messenger over real connections. Each test starts with users on a [`stage::Stage`].

#![expect(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

mod absence;
mod accounts;
mod assets;
mod attachments;
mod budget;
mod bus_settings;
mod check;
mod cluster;
mod confirmations;
mod connections;
mod conversation;
mod counting_window;
mod cut_off;
mod daemon;
mod data_directory;
mod drain;
mod egov;
mod files;
mod forward;
mod group;
mod handshake;
mod hostile;
mod hydration;
mod lying_bus;
mod mention;
mod message_changes;
#[allow(dead_code, reason = "the tests of the bus use the rest")]
#[path = "../../crates/server/tests/bus/nats_server.rs"]
mod nats_server;
mod newcomer;
mod nodes;
mod nodes_bus;
mod nodes_files;
mod nodes_gaps;
mod nodes_places;
mod nodes_sign_in;
mod nodes_silence;
mod notes;
mod opening;
mod operator;
mod order;
mod pages;
mod people_asked;
mod people_list;
mod people_on_demand;
mod pins;
mod plans;
mod postgres;
mod process;
mod profile;
mod resuming_client;
#[allow(dead_code, reason = "the crate media uses the rest")]
#[path = "../../crates/media/tests/media/samples/mod.rs"]
mod samples;
mod scheduled;
mod search;
mod sessions;
mod sign_in;
mod socket;
mod stage;
mod supervision;
#[allow(dead_code, reason = "the tests of the store use the rest")]
#[path = "../../crates/server/tests/conformance/test_databases.rs"]
mod test_databases;
#[path = "../../crates/server/tests/conformance/test_server.rs"]
mod test_server;
mod texts;
#[allow(dead_code, reason = "the tests of the store use the rest")]
#[path = "../../crates/server/tests/conformance/tls_server.rs"]
mod tls_server;
mod torture;
mod typing;
