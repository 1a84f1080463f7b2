//! The texts of pages that work without the program.

use protocol::ended::Ended;

/// The texts of the form pages, in one language. `{name}` and `{count}` are placeholders as in [`crate::text::Words`].
pub struct PageWords {
    pub entry_signed_in: &'static str,
    pub entry_button: &'static str,
    pub signed_in_as: &'static str,
    pub go_on: &'static str,
    pub entry_visitor: &'static str,
    pub entry_please_sign_in: &'static str,
    pub sign_in: &'static str,
    /// In the order of [`Ended::ALL`].
    pub ended: [&'static str; 5],
    pub account_disabled: &'static str,
    /// For 503: too many sign-ins at once.
    pub crowded: &'static str,
    pub signing_in: &'static str,
    pub register: &'static str,
    pub registering: &'static str,
    pub registration_closed: &'static str,
    pub login: &'static str,
    pub login_rule: &'static str,
    pub invalid_login: &'static str,
    pub login_taken: &'static str,
    pub name: &'static str,
    pub name_rule: &'static str,
    pub password: &'static str,
    pub password_rule: &'static str,
    pub first_account: &'static str,
    pub nobody_yet: &'static str,
    pub make_first: &'static str,
    pub to_register: &'static str,
    pub to_sign_in: &'static str,
    pub demo_title: &'static str,
    pub demo_password: &'static str,
    pub could_not_load: &'static str,
    pub not_found_title: &'static str,
    pub not_found: &'static str,
    pub to_main: &'static str,
    pub language: &'static str,

    pub settings: &'static str,
    pub back: &'static str,
    pub save: &'static str,
    pub saved: &'static str,
    pub look: &'static str,
    pub conversation: &'static str,
    pub account: &'static str,
    pub devices: &'static str,
    pub choices: &'static [(&'static str, &'static str, &'static [&'static str])],
    pub settings_hint: &'static str,
    pub on_this_device: &'static str,
    pub keys_hint: &'static str,
    pub notices_hint: &'static str,
    pub current_password: &'static str,
    pub new_password: &'static str,
    pub change_password: &'static str,
    pub password_hint: &'static str,
    pub devices_hint: &'static str,
    pub this_device: &'static str,
    pub korean_time: &'static str,
    pub signed_in_at: &'static str,
    pub unknown_device: &'static str,
    pub end: &'static str,
    pub end_others: &'static str,
    pub shortcuts: &'static str,
    pub shortcut_rows: &'static [(&'static str, &'static str)],
    pub shortcuts_hint: &'static str,
    pub switched: &'static str,
    /// Here and below: `{name}` is the account of the window, `{other}` the one that is signed in now.
    pub switched_who: &'static str,
    pub switched_kept: &'static str,
    pub switched_go_on: &'static str,
    pub offline: &'static str,
    pub offline_hint: &'static str,
    pub try_again: &'static str,
}

impl PageWords {
    /// Why the user has to sign in again.
    pub fn ended(&self, ended: Ended) -> &'static str {
        self.ended[ended as usize]
    }

    /// The label of a setting and the labels of its values, in the order of [`crate::settings::Setting::values`]. Hours
    /// have none.
    pub fn choice(&self, name: &str) -> (&'static str, &'static [&'static str]) {
        let found = self.choices.iter().find(|(known, ..)| *known == name);
        found.map_or(("", &[]), |(_, label, values)| (label, values))
    }
}
