//! The store's guarantees in the documents, as tests over any backend. A guarantee is a function over a [`Fixture`]
//! with an empty store, which passes the integrity check afterwards; `guarantees!` lists them all. A new backend
//! implements [`Backend`] and adds one line.
//!
//! [`Backend`]: fixture::Backend

#![expect(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

mod absences;
mod accounts;
mod attachments;
mod attempts;
mod blob_locks;
mod builds;
mod changes;
mod confirmations;
mod cursors;
mod cut_proxy;
mod feed_reads;
mod files;
mod fixture;
mod forwards;
mod groups;
mod mentions;
mod order;
mod pages;
mod pins;
mod reads;
mod room_changes;
mod scheduled;
mod search;
mod sent_rows;
mod sessions;
mod shared;
mod silence;
mod test_databases;
mod test_server;
mod tls;
mod tls_server;

use fixture::{Fixture, Postgres, Sqlite};

macro_rules! each {
    ($backend:ty; $($area:ident: $($guarantee:ident),+;)+) => {
        $(mod $area {
            $(#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
            async fn $guarantee() {
                let fixture = crate::Fixture::empty::<$backend>().await;
                crate::$area::$guarantee(&fixture).await;
                fixture.check().await;
            })+
        })+
    };
}

macro_rules! guarantees {
    ($backend:ty) => {
        each! { $backend;
            absences:
                an_absent_person_answers_once_a_day_for_each_person,
                messages_at_one_moment_are_answered_once,
                each_absent_person_answers_for_themselves,
                automatic_answers_are_given_in_direct_rooms_and_to_others_only,
                an_automatic_answer_is_not_unread,
                an_absence_that_is_over_is_removed_and_no_other,
                an_absence_has_a_beginning_and_a_later_end;
            accounts:
                a_login_belongs_to_one_account,
                the_first_account_is_the_first_only_once,
                changed_accounts_are_those_after_a_version,
                a_status_ends_at_its_time_and_no_other_does,
                settings_are_kept_for_each_person,
                an_import_is_all_or_nothing,
                favourites_are_a_persons_own;
            attachments:
                a_message_has_its_files_wherever_it_is_read,
                a_file_is_attached_once_by_its_uploader_where_they_may_post,
                those_read_a_file_who_see_its_message,
                a_recall_takes_files_and_their_bytes,
                an_edit_keeps_files_and_may_take_the_text,
                a_quote_of_a_file_is_its_name,
                a_room_lists_its_files_for_a_member,
                files_of_a_room_come_page_by_page,
                random_changes_keep_every_count;
            changes:
                an_edit_is_the_rooms_next_change,
                only_the_author_edits_and_recalls_and_only_in_time,
                a_recall_leaves_a_tombstone,
                a_recall_says_whether_somebody_had_read_it,
                reactions_are_added_and_removed_once,
                a_message_has_a_limited_number_of_emojis,
                a_quote_follows_what_it_quotes;
            confirmations:
                a_member_confirms_once_and_for_good,
                those_owe_a_confirmation_to_whom_it_was_posted,
                an_edit_keeps_confirmations_and_a_recall_drops_them,
                a_message_to_nobody_asks_for_nothing,
                confirmations_stay_with_their_message;
            cursors:
                a_cursor_gets_exactly_what_changed,
                a_cursor_ahead_or_far_behind_gets_nothing,
                an_epoch_outlives_a_restart_and_a_copy_begins_another;
            files:
                an_upload_becomes_a_file_of_its_owner,
                parallel_uploads_never_pass_a_quota_by_a_byte,
                one_content_counts_for_each_file_and_is_one_blob,
                only_the_owner_cancels_an_upload,
                a_refused_upload_gives_its_space_back_and_says_why_to_its_owner,
                an_upload_lives_longer_and_never_shorter,
                what_is_never_attached_expires,
                a_person_has_a_limited_number_of_waiting_files,
                a_disabled_account_has_no_files;
            forwards:
                a_copy_is_a_post_of_who_forwards,
                a_copy_names_its_author_where_they_are_known,
                one_reads_there_and_posts_here,
                a_copy_has_files_of_its_own_over_the_same_bytes,
                a_copy_counts_against_the_quota_of_who_forwards,
                a_copy_is_stored_once,
                a_copy_goes_to_notes;
            groups:
                a_direct_room_is_one_for_two_people,
                notes_are_one_room_for_one_person,
                strangers_and_former_members_change_nothing,
                an_invitation_shows_the_inviters_history_or_the_present,
                a_member_never_sees_below_their_bound,
                a_group_has_only_known_people_and_a_size,
                every_membership_change_is_a_change_of_the_room,
                a_user_s_memberships_are_found_current_and_ended,
                the_maker_alone_removes_and_the_role_passes_on,
                a_member_joined_at_a_version_of_the_room;
            mentions:
                only_members_other_than_the_author_are_mentioned,
                a_mention_is_listed_and_unread_until_it_is_read,
                an_edit_keeps_or_replaces_mentions_and_a_recall_drops_them,
                mentions_stay_with_those_who_see_the_message,
                mentions_come_page_by_page,
                a_room_is_muted_wholly_or_except_for_mentions;
            order:
                versions_of_a_room_are_gapless_and_its_own,
                concurrent_posts_are_broadcast_in_the_order_of_their_versions,
                an_acknowledged_post_can_be_read_and_survives_a_restart,
                a_retry_is_answered_and_not_stored_again,
                a_retry_is_known_after_an_edit_and_a_recall,
                an_id_belongs_to_one_message;
            pages:
                pages_meet_at_either_end,
                a_page_around_a_message_holds_both_sides,
                a_page_around_a_time_holds_the_first_message_from_then_on,
                a_room_opens_at_the_first_unread_message;
            pins:
                a_room_has_one_announcement_and_tells_who_set_it,
                messages_are_pinned_up_to_a_number_and_unpinned,
                the_maker_may_keep_pins_to_themselves,
                a_recalled_or_hidden_message_is_neither_pinned_nor_bookmarked,
                bookmarks_are_a_persons_own_and_the_newest_first;
            reads:
                a_read_mark_moves_forward_only,
                a_read_mark_stays_within_the_room,
                a_room_is_hidden_until_its_next_message,
                a_summary_counts_what_others_wrote,
                an_invitation_is_unread_and_other_events_leave_the_row_as_it_is,
                a_room_opens_at_an_unread_invitation,
                a_members_own_settings_are_broadcast;
            scheduled:
                a_scheduled_message_is_sent_once_at_its_time,
                what_is_due_goes_in_order,
                a_retry_schedules_nothing_new,
                a_retry_knows_what_was_changed_and_deleted_since,
                only_its_author_changes_a_scheduled_message,
                who_may_not_post_sends_nothing_and_learns_why,
                the_end_of_a_membership_fails_what_waits_at_once_and_for_good,
                a_scheduled_message_keeps_mentions_and_reply,
                a_reply_is_to_a_message_that_its_author_sees,
                what_could_not_be_sent_leaves_the_list_however_it_goes,
                a_scheduled_message_asks_for_confirmation_when_it_goes,
                a_reply_goes_without_a_quote_that_its_author_no_longer_sees,
                a_failure_leaves_what_was_changed_meanwhile,
                what_its_author_may_not_do_now_goes_later,
                a_person_has_a_limited_number_of_scheduled_messages,
                a_restart_keeps_scheduled_messages;
            search:
                any_part_of_a_word_is_found_newest_first,
                a_text_is_found_if_it_contains_every_word,
                an_index_follows_edits_and_forgets_recalls,
                members_search_their_own_rooms,
                one_room_is_searched_alone_and_above_the_bound,
                hits_come_page_by_page;
            sessions:
                a_session_ends_for_a_reason,
                a_disabled_account_has_no_session,
                a_device_knows_who_signed_in_on_it;
        }
    };
}

mod sqlite {
    guarantees!(crate::Sqlite);
}

mod postgres {
    guarantees!(crate::Postgres);
}
