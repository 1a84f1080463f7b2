//! `/sign_in`: a plain form, which works without scripts.

use leptos::prelude::*;

use crate::{
    components::{
        card::{CardPage, FirstAccount, SignedInNotice},
        field::{Field, FormError},
        submit::Submit,
    },
    pages::Visit,
    text::{page::page_words, with_name},
};
use protocol::{error::Refusal, limit::DEMO_PASSWORD, user::User};

#[component]
pub fn SignInPage(visit: Visit) -> impl IntoView {
    let words = page_words();
    let Visit { user, ended, is_first_account, login, next, demo_people, .. } = visit;
    // A signed-in user came back to an earlier attempt.
    let refused = visit.refused.filter(|_| user.is_none());
    // After a refusal the user types the password.
    let is_demo = refused.is_none() && demo_people.iter().any(|user| user.login == login);
    let password = if is_demo { DEMO_PASSWORD.to_owned() } else { String::new() };
    let needs_login = login.is_empty();
    let register = (visit.is_registration_open && !is_first_account).then(|| {
        view! { <p class="card-below"><a href="/register">{words.to_register}</a></p> }
    });
    view! {
        <CardPage title=words.sign_in>
            {is_first_account.then(|| view! { <FirstAccount /> })}
            {user.map(|user| view! { <SignedInNotice user next=next.clone() /> })}
            {match (refused, ended) {
                (Some(Refusal::Disabled), _) => alert(words.account_disabled),
                (Some(Refusal::Unavailable), _) => alert(words.crowded),
                (None, Some(ended)) => view! { <p class="form-notice" role="status">{words.ended(ended)}</p> }.into_any(),
                _ => view! { <FormError refused /> }.into_any(),
            }}
            <form method="post" action="/api/sign_in" class="form">
                <Field name="login" label=words.login value=login autocomplete="username" refused autofocus=needs_login />
                <Field name="password" label=words.password value=password autocomplete="current-password" refused autofocus=!is_demo />
                <input type="hidden" name="next" value=next.clone() />
                <Submit label=words.sign_in busy=words.signing_in autofocus=is_demo />
            </form>
            {register}
            {(!demo_people.is_empty()).then(|| view! { <Demo people=demo_people next /> })}
        </CardPage>
    }
}

fn alert(text: &'static str) -> AnyView {
    view! { <p class="form-error" role="alert">{text}</p> }.into_any()
}

/// Links to this page with a filled-in form.
#[component]
fn Demo(people: Vec<User>, next: String) -> impl IntoView {
    let words = page_words();
    let row = |user: User| {
        let login = user.login.clone();
        view! { <button class="plain" type="submit" name="login" value=login><code>{user.login}</code>" "<span>{user.name}</span></button> }
    };
    let rows = people.into_iter().map(row);
    view! {
        <aside class="demo">
            <h2>{words.demo_title}</h2>
            <form action="/sign_in">
                <input type="hidden" name="next" value=next />
                {rows.collect_view()}
            </form>
            <p>{with_name(words.demo_password, DEMO_PASSWORD)}</p>
        </aside>
    }
}
