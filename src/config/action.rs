//! The commands of an operator.

use std::path::PathBuf;

use clap::Subcommand;
use server::model::DatabaseUrl;

#[derive(Debug, Subcommand)]
pub enum Action {
    /// Verify the data directory; a server may be running on it
    Check {
        /// Also read every stored file and compare its content with its hash
        #[arg(long)]
        files: bool,
    },
    /// Copy the data into a new file, and the stored files into a directory next to it, also from a bucket; a server may
    /// be running. Clients of the copy load everything again
    Backup {
        /// The new file, e.g. /backup/daehwa.db
        file: PathBuf,
        /// Copy the database alone, and leave the stored files where they are
        #[arg(long)]
        without_files: bool,
    },
    /// Copy the database of the data directory into an empty PostgreSQL database, with ids, versions and sessions. Stop
    /// the server first; the data directory stays as it is. Then start the server with --database
    Copy {
        /// The empty database: postgres://USER:PASSWORD@HOST:PORT/DATABASE
        #[arg(long, env = "DAEHWA_DATABASE", hide_env_values = true, value_name = "URL")]
        to: DatabaseUrl,
    },
    /// Look into the file on standard input, for the server, which runs this on every upload
    #[command(hide = true)]
    Preview {
        /// Keep the file's metadata
        #[arg(long)]
        original: bool,
    },
    /// Create, list and change accounts; a running server applies changes within a second
    User {
        #[command(subcommand)]
        action: UserAction,
    },
}

#[derive(Debug, Subcommand)]
pub enum UserAction {
    /// Create an account; the password is asked for, or read from standard input
    Add {
        /// 2 to 32 of a-z, 0-9, '.', '_', '-'; the first is a letter or a digit
        login: String,
        /// The person's name, as others see it
        name: String,
    },
    /// Create and change accounts from a CSV file (UTF-8, or as Korean Excel saves it)
    ///
    /// The first line names the columns: login or 아이디, name or 이름, and optionally department or 부서 (a path with
    /// '/'), title or 직위, email or 이메일, order or 순서 (a whole number: the order of people within a department),
    /// department_order or 부서순서 (a whole number: the order of departments), password or 비밀번호. An empty field keeps the present value, so the same file again changes nothing. An account
    /// without a password cannot sign in until it has one
    Import {
        /// The file, e.g. people.csv
        file: PathBuf,
        /// Print what would change, and change nothing
        #[arg(long)]
        dry_run: bool,
    },
    /// List all accounts
    List,
    /// Set an account's password and sign it out everywhere
    Passwd { login: String },
    /// Disable an account and sign it out everywhere; its messages stay
    Disable { login: String },
    /// Enable a disabled account
    Enable { login: String },
}
