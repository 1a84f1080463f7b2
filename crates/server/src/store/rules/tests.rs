use super::*;

fn message() -> StoredMessage {
    StoredMessage {
        id: MessageId::new(),
        room: RoomId::new(),
        seq: 5,
        version: 5,
        author: UserId::new(),
        body: "안녕".to_owned(),
        sent_at: 1_000,
        is_edited: false,
        is_recalled: false,
        is_system: false,
        asks_confirmation: false,
        number: Some(1),
    }
}

fn post(body: &str) -> Post {
    Post::new(MessageId::new(), body)
}

fn recalled() -> StoredMessage {
    StoredMessage { body: String::new(), is_recalled: true, number: None, ..message() }
}

#[test]
fn a_member_sees_messages_above_their_bound_in_their_own_room() {
    let message = message();
    let room = message.room;
    let see = |room, bound| see(Some(message.clone()), room, bound);
    assert_eq!(see(room, Some(4)).as_ref(), Ok(&message));
    assert_eq!(see(room, Some(5)), Err(Refusal::NotFound), "at the bound");
    assert_eq!(see(room, None), Err(Refusal::NotFound), "not a member");
    assert_eq!(see(RoomId::new(), Some(0)), Err(Refusal::NotFound), "another room");
}

#[test]
fn an_unknown_message_and_a_system_event_look_like_an_invisible_one() {
    let event = StoredMessage { is_system: true, ..message() };
    let room = event.room;
    assert_eq!(see(Some(event), room, Some(0)), Err(Refusal::NotFound));
    assert_eq!(see(None, room, Some(0)), Err(Refusal::NotFound));
}

#[test]
fn a_retry_names_the_same_room_author_and_text() {
    let stored = message();
    let StoredMessage { room, author, .. } = stored;
    assert!(is_same(&stored, &[], room, author, &post("안녕")));
    assert!(!is_same(&stored, &[], room, author, &post("잘 가")));
    assert!(!is_same(&stored, &[], RoomId::new(), author, &post("안녕")));
    assert!(!is_same(&stored, &[], room, UserId::new(), &post("안녕")));
    let file = FileId::new();
    assert!(!is_same(&stored, &[file], room, author, &post("안녕")));
    let with_file = Post { files: vec![file], ..post("안녕") };
    assert!(is_same(&stored, &[file], room, author, &with_file) && !is_same(&stored, &[], room, author, &with_file));
    assert!(!is_same(&StoredMessage { is_system: true, ..stored }, &[], room, author, &post("안녕")));
}

#[test]
fn a_retry_is_known_after_the_text_was_edited_or_recalled() {
    let edited = StoredMessage { is_edited: true, body: "수정".to_owned(), ..message() };
    assert!(is_same(&edited, &[], edited.room, edited.author, &post("안녕")));
    let recalled = recalled();
    assert!(is_same(&recalled, &[], recalled.room, recalled.author, &post("안녕")));
}

#[test]
fn an_author_edits_in_time() {
    let message = message();
    assert_eq!(may_edit(&message, message.author, "수정", 1_000), Ok(WriteEffect::Change));
    assert_eq!(may_edit(&message, message.author, "수정", 1_001), Err(Refusal::TooLate));
    assert_eq!(may_edit(&message, UserId::new(), "수정", 0), Err(Refusal::NotYours));
    assert_eq!(
        may_edit(&message, message.author, "안녕", 1_001),
        Ok(WriteEffect::Nothing),
        "a retry is never too late"
    );
    let recalled = recalled();
    assert_eq!(may_edit(&recalled, recalled.author, "수정", 0), Err(Refusal::Recalled));
}

#[test]
fn an_author_recalls_in_time() {
    let message = message();
    assert_eq!(may_recall(&message, message.author, 1_000), Ok(WriteEffect::Change));
    assert_eq!(may_recall(&message, message.author, 1_001), Err(Refusal::TooLate));
    assert_eq!(may_recall(&message, UserId::new(), 0), Err(Refusal::NotYours));
    let recalled = recalled();
    assert_eq!(may_recall(&recalled, recalled.author, 1_001), Ok(WriteEffect::Nothing), "a retry is never too late");
}

#[test]
fn reactions_go_to_messages_that_are_not_recalled() {
    assert_eq!(not_recalled(&message()), Ok(()));
    assert_eq!(not_recalled(&recalled()), Err(Refusal::Recalled));
    assert_eq!(may_add_emoji(REACTIONS - 1), Ok(()));
    assert_eq!(may_add_emoji(REACTIONS), Err(Refusal::TooMany));
}

#[test]
fn only_a_group_is_managed_and_only_by_its_members() {
    let group = GroupMembership { is_group: true, version: 9, visible_after: 3 };
    assert_eq!(may_manage(Some(group)), Ok(group));
    assert_eq!(may_manage(Some(GroupMembership { is_group: false, ..group })), Err(Refusal::NotAGroup));
    assert_eq!(may_manage(None), Err(Refusal::NotFound));
    assert_eq!((bound_of_invited(group, true), bound_of_invited(group, false)), (3, 9));
}

#[test]
fn a_group_has_a_size_and_only_known_accounts() {
    assert_eq!(may_join(2, 2, GROUP_MEMBERS), Ok(()));
    assert_eq!(may_join(2, 2, GROUP_MEMBERS + 1), Err(Refusal::TooMany));
    assert_eq!(may_join(2, 1, 3), Err(Refusal::NotFound));
}

#[test]
fn a_read_mark_moves_forward_to_the_newest_change_at_most() {
    assert_eq!(advance_read_mark(3, 5, 9), Some(5));
    assert_eq!(advance_read_mark(3, u64::MAX, 9), Some(9));
    assert_eq!(advance_read_mark(5, 5, 9), None);
    assert_eq!(advance_read_mark(5, 3, 9), None);
    assert_eq!(advance_read_mark(9, u64::MAX, 9), None);
}

#[test]
fn a_login_is_taken_once_and_the_first_account_is_the_first() {
    assert_eq!(may_create_account(false, true, false), Ok(()));
    assert_eq!(may_create_account(false, true, true), Err(Refusal::LoginTaken));
    assert_eq!(may_create_account(true, false, false), Ok(()));
    assert_eq!(may_create_account(true, true, true), Err(Refusal::RegistrationClosed));
}

#[test]
fn a_session_ends_for_one_reason() {
    let now = 100_000;
    assert_eq!(why_ended(true, None, Some(1), now), Ended::Disabled);
    assert_eq!(why_ended(false, None, Some(1), now), Ended::Expired);
    assert_eq!(why_ended(false, Some(now - PASSWORD_GRACE + 1), None, now), Ended::PasswordChanged);
    assert_eq!(why_ended(false, Some(now - PASSWORD_GRACE), None, now), Ended::SignedOut);
    assert_eq!(why_ended(false, None, None, now), Ended::SignedOut);
}

#[test]
fn changed_settings_leave_the_others_as_they_are() {
    assert_eq!(changed_settings("", "theme.dark").as_deref(), Ok("theme.dark"));
    assert_eq!(changed_settings("theme.dark&enter.break", "theme.light").as_deref(), Ok("enter.break&theme.light"));
    assert_eq!(changed_settings("themes.a", "theme.b").as_deref(), Ok("themes.a&theme.b"));
    let long = format!("a.{}", "b".repeat(SETTINGS_BYTES - 4));
    assert!(changed_settings("", &long).is_ok());
    assert_eq!(changed_settings("c.d", &long), Err(Refusal::Malformed));
}

#[test]
fn what_is_stored_never_passes_a_quota() {
    let quotas = |per_user, total| Quotas { per_user, total };
    assert_eq!(may_store(10, 90, 500, quotas(Some(100), Some(510))), Ok(()));
    assert_eq!(may_store(11, 90, 500, quotas(Some(100), None)), Err(Refusal::QuotaExceeded));
    assert_eq!(may_store(11, 90, 500, quotas(None, Some(510))), Err(Refusal::QuotaExceeded));
    assert_eq!(may_store(u64::MAX, 1, 1, quotas(None, None)), Err(Refusal::QuotaExceeded), "more than a column counts");
}

#[test]
fn a_message_without_files_has_a_text() {
    assert_eq!(may_be_empty("", false), Err(Refusal::EmptyBody));
    assert!(may_be_empty("", true).is_ok() && may_be_empty("글", false).is_ok());
    assert_eq!((may_attach(FILES), may_attach(FILES + 1)), (Ok(()), Err(Refusal::TooMany)));
    assert_eq!(
        (may_have_unattached(WAITING_FILES - 1), may_have_unattached(WAITING_FILES)),
        (Ok(()), Err(Refusal::TooMany))
    );
}

#[test]
fn the_maker_removes_others_who_are_members() {
    let [maker_id, other, third] = [UserId::new(), UserId::new(), UserId::new()];
    assert_eq!(maker([(1, third), (1, other), (0, maker_id)]), Some(maker_id));
    assert_eq!(maker([(1, third), (1, other)]), Some(other.min(third)));
    assert_eq!(maker([]), None);
    assert_eq!(may_remove(Some(maker_id), maker_id, other, Some(false)), Ok(WriteEffect::Change));
    assert_eq!(may_remove(Some(maker_id), maker_id, other, Some(true)), Ok(WriteEffect::Nothing));
    assert_eq!(may_remove(Some(maker_id), maker_id, other, None), Err(Refusal::NotFound));
    assert_eq!(may_remove(Some(maker_id), maker_id, maker_id, Some(false)), Err(Refusal::Oneself));
    assert_eq!(may_remove(Some(maker_id), other, third, Some(false)), Err(Refusal::NotMaker));
    assert_eq!(may_remove(None, other, third, Some(false)), Err(Refusal::NotMaker));
}

#[test]
fn those_confirm_to_whom_a_request_was_posted() {
    let asking = StoredMessage { asks_confirmation: true, ..message() };
    let other = UserId::new();
    assert_eq!(may_confirm(&asking, other, asking.seq - 1), Ok(()));
    assert_eq!(may_confirm(&asking, other, asking.seq), Err(Refusal::NotFound), "who was invited later owes nothing");
    assert_eq!(may_confirm(&asking, asking.author, 0), Err(Refusal::Oneself));
    assert_eq!(may_confirm(&message(), other, 0), Err(Refusal::NotFound));
    assert_eq!(may_confirm(&recalled(), other, 0), Err(Refusal::Recalled));
    assert!(asks(true, 2) && !asks(true, 1) && !asks(false, 2));
}
