//! Values that exist only in the browser.

use leptos::{prelude::*, reactive::send_wrapper_ext::SendOption};

/// A value of the browser, bound to its one thread; empty until the browser sets it. The server renders pages on many
/// threads and may drop a page on another thread, so there the value must stay empty.
pub struct BrowserValue<T: 'static>(StoredValue<SendOption<T>>);

impl<T> Clone for BrowserValue<T> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<T> Copy for BrowserValue<T> {}

impl<T> Default for BrowserValue<T> {
    fn default() -> Self {
        Self(StoredValue::new(SendOption::new_local(None)))
    }
}

impl<T> BrowserValue<T> {
    /// Creates a value. Call it only in the browser.
    pub fn new(value: T) -> Self {
        Self(StoredValue::new(SendOption::new_local(Some(value))))
    }

    pub fn set(self, value: T) {
        self.0.update_value(|kept| **kept = Some(value));
    }

    pub fn take(self) -> Option<T> {
        self.0.try_update_value(|kept| (**kept).take()).flatten()
    }
}

impl<T: Clone> BrowserValue<T> {
    pub fn get(self) -> Option<T> {
        self.0.try_with_value(|kept| (**kept).clone()).flatten()
    }
}

impl<T: Default> BrowserValue<T> {
    /// Changes the value, which is the default if it was empty.
    pub fn update(self, change: impl FnOnce(&mut T)) {
        self.0.update_value(|kept| change(kept.get_or_insert_default()));
    }
}
