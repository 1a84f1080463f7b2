//! The submit button of a form. It shows that the request is in progress, for slow networks.

use leptos::{nonce::use_nonce, prelude::*};

/// Disables the button from the submit until the page is left. It is enabled again when the page returns from the
/// browser's cache, when the user stops the request (Escape), and after 20 s.
const SUBMIT_SCRIPT: &str = "{const form=document.currentScript.closest('form'),button=form.querySelector('[type=submit]'),said=form.querySelector('[role=status]'),label=button.textContent,turn=on=>{button.disabled=on;button.setAttribute('aria-busy',on);button.textContent=on?button.dataset.busy:label;said.textContent=on?button.dataset.busy:''};form.addEventListener('submit',()=>{turn(true);setTimeout(turn,20000,false)});addEventListener('pageshow',event=>{if(event.persisted)turn(false)});addEventListener('keydown',event=>{if(event.key==='Escape')turn(false)})}";

/// `busy`: the label during the request. Without scripts it is a plain button.
#[component]
pub fn Submit(label: &'static str, busy: &'static str, #[prop(optional)] autofocus: bool) -> impl IntoView {
    view! {
        <button class="button primary wide" type="submit" data-busy=busy autofocus=autofocus>{label}</button>
        <span class="unseen" role="status"></span>
        <script nonce=use_nonce()>{SUBMIT_SCRIPT}</script>
    }
}
