//! A system event as a sentence.

use protocol::message::SystemEvent;

use crate::text::{with_names, words};

/// `name`: its author; `others`: the users who were invited or removed, or the last day of an absence.
pub fn system_event(name: &str, others: &str, event: &SystemEvent) -> String {
    let words = words();
    let text = match event {
        SystemEvent::Made => words.event_created,
        SystemEvent::Left => words.event_left,
        SystemEvent::Invited { .. } => words.event_invited,
        SystemEvent::Removed { .. } => words.event_removed,
        SystemEvent::Absent { text, .. } => {
            let line = with_names(words.event_absent, name, others);
            return text.as_ref().map_or_else(|| line.clone(), |text| format!("{line} “{text}”"));
        }
        SystemEvent::Renamed { title: Some(title) } => return with_names(words.event_renamed, name, title),
        SystemEvent::Announced => words.event_announced,
        SystemEvent::Unannounced => words.event_unannounced,
        SystemEvent::PinsLimited { on: true } => words.event_pins_limited,
        SystemEvent::PinsLimited { on: false } => words.event_pins_free,
        SystemEvent::Renamed { title: None } => words.event_title_removed,
    };
    with_names(text, name, others)
}
