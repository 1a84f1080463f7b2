//! The data directory: permissions, the lock of the running server, what commands create there.

use std::{
    fs,
    os::unix::fs::PermissionsExt,
    path::Path,
    process::{Command, Output, Stdio},
    time::{Duration, Instant},
};

use sqlx::Connection;

use crate::{
    daemon::{Server, add_people, daehwa, user},
    stage::{PASSWORD, Stage, TEST_TIMEOUT},
    torture::shim,
};

fn mode(path: &Path) -> u32 {
    fs::metadata(path).unwrap().permissions().mode() & 0o777
}

/// The one line of a server that does not start, without internals.
fn refused_start(data: &Path) -> String {
    let output = daehwa(data).args(["--addr", "127.0.0.1:0"]).output().unwrap();
    one_line(&output)
}

fn one_line(output: &Output) -> String {
    assert_eq!(output.status.code(), Some(1), "{output:?}");
    let words = String::from_utf8(output.stderr.clone()).unwrap();
    assert_eq!(words.lines().count(), 1, "{words}");
    let internals = ["sqlx", "migration", "pool", "Error", "::", "os error", "code:"];
    assert!(internals.iter().all(|internal| !words.contains(internal)), "{words}");
    words
}

async fn sql(data: &Path, sql: &'static str) {
    let url = format!("sqlite://{}", data.join("daehwa.db").display());
    let mut connection = sqlx::SqliteConnection::connect(&url).await.unwrap();
    sqlx::raw_sql(sql).execute(&mut connection).await.unwrap();
    connection.close().await.unwrap();
}

#[test]
fn new_files_are_private_and_existing_files_keep_their_permissions() {
    let directory = tempfile::tempdir().unwrap();
    let [shared, new, copy] = ["shared", "new/data", "copy.db"].map(|name| directory.path().join(name));
    fs::create_dir(&shared).unwrap();
    fs::set_permissions(&shared, fs::Permissions::from_mode(0o755)).unwrap();
    let in_shell = |data: &Path, args: &str| {
        let mut shell = Command::new("sh");
        let line = format!("umask 000; exec \"$0\" --data \"$1\" {args}");
        shell.arg("-c").arg(line).arg(daehwa(data).get_program()).arg(data).arg(&copy).stdin(Stdio::piped());
        let mut child = shell.stdout(Stdio::null()).spawn().unwrap();
        std::io::Write::write_all(&mut child.stdin.take().unwrap(), PASSWORD.as_bytes()).unwrap();
        assert!(child.wait().unwrap().success(), "{args}");
    };
    in_shell(&shared, "user add minsu 김민수");
    in_shell(&new, "user add minsu 김민수");
    in_shell(&shared, "backup \"$2\"");
    assert_eq!((mode(&shared), mode(&new), mode(new.parent().unwrap())), (0o755, 0o700, 0o700));
    for file in [shared.join("daehwa.db"), new.join("daehwa.db"), copy] {
        assert_eq!(mode(&file), 0o600, "{}", file.display());
    }
    fs::set_permissions(&shared, fs::Permissions::from_mode(0o750)).unwrap();
    fs::set_permissions(shared.join("daehwa.db"), fs::Permissions::from_mode(0o640)).unwrap();
    let server = Server::start(&shared);
    assert_eq!((mode(&shared), mode(&shared.join("daehwa.db"))), (0o750, 0o640), "the operator chose so");
    assert_eq!(mode(&shared.join("daehwa.lock")), 0o600);
    drop(server);
}

#[test]
fn a_reading_command_creates_nothing() {
    let directory = tempfile::tempdir().unwrap();
    let [data, table, copy] = ["typo/data", "people.csv", "copy.db"].map(|name| directory.path().join(name));
    fs::create_dir(data.parent().unwrap()).unwrap();
    fs::write(&table, "login,name\n20190412,김민수\n").unwrap();
    for args in [&["user", "list"][..], &["user", "disable", "minsu"], &["user", "passwd", "minsu"], &["check"]] {
        let output = daehwa(&data).args(args).stdin(Stdio::null()).output().unwrap();
        assert!(one_line(&output).contains("typo/data: there is no database"), "{args:?}");
    }
    let output = daehwa(&data).arg("backup").arg(&copy).output().unwrap();
    assert!(one_line(&output).contains("there is no database"));
    let output = daehwa(&data).args(["user", "import", "--dry-run"]).arg(&table).output().unwrap();
    assert!(output.status.success() && String::from_utf8_lossy(&output.stdout).starts_with("1 would be made"));
    fs::write(&table, "login,name\n20190412,\n").unwrap();
    assert!(!daehwa(&data).args(["user", "import"]).arg(&table).output().unwrap().status.success());
    assert!(!data.exists() && !copy.exists(), "nothing was made");
}

#[tokio::test]
async fn a_directory_has_one_server_and_any_number_of_commands() {
    let directory = tempfile::tempdir().unwrap();
    let data = directory.path().join("data");
    add_people(&data);
    let server = Server::start(&data);
    let words = refused_start(&data);
    let (named, pid) = (data.display().to_string(), format!("(process {})", server.child.id()));
    assert!(words.contains(&named) && words.contains("another server") && words.contains(&pid), "{words}");
    assert!(user(&data, &["add", "7001", "최지우"], PASSWORD).status.success());
    assert!(daehwa(&data).arg("backup").arg(directory.path().join("copy.db")).output().unwrap().status.success());
    assert!(daehwa(&data).arg("check").output().unwrap().status.success());
    let jiwoo = server.sign_in("7001").await;
    server.kill();
    let server = Server::start(&data);
    assert_eq!(server.sign_in("7001").await.id, jiwoo.id, "a killed server leaves no lock");
}

#[tokio::test]
async fn unknown_tables_are_refused_with_a_message() {
    for (change, expected) in [
        (
            "INSERT INTO _sqlx_migrations SELECT 900, '', installed_on, 1, checksum, 0 FROM _sqlx_migrations LIMIT 1",
            "newer version",
        ),
        ("UPDATE _sqlx_migrations SET success = 0 WHERE version = 3", "was not finished"),
        ("UPDATE _sqlx_migrations SET version = -1 WHERE version = 2", "not a database of Daehwa"),
        ("DROP TABLE _sqlx_migrations", "not a database of Daehwa"),
    ] {
        let directory = tempfile::tempdir().unwrap();
        let data = directory.path().join("data");
        add_people(&data);
        sql(&data, change).await;
        let before = fs::read(data.join("daehwa.db")).unwrap();
        assert!(refused_start(&data).contains(expected), "{change}");
        for args in [&["user", "list"][..], &["check"], &["user", "enable", "minsu"]] {
            assert!(one_line(&daehwa(&data).args(args).output().unwrap()).contains(expected), "{change}: {args:?}");
        }
        assert!(fs::read(data.join("daehwa.db")).unwrap() == before, "{change}: nothing was changed");
    }
    let directory = tempfile::tempdir().unwrap();
    let data = directory.path().join("data");
    fs::create_dir(&data).unwrap();
    fs::write(data.join("daehwa.db"), "휴가 계획\n".repeat(1_000)).unwrap();
    assert!(refused_start(&data).contains("not a database of Daehwa"));
}

#[tokio::test]
async fn older_tables_are_refused_by_reading_commands_and_migrated_by_a_server_or_a_writing_command() {
    let directory = tempfile::tempdir().unwrap();
    let data = directory.path().join("data");
    fs::create_dir(&data).unwrap();
    let options = sqlx::sqlite::SqliteConnectOptions::new().filename(data.join("daehwa.db")).create_if_missing(true);
    let mut connection = sqlx::SqliteConnection::connect_with(&options).await.unwrap();
    sqlx::migrate!("crates/server/migrations").run_to(3, &mut connection).await.unwrap();
    connection.close().await.unwrap();
    let list = || daehwa(&data).args(["user", "list"]).output().unwrap();
    assert!(one_line(&list()).contains("older version"));
    let copy = directory.path().join("before.db");
    assert!(daehwa(&data).arg("backup").arg(&copy).output().unwrap().status.success(), "a copy before an update");
    assert!(one_line(&list()).contains("older version"), "nothing was updated");
    add_people(&data);
    assert!(String::from_utf8(list().stdout).unwrap().contains("minsu"));
}

/// Sends `signal` to a backup as soon as it has created a file; `true` if the backup was complete before the signal.
async fn was_complete_before(signal: &str, data: &Path, copy: &Path) -> bool {
    let has_file = || fs::read_dir(copy.parent().unwrap()).unwrap().next().is_some();
    let mut child = daehwa(data).arg("backup").arg(copy).stderr(Stdio::null()).spawn().unwrap();
    let begun = Instant::now();
    while !has_file() && begun.elapsed() < TEST_TIMEOUT {
        tokio::time::sleep(Duration::from_millis(1)).await;
    }
    assert!(Command::new("kill").args([signal, &child.id().to_string()]).status().unwrap().success());
    child.wait().unwrap().success()
}

#[tokio::test]
async fn a_backup_gets_its_name_only_when_it_is_complete() {
    let directory = tempfile::tempdir().unwrap();
    let [data, copies] = ["data", "copies"].map(|name| directory.path().join(name));
    fs::create_dir(&copies).unwrap();
    add_people(&data);
    let fill = "CREATE TABLE filler (bytes BLOB); INSERT INTO filler WITH RECURSIVE n (n) AS \
                (SELECT 1 UNION ALL SELECT n + 1 FROM n WHERE n < 20000) SELECT randomblob(4000) FROM n";
    sql(&data, fill).await;
    let copy = copies.join("daehwa.db");
    let names = || fs::read_dir(&copies).unwrap().map(|entry| entry.unwrap().file_name()).collect::<Vec<_>>();
    for (signal, left) in [("-TERM", 0), ("-KILL", 1)] {
        let begun = Instant::now();
        while was_complete_before(signal, &data, &copy).await {
            assert!(begun.elapsed() < TEST_TIMEOUT, "every copy was complete before the signal");
            fs::remove_file(&copy).unwrap();
        }
        assert!(!copy.exists() && names().len() == left, "{signal}: {:?}", names());
        names().iter().for_each(|name| fs::remove_dir_all(copies.join(name)).unwrap());
    }
    assert!(daehwa(&data).arg("backup").arg(&copy).output().unwrap().status.success());
    assert_eq!(names(), ["daehwa.db"]);
    assert!(daehwa(&copies).arg("check").output().unwrap().status.success());
    assert_eq!(names(), ["daehwa.db"], "looking at a copy leaves it as it is");
    for (file, expected) in [
        (copy, "exists already"),
        (data.join("daehwa.db"), "exists already"),
        (directory.path().join("nowhere/daehwa.db"), "nowhere: there is no such directory"),
    ] {
        assert!(one_line(&daehwa(&data).arg("backup").arg(file).output().unwrap()).contains(expected));
    }
}

#[tokio::test]
async fn healthz_reports_the_health_of_the_writer() {
    let stage = Stage::new().await;
    let health = async || reqwest::get(format!("http://{}/healthz", stage.address)).await.unwrap().status().as_u16();
    let becomes = async |expected: u16| {
        let begun = Instant::now();
        while health().await != expected {
            assert!(begun.elapsed() < TEST_TIMEOUT, "never {expected}");
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
    };
    assert_eq!(health().await, 200);
    let url = format!("sqlite://{}", stage.data.path().join("daehwa.db").display());
    let mut other = sqlx::SqliteConnection::connect(&url).await.unwrap();
    sqlx::raw_sql("BEGIN IMMEDIATE").execute(&mut other).await.unwrap();
    becomes(503).await;
    sqlx::raw_sql("ROLLBACK").execute(&mut other).await.unwrap();
    becomes(200).await;
}

#[tokio::test]
async fn the_directories_of_files_are_on_disk_before_their_first_file_is() {
    let directory = tempfile::tempdir().unwrap();
    let (data, log) = (directory.path().join("data"), directory.path().join("log"));
    let server = Server::start_with(&data, "127.0.0.1:0", |command| {
        command.args(["--registration", "open"]).env("LD_PRELOAD", shim::library()).env("DAEHWA_DIRECTORY_LOG", &log)
    });
    let synced = fs::read_to_string(&log).unwrap();
    let data = data.canonicalize().unwrap();
    for folder in [data.clone(), data.join("files")] {
        assert!(synced.lines().any(|line| Path::new(line) == folder), "{}: {synced}", folder.display());
    }
    drop(server);
}
