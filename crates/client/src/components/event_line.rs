//! System events as sentences, in the log and for screen readers.

use protocol::message::SystemEvent;

use crate::{
    clock::Clock,
    text::{date, lang, system_event},
};

/// A system event as a sentence. The day of an absence is in the reader's time zone.
pub fn event_text(clock: Clock, name: &str, others: &str, event: &SystemEvent) -> String {
    match event {
        SystemEvent::Absent { until, .. } => {
            system_event(name, &date::short_day(clock.local(*until - 1), lang()), event)
        }
        event => system_event(name, others, event),
    }
}
