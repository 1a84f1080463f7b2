//! `/register`: creates an account, if the operator allows it.

use leptos::prelude::*;

use crate::{
    components::{
        card::{CardPage, SignedInNotice},
        field::{Field, FormError},
        submit::Submit,
    },
    pages::Visit,
    text::page::page_words,
};

#[component]
pub fn RegisterPage(visit: Visit) -> impl IntoView {
    let words = page_words();
    let user = visit.user.clone();
    let form = match (visit.is_registration_open, &user) {
        (true, _) => view! { <Form visit /> }.into_any(),
        (false, None) => view! { <p class="card-text">{words.registration_closed}</p> }.into_any(),
        (false, Some(_)) => ().into_any(),
    };
    view! {
        <CardPage title=words.register>
            {user.map(|user| view! { <SignedInNotice user next="/".to_owned() /> })}
            {form}
            <p class="card-below"><a href="/sign_in">{words.to_sign_in}</a></p>
        </CardPage>
    }
}

#[component]
fn Form(visit: Visit) -> impl IntoView {
    let words = page_words();
    let Visit { user, login, name, .. } = visit;
    // A signed-in user came back to an earlier attempt.
    let refused = visit.refused.filter(|_| user.is_none());
    view! {
        {visit.is_first_account.then(|| view! { <p class="card-text">{words.first_account}</p> })}
        <FormError refused />
        <form method="post" action="/api/register" class="form">
            <Field name="login" label=words.login value=login autocomplete="username" rule=words.login_rule refused autofocus=true />
            <Field name="name" label=words.name value=name autocomplete="name" rule=words.name_rule refused />
            <Field name="password" label=words.password autocomplete="new-password" rule=words.password_rule refused />
            <Submit label=words.register busy=words.registering />
        </form>
    }
}
