//! Sends the presence of this node's users to the other nodes, at each presence tick what changed.

use std::sync::atomic::Ordering;

use crate::{
    hub::PresenceChanges,
    messenger::{
        inner::Messenger,
        policy::Result,
        sent_presence::{SentPresence, parts},
    },
    model::{NodePresence, NodeSignal},
};

impl Messenger {
    /// Sends these users and windows to the other nodes, as far as they do not know them yet.
    pub(super) async fn signal_presence(&self, changes: &PresenceChanges) -> Result<()> {
        let signals = &self.0.presence_signals;
        if signals.others.load(Ordering::Acquire) <= 0 {
            return Ok(());
        }
        let mut sent = signals.sent.lock().await;
        let mut of = std::mem::take(&mut sent.pending);
        of.add(changes);
        let is_whole = signals.is_whole.swap(false, Ordering::AcqRel);
        if is_whole {
            *sent = SentPresence::default();
            of.add(&self.0.hub.all_here());
        }
        let presence = sent.not_sent(NodePresence { is_whole, ..self.0.hub.presence_here(&of) });
        for part in parts(presence) {
            if let Err(error) = self.0.store.signal_now(NodeSignal::Presence(part.clone())).await {
                sent.pending = of;
                signals.is_whole.fetch_or(is_whole, Ordering::AcqRel);
                return Err(error.into());
            }
            sent.note(&part);
        }
        Ok(())
    }
}
