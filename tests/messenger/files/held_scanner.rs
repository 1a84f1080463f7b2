//! A scanner that answers when the test releases it.

use std::{
    fs,
    os::unix::fs::PermissionsExt,
    path::{Path, PathBuf},
    time::Duration,
};

use server::files::Scanner;
use tokio::time::timeout;

use crate::stage::TEST_TIMEOUT;

/// A program that reports a file as clean once it is released.
pub(super) struct Held {
    program: PathBuf,
    asked: PathBuf,
    released: PathBuf,
}

impl Held {
    pub(super) fn new(folder: &Path) -> Self {
        Self::for_files(folder, "*")
    }

    /// Holds files whose first line matches this shell pattern; others are clean at once.
    pub(super) fn for_files(folder: &Path, pattern: &str) -> Self {
        let [program, asked, released] = ["scan.sh", "asked", "released"].map(|name| folder.join(name));
        let waiting = format!("echo >> {}; until [ -e {} ]; do sleep 0.05; done", asked.display(), released.display());
        let script = format!("#!/bin/sh\nread line < \"$1\"\ncase $line in {pattern}) {waiting} ;; esac\n");
        fs::write(&program, script).unwrap();
        fs::set_permissions(&program, fs::Permissions::from_mode(0o700)).unwrap();
        Self { program, asked, released }
    }

    pub(super) fn setting(&self) -> Scanner {
        Scanner::Program(self.program.clone())
    }

    /// Waits until a file is being scanned.
    pub(super) async fn is_asked(&self) {
        let asked = async {
            while !self.asked.exists() {
                tokio::time::sleep(Duration::from_millis(10)).await;
            }
        };
        timeout(TEST_TIMEOUT, asked).await.expect("the scanner is asked");
    }

    pub(super) fn release(&self) {
        fs::write(&self.released, "").unwrap();
    }
}

impl Drop for Held {
    /// No script keeps waiting after its test has failed.
    fn drop(&mut self) {
        let _ = fs::write(&self.released, "");
    }
}
