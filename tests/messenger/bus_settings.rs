//! The settings of the bus, as an operator gives them to the program.

use std::process::Command;

use crate::daemon::daehwa;

/// What a server prints that does not start, in a locale.
fn refusal(locale: &str, settings: impl Fn(&mut Command) -> &mut Command) -> String {
    let directory = tempfile::tempdir().unwrap();
    let mut command = daehwa(directory.path());
    let output = settings(command.env("LC_ALL", locale)).output().unwrap();
    let printed = String::from_utf8([output.stdout, output.stderr].concat()).unwrap();
    assert!(!output.status.success() && printed.lines().count() == 1, "{printed}");
    printed
}

#[test]
fn settings_of_a_bus_without_its_servers_are_refused() {
    for (locale, words) in [("C", "--bus is not set"), ("ko_KR.UTF-8", "--bus 없이")] {
        for flag in ["--bus-user", "--bus-password-file", "--bus-credentials", "--bus-ca"] {
            let printed = refusal(locale, |command| command.args([flag, "geheim"]));
            assert!(printed.contains(words) && !printed.contains("geheim"), "{flag}: {printed}");
        }
        let printed = refusal(locale, |command| command.env("DAEHWA_BUS_PASSWORD", "geheim"));
        assert!(printed.contains(words) && !printed.contains("geheim"), "{printed}");
    }
}

#[test]
fn a_demonstration_has_no_bus() {
    let settings = ["--demo", "--database", "postgres://db/daehwa", "--bus", "nats://127.0.0.1:1"];
    for (locale, words) in [("C", "--demo runs alone"), ("ko_KR.UTF-8", "--demo는")] {
        let printed = refusal(locale, |command| command.args(settings));
        assert!(printed.contains(words), "{printed}");
    }
}

#[test]
fn a_wrong_setting_of_the_bus_is_refused_without_its_password() {
    let directory = tempfile::tempdir().unwrap();
    let addresses = "nats://daehwa:geheim@127.0.0.1:1";
    for (locale, words) in [("C", "so that nothing shows them"), ("ko_KR.UTF-8", "암호를 쓰지 마세요")] {
        for flag in [false, true] {
            let mut command = daehwa(directory.path());
            command.env("LC_ALL", locale);
            let started = if flag { command.args(["--bus", addresses]) } else { command.env("DAEHWA_BUS", addresses) };
            let output = started.output().unwrap();
            let printed = String::from_utf8([output.stdout, output.stderr].concat()).unwrap();
            assert!(!output.status.success() && printed.contains(words) && !printed.contains("geheim"), "{printed}");
        }
    }
}

#[test]
fn the_help_shows_nothing_of_the_environment_s_bus() {
    let directory = tempfile::tempdir().unwrap();
    let secrets =
        [("DAEHWA_BUS", "nats://u:geheim@a"), ("DAEHWA_BUS_USER", "geheim"), ("DAEHWA_BUS_PASSWORD", "geheim")];
    let help = daehwa(directory.path()).envs(secrets).arg("--help").output().unwrap();
    let help = String::from_utf8(help.stdout).unwrap();
    assert!(help.contains("--bus-user") && !help.contains("geheim"), "{help}");
}
