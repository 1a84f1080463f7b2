//! `[daehwa.limits]`: what one person or one address may use.

use clap::Args;

#[derive(Clone, Copy, Debug, Args)]
#[group(id = "limits")]
#[command(next_help_heading = "Limits (0: unlimited)")]
pub struct LimitSettings {
    /// Open connections per person
    #[arg(long, env = "DAEHWA_MAX_SOCKETS_PER_USER", value_name = "N", default_value = "50")]
    pub max_sockets_per_user: usize,
    /// Open connections per address
    #[arg(long, env = "DAEHWA_MAX_SOCKETS_PER_ADDRESS", value_name = "N", default_value = "2000")]
    pub max_sockets_per_address: usize,
    /// People up to whom every window lists everybody; above, windows ask for people as they are needed
    #[arg(long, env = "DAEHWA_LIST_EVERYBODY", value_name = "N", default_value = "500")]
    pub list_everybody: u32,
    /// Messages and invitations per person and second
    #[arg(long, env = "DAEHWA_MESSAGES_PER_SECOND", value_name = "N", default_value = "20")]
    pub messages_per_second: u32,
    /// New connections per person and minute
    #[arg(long, env = "DAEHWA_CONNECTIONS_PER_MINUTE", value_name = "N", default_value = "120")]
    pub connections_per_minute: u32,
    /// Attempts to sign in per login, address and minute
    #[arg(long, env = "DAEHWA_SIGN_INS_PER_MINUTE", value_name = "N", default_value = "10")]
    pub sign_ins_per_minute: u32,
    /// Minutes after which a message can no longer be edited
    #[arg(long, env = "DAEHWA_EDIT_MINUTES", value_name = "N", default_value = "1440")]
    pub edit_minutes: u32,
    /// Minutes after which a message can no longer be recalled
    #[arg(long, env = "DAEHWA_RECALL_MINUTES", value_name = "N", default_value = "0")]
    pub recall_minutes: u32,
}
