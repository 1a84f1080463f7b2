//! Passes files, and the message to which they belong, from the composer to the tray, whose code may still be loading.

use leptos::prelude::*;

use crate::{
    platform::{BrowserValue, ChosenFile},
    state::upload::Outgoing,
};

/// A task of the tray.
pub enum TrayTask {
    Add(Vec<ChosenFile>),
    Send(Outgoing),
}

#[derive(Clone, Copy)]
pub struct Attaching {
    /// Whether the tray is needed.
    pub is_wanted: RwSignal<bool>,
    /// The number of files in the tray.
    pub count: RwSignal<usize>,
    tasks: BrowserValue<Vec<TrayTask>>,
    /// Notified when there is a task.
    pub asked: Trigger,
}

impl Attaching {
    pub(super) fn new() -> Self {
        let (is_wanted, count) = (RwSignal::new(false), RwSignal::new(0));
        Self { is_wanted, count, tasks: BrowserValue::default(), asked: Trigger::new() }
    }

    /// Adds files to the tray.
    pub fn add(self, files: Vec<ChosenFile>) {
        if !files.is_empty() {
            self.count.update(|count| *count += files.len());
            self.ask(TrayTask::Add(files));
        }
    }

    /// Sends the files of the tray with a text.
    pub(super) fn send(self, message: Outgoing) {
        self.count.set(0);
        self.ask(TrayTask::Send(message));
    }

    fn ask(self, task: TrayTask) {
        self.tasks.update(|tasks| tasks.push(task));
        self.is_wanted.set(true);
        self.asked.notify();
    }

    /// The tasks since the last call, in their order.
    pub fn take_tasks(self) -> Vec<TrayTask> {
        self.tasks.take().unwrap_or_default()
    }
}
