//! The actions of buttons in a list. One listener handles the whole list: an attribute of the button names the action,
//! and an unknown name does nothing.

use crate::text::words;

/// An enum of actions with their names in the attribute.
macro_rules! actions {
    ($(#[$doc:meta])* $action:ident { $($variant:ident = $name:literal,)* }) => {
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        pub enum $action {
            $($variant,)*
        }

        impl $action {
            pub fn attribute(self) -> &'static str {
                match self {
                    $(Self::$variant => $name,)*
                }
            }

            pub fn from_attribute(name: &str) -> Option<Self> {
                match name {
                    $($name => Some(Self::$variant),)*
                    _ => None,
                }
            }
        }
    };
}

actions! {
    /// The actions of a row of the log (`data-act`).
    RowAction {
        Menu = "menu",
        React = "react",
        Retry = "retry",
        Discard = "discard",
        Copy = "copy",
        Unfold = "unfold",
        Jump = "jump",
        Readers = "readers",
        Confirm = "confirm",
        Confirmers = "confirmers",
        View = "view",
    }
}

actions! {
    /// The actions in a message's menu (`data-do`).
    MessageAction {
        PickEmoji = "pick",
        Reply = "reply",
        Copy = "copy",
        Link = "link",
        Readers = "readers",
        Confirm = "confirm",
        Confirmers = "confirmers",
        Forward = "forward",
        Select = "select",
        Bookmark = "bookmark",
        Announce = "announce",
        Pin = "pin",
        Download = "download",
        Edit = "edit",
        Recall = "recall",
        Cancel = "cancel",
    }
}

actions! {
    /// The actions in a room's menu (`data-do`).
    RoomAction {
        Notify = "notify",
        Mentions = "mentions",
        Mute = "mute",
        Pin = "pin",
        Find = "find",
        Members = "members",
        Pins = "pins",
        LimitPins = "limit",
        Files = "files",
        Date = "date",
        Invite = "invite",
        Rename = "rename",
        Hide = "hide",
        Leave = "leave",
        Cancel = "cancel",
    }
}

impl RoomAction {
    /// The feedback for an action that changes the room for the user alone. `is_pinned`: before the action.
    pub fn done(self, is_pinned: bool) -> &'static str {
        let words = words();
        match self {
            Self::Notify => words.unmuted,
            Self::Mentions => words.mentions_only,
            Self::Mute => words.muted,
            Self::Pin if is_pinned => words.unpinned,
            Self::Pin => words.pinned,
            Self::Hide => words.has_hidden,
            _ => "",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_name_parses_to_its_action_and_an_unknown_one_to_none() {
        assert_eq!(RoomAction::from_attribute(RoomAction::Invite.attribute()), Some(RoomAction::Invite));
        assert_eq!(MessageAction::from_attribute(MessageAction::Recall.attribute()), Some(MessageAction::Recall));
        assert_eq!(RowAction::from_attribute(RowAction::Jump.attribute()), Some(RowAction::Jump));
        for name in ["", "invites", "<b>"] {
            assert_eq!(RoomAction::from_attribute(name), None, "{name}");
        }
    }
}
