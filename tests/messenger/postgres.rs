//! The program on a PostgreSQL database, as an operator runs it.

use std::{
    path::Path,
    process::{Command, Output},
};

use crate::{
    daemon::{Server, add_people, daehwa, snapshot},
    test_server::TestServer,
    tls_server::tls_file,
};

fn on(data: &Path, url: &str, locale: &str, args: &[&str]) -> Output {
    daehwa(data).env("DAEHWA_DATABASE", url).env("LC_ALL", locale).args(args).output().unwrap()
}

fn output_text(output: &Output) -> String {
    String::from_utf8([output.stdout.clone(), output.stderr.clone()].concat()).unwrap()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_operator_moves_a_directory_to_postgresql_and_nobody_notices() {
    let directory = tempfile::tempdir().unwrap();
    let data = directory.path().join("data");
    add_people(&data);
    let server = Server::start(&data);
    let minsu = server.sign_in("minsu").await;
    drop(server);
    let url = TestServer::get().new_database();
    let url = url.secret();
    let early = on(&data, url, "C", &["--addr", "127.0.0.1:0"]);
    assert!(!early.status.success() && output_text(&early).contains("daehwa copy"), "{}", output_text(&early));
    let copied = daehwa(&data).args(["copy", "--to", url]).output().unwrap();
    assert!(
        copied.status.success() && output_text(&copied).contains("Start the server with"),
        "{}",
        output_text(&copied)
    );
    let listed = output_text(&on(&data, url, "C", &["user", "list"]));
    assert!(listed.contains("minsu") && listed.contains("younghee"), "{listed}");
    let server = Server::start_with(&data, "127.0.0.1:0", |command: &mut Command| command.env("DAEHWA_DATABASE", url));
    let person = crate::stage::Person { address: server.address, ..minsu };
    assert_eq!(snapshot(&person).await.me, person.id, "a session from before");
    let disabled = on(&data, url, "C", &["user", "disable", "younghee"]);
    assert!(disabled.status.success(), "{}", output_text(&disabled));
    drop(server);
    let checked = output_text(&on(&data, url, "C", &["check"]));
    assert!(checked.contains("no faults found") && !checked.contains("FAIL"), "{checked}");
    let backup = directory.path().join("backup.db");
    for (locale, words) in [("C", "pg_dump and pg_basebackup copy"), ("ko_KR.UTF-8", "백업하세요")] {
        let refused = on(&data, url, locale, &["backup", &backup.display().to_string()]);
        assert!(!refused.status.success() && output_text(&refused).contains(words), "{}", output_text(&refused));
    }
    assert!(!backup.exists());
}

#[test]
fn an_address_is_refused_without_its_password() {
    let directory = tempfile::tempdir().unwrap();
    for url in [
        "mysql://daehwa:geheim@db/x",
        "postgres://daehwa:geheim@[db/x",
        "postgres://daehwa:geheim@127.0.0.1:1/x",
        "postgres://daehwa@127.0.0.1:1/x?passwort=geheim",
    ] {
        for (locale, flag) in [("C", false), ("ko_KR.UTF-8", true)] {
            let mut command = daehwa(directory.path());
            command.env("LC_ALL", locale);
            let refused = if flag { command.args(["--database", url]) } else { command.env("DAEHWA_DATABASE", url) };
            let refused = refused.args(["user", "list"]).output().unwrap();
            let words = output_text(&refused);
            assert!(!refused.status.success() && !words.is_empty() && !words.contains("geheim"), "{words}");
        }
    }
}

#[test]
fn the_environment_says_whom_the_program_trusts() {
    let (server, directory) = (TestServer::with_tls(), tempfile::tempdir().unwrap());
    let local = server.new_database();
    let url = |parameters: &str| server.tcp_url(&local, "remote:geheim", "127.0.0.1", parameters);
    let certificate = tls_file("certificate.pem");
    let run = |locale: &str, parameters: &str, variables: &[(&str, &str)]| {
        let mut command = daehwa(&directory.path().join("data"));
        command.env("DAEHWA_DATABASE", url(parameters).secret()).env("LC_ALL", locale).envs(variables.iter().copied());
        let output = command.args(["user", "list"]).output().unwrap();
        (output.status.success(), output_text(&output))
    };
    let certificate = certificate.to_str().unwrap();
    for (parameters, variables) in [
        ("sslmode=verify-full", &[("SSL_CERT_FILE", certificate)][..]),
        ("", &[("PGSSLMODE", "verify-full"), ("PGSSLROOTCERT", certificate)]),
        ("sslmode=require", &[("PGSSLMODE", "verify-full")]),
    ] {
        let (_, words) = run("C", parameters, variables);
        assert!(words.contains("this database is empty"), "it has connected: {words}");
    }
    for (parameters, variable, english, korean) in [
        (
            "sslmode=verify-full",
            ("SSL_CERT_FILE", "/dev/null"),
            "an authority that is trusted here",
            "믿을 수 없습니다",
        ),
        ("", ("PGSSLMODE", "verify_full"), "one of disable, allow", "가운데 하나"),
        ("sslmod=require", ("PGSSLMODE", "require"), "that begin with ssl", "ssl로 시작하는"),
        ("sslcert=a", ("PGSSLMODE", "require"), "belong together", "함께 써야"),
        ("sslrootcert=/dev/null", ("PGSSLMODE", "require"), "in PEM", "PEM 인증서"),
        ("", ("PGSSLROOTCERT", "/dev/null"), "in PEM", "PEM 인증서"),
        ("sslrootcert=/nowhere", ("PGSSLMODE", "require"), "/nowhere: there is no such file", "/nowhere: 없는 파일"),
    ] {
        for (locale, expected) in [("C", english), ("ko_KR.UTF-8", korean)] {
            let (is_done, words) = run(locale, parameters, &[variable]);
            assert!(!is_done && words.contains(expected) && !words.contains("geheim"), "{words}");
        }
    }
}
