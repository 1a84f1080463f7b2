//! The texts of the live pages.

use protocol::error::Refusal;

/// A table of texts. `{name}`, `{others}` and `{count}` are placeholders for [`with_names`](crate::text::with_names)
/// and [`with_count`](crate::text::with_count).
macro_rules! texts {
    ($(#[$doc:meta])* $table:ident { $($text:ident,)* }) => {
        $(#[$doc])*
        pub struct $table {
            $(pub $text: &'static str,)*
        }

        #[cfg(test)]
        impl $table {
            /// Every text with its name.
            pub(in crate::text) fn all(&self) -> Vec<(&'static str, &'static str)> {
                vec![$((stringify!($text), self.$text),)*]
            }
        }
    };
}

pub(super) use texts;

texts! {
    /// The texts of the live pages, in one language.
    Words {
        product,
        messenger,

        sign_out,
        sign_out_sure,

        people,
        conversations,
        find_all,
        pick_hint,
        online,
        offline,
        me,
        nobody,
        nobody_hint,
        nobody_found,
        find_in_messages,
        no_conversations,
        no_messages_yet,
        mine_prefix,
        leave_a_message,
        unread,
        choose_conversation,
        choose_hint,
        opens_window,
        opens_window_hint,

        invited,
        open,
        close,
        notices,

        talking_with,
        nobody_here,
        back,
        leave,
        leave_hint,
        log,
        to_composer,
        earlier,
        loading,
        beginning,
        new_from_here,
        new_messages,
        to_newest,
        typing,
        not_read_by,
        sending,
        not_sent,
        send_again,
        discard,
        message,
        message_hint,
        send,
        characters_left,

        lost,
        retry,
        regained,

        yesterday,

        malformed,
        empty_body,
        body_too_long,
        id_conflict,
        too_fast,
        not_found,
        oneself,
        unavailable,
        signed_out,
        credentials,
        invalid_name,
        invalid_password,

        messages,
        searching,
        nothing_found,
        older_hits,
        people_count,
        muted,
        unmuted,
        nobody_else,
        notes,
        notes_hint,
        idle,
        busy,
        my_status,
        room_menu,
        pinned,
        unpinned,
        favourites,
        no_department,
        profile,
        pin,
        unpin,
        draft,
        shortcuts,
        emoji,
        settings,
        new_group,
        cancel,
        save,
        none_found,
        more,
        mute,
        unmute,
        to_date,
        invite,
        rename,
        hide,
        has_hidden,
        leave_group,
        leave_group_sure,
        no_longer_a_member,
        removed_from,
        message_menu,
        copy,
        copied,
        not_copied,
        edit,
        unfold,
        find_here,
        hit_count,
        older_hit,
        newer_hit,
        members,
        edited,
        answers_hidden,
        recalled_before,
        recalled_after,
        reply_to,
        editing,
        event_created,
        event_left,
        event_invited,
        event_removed,
        event_renamed,
        event_title_removed,
        not_yours,
        too_late,
        recalled,
        not_an_emoji,
        not_a_group,
        not_maker,
        invalid_title,
        invalid_profile,
        too_many,
        file_too_large,
        quota_exceeded,
        disk_full,
        not_ready,
        rejected,
        not_cleaned,
        invalid_query,
        all_too_often,
        everybody,
        mentioned,
        mentions_only,
        mentions_of_me,
        forwarded,
        forwarded_from,
        has_forwarded,
        request,
        request_hint,
        send_options,
        confirm,
        confirmed,
        has_confirmed,
        confirmers,
        have_not_confirmed,
        nobody_has_confirmed,
        everybody_has_confirmed,
        bookmark,
        bookmarks,
        announcement,
        announced_by,
        fold,
        pinned_messages,
        pins_limited,
        pins_free,
        event_announced,
        event_unannounced,
        event_pins_limited,
        event_pins_free,

        absent_until,
        absence_range,
        set_absence,
        absence_from,
        absence_until,
        absence_text,
        absence_hint,
        absence_note,
        invalid_absence,
        save_absence,
        end_absence,
        event_absent,

        schedule,
        scheduled_count,
        has_scheduled,
        invalid_time,
        unsent_count,

        attach,
        picture,
        pictures,
        video,
        videos,
        sound,
        sounds,
        and_others,
        camera,
        gallery,
        drop_here,
        files,
        download,
        screenshot,
        sends_after,
        all_uploaded,
        next,
    }
}

impl Words {
    /// The name of a room: its title, or the names of the other members. A direct room without others is notes.
    pub fn room_name(&self, is_group: bool, title: Option<&String>, others: &[String]) -> String {
        match title {
            Some(title) => title.clone(),
            None if others.is_empty() && !is_group => self.notes.to_owned(),
            None if others.is_empty() => self.nobody_else.to_owned(),
            None => others.join(", "),
        }
    }

    /// The reason of a refusal, and what the user can do.
    pub fn refusal(&self, refusal: Refusal) -> &'static str {
        match refusal {
            // The forms have separate texts for the last three: `Lang::form_refusal`.
            Refusal::Malformed | Refusal::InvalidLogin | Refusal::LoginTaken | Refusal::RegistrationClosed => {
                self.malformed
            }
            Refusal::EmptyBody => self.empty_body,
            Refusal::BodyTooLong => self.body_too_long,
            Refusal::IdConflict => self.id_conflict,
            Refusal::TooFast => self.too_fast,
            Refusal::NotFound => self.not_found,
            Refusal::Oneself => self.oneself,
            Refusal::Unavailable => self.unavailable,
            // The sign-in page has its own text for a disabled account.
            Refusal::SignedOut | Refusal::Disabled => self.signed_out,
            Refusal::Credentials => self.credentials,
            Refusal::InvalidName => self.invalid_name,
            Refusal::InvalidPassword => self.invalid_password,
            Refusal::NotYours => self.not_yours,
            Refusal::TooLate => self.too_late,
            Refusal::Recalled => self.recalled,
            Refusal::NotAnEmoji => self.not_an_emoji,
            Refusal::NotAGroup => self.not_a_group,
            Refusal::NotMaker => self.not_maker,
            Refusal::InvalidTitle => self.invalid_title,
            Refusal::InvalidProfile => self.invalid_profile,
            Refusal::TooMany => self.too_many,
            Refusal::InvalidTime => self.invalid_time,
            Refusal::FileTooLarge => self.file_too_large,
            Refusal::QuotaExceeded => self.quota_exceeded,
            Refusal::DiskFull => self.disk_full,
            Refusal::NotReady => self.not_ready,
            Refusal::Rejected => self.rejected,
            Refusal::NotCleaned => self.not_cleaned,
            Refusal::AllTooOften => self.all_too_often,
            Refusal::InvalidQuery => self.invalid_query,
        }
    }
}
