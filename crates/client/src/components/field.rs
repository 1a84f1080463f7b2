//! A form field with its rule, and the error of a refused form.

use leptos::prelude::*;

use crate::text::lang;
use protocol::error::Refusal;

/// The id of the error, for `aria-describedby` of its field.
const ERROR_ID: &str = "form-error";

/// Whether the refusal concerns this field.
fn concerns(refusal: Refusal, field: &str) -> bool {
    match refusal {
        Refusal::Credentials => field == "login" || field == "password",
        Refusal::InvalidLogin | Refusal::LoginTaken => field == "login",
        Refusal::InvalidName => field == "name",
        Refusal::InvalidPassword => field.ends_with("password"),
        _ => false,
    }
}

#[component]
pub fn FormError(refused: Option<Refusal>) -> impl IntoView {
    refused.map(|refusal| view! { <p class="form-error" role="alert" id=ERROR_ID>{lang().form_refusal(refusal)}</p> })
}

/// A labelled input; a name that ends in `password` makes it a password field. The first field with `autofocus` is
/// focused.
#[component]
pub fn Field(
    name: &'static str,
    label: &'static str,
    #[prop(optional)] value: String,
    autocomplete: &'static str,
    #[prop(optional)] rule: Option<&'static str>,
    refused: Option<Refusal>,
    #[prop(optional)] autofocus: bool,
) -> impl IntoView {
    let is_wrong = refused.is_some_and(|refusal| concerns(refusal, name));
    let rule_id = format!("{name}-rule");
    let described = [is_wrong.then(|| ERROR_ID.to_owned()), rule.map(|_| rule_id.clone())];
    let described = described.into_iter().flatten().collect::<Vec<_>>().join(" ");
    view! {
        <div class="field">
            <label for=name>{label}</label>
            <input
                id=name
                name=name
                type=if name.ends_with("password") { "password" } else { "text" }
                value=value
                autocomplete=autocomplete
                autocapitalize="none"
                spellcheck="false"
                required
                autofocus=autofocus
                aria-invalid=is_wrong.then_some("true")
                aria-describedby=(!described.is_empty()).then_some(described)
            />
            {rule.map(|rule| view! { <p class="rule" id=rule_id>{rule}</p> })}
        </div>
    }
}
