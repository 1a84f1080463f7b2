use super::*;

const SAMPLE: &str = include_str!("../../Leptos.toml");

fn parsed(text: &str, args: &[&str]) -> Result<Config, String> {
    let mut command = Cli::command();
    let file = SettingsFile::parse("file.toml", text, &command).map_err(|error| error.into_clap(&mut command));
    let args = std::iter::once("daehwa").chain(args.iter().copied()).map(OsString::from);
    let cli = file.and_then(|file| parse_with(command, &file, args));
    cli.map(|cli| cli.config).map_err(|error| error.to_string())
}

#[test]
fn the_sample_file_states_the_defaults() {
    let (file, none) = (parsed(SAMPLE, &[]).unwrap(), parsed("", &[]).unwrap());
    assert_eq!(format!("{file:?}"), format!("{none:?}"));
}

#[test]
fn every_setting_stands_in_the_sample_file() {
    let command = Cli::command();
    for group in std::iter::once(None).chain(command.get_groups().map(|group| Some(group.get_id().as_str()))) {
        let ungrouped = |arg: &&clap::Arg| {
            group.is_some() || !command.get_groups().any(|group| group.get_args().any(|id| id == arg.get_id()))
        };
        for arg in file::settings(&command, group).filter(ungrouped).filter(|arg| !arg.is_hide_set()) {
            let key = file::short_name(arg, group);
            assert!(key == "demo" || SAMPLE.contains(&format!("{key} = ")), "{key} is missing in Leptos.toml");
        }
    }
}

#[test]
fn every_setting_stands_in_the_readme() {
    let readme = include_str!("../../README.md");
    let command = Cli::command();
    for arg in file::settings(&command, None).filter(|arg| !arg.is_hide_set()) {
        let flag = format!("| `--{}` |", arg.get_long().unwrap());
        assert!(readme.contains(&flag), "{flag} is missing in README.md");
    }
}

#[test]
fn a_flag_overrides_the_file() {
    let file = "[daehwa.network]\naddr = \"127.0.0.1:1\"\n[daehwa.limits]\nmessages-per-second = 3\n";
    let config = parsed(file, &["--addr", "127.0.0.1:2"]).unwrap();
    assert_eq!((config.network.addr.as_str(), config.limits.messages_per_second), ("127.0.0.1:2", 3));
}

#[test]
fn only_a_node_drains_unless_it_is_set_otherwise() {
    let seconds = |file: &str, args: &[&str]| parsed(file, args).unwrap().drain_time().as_secs();
    let database = ["--database", "postgres://db/daehwa"];
    assert_eq!((seconds("", &[]), seconds("", &database)), (0, 30));
    assert_eq!(seconds("", &[&database[..], &["--demo"]].concat()), 0, "a demonstration has its own database");
    assert_eq!(seconds("", &[&database[..], &["--drain-seconds", "0"]].concat()), 0);
    assert_eq!(seconds("[daehwa.network]\ndrain-seconds = 7\n", &[]), 7);
}

#[test]
fn files_without_tables_keep_working() {
    let file = "[daehwa]\naddr = \"127.0.0.1:1\"\nmessages-per-second = 3\nlog = \"debug\"\nlog-format = \"json\"\ndemo = true\n";
    let config = parsed(file, &[]).unwrap();
    assert_eq!((config.network.addr.as_str(), config.limits.messages_per_second), ("127.0.0.1:1", 3));
    assert_eq!((config.log.level, config.log.format, config.demo), (tracing::Level::DEBUG, LogFormat::Json, true));
}

#[test]
fn a_key_may_leave_out_the_name_of_its_table() {
    for keys in ["level = \"debug\"\nformat = \"json\"", "log = \"debug\"\nlog-format = \"json\""] {
        let config = parsed(&format!("[daehwa.log]\n{keys}\n"), &[]).unwrap();
        assert_eq!((config.log.level, config.log.format), (tracing::Level::DEBUG, LogFormat::Json));
    }
    let list = parsed("[daehwa.network]\ntrusted-proxies = [\"10.0.0.0/8\", \"::1\"]\n", &[]).unwrap();
    let text = parsed("", &["--trusted-proxies", "10.0.0.0/8, ::1"]).unwrap();
    assert_eq!(format!("{list:?}"), format!("{text:?}"));
}

#[test]
fn the_bus_has_a_table_and_shows_no_password() {
    let file = "[daehwa.bus]\nservers = [\"nats://a:4222\", \"tls://b:4222\"]\nuser = \"daehwa\"\nca = \"ca.pem\"\n";
    let flags = ["--bus", "nats://a:4222,tls://b:4222", "--bus-user", "daehwa", "--bus-ca", "ca.pem"];
    let (list, text) = (parsed(file, &[]).unwrap().bus, parsed("", &flags).unwrap().bus);
    assert_eq!(format!("{:?}", list.servers), "Some(nats://a:4222,tls://b:4222)");
    assert_eq!(format!("{list:?}"), format!("{text:?}"));
    let wrong = parsed("", &["--bus", "nats://daehwa:geheim@a"]).unwrap();
    assert!(!format!("{wrong:?}").contains("geheim"), "{wrong:?}");
    let error = wrong.bus.read().unwrap_err().to_string();
    assert!(error.contains("DAEHWA_BUS_PASSWORD") && !error.contains("geheim"), "{error}");
    assert!(parsed("", &[]).unwrap().bus.read().unwrap().is_none());
}

#[test]
fn an_error_names_the_file_the_line_and_what_is_allowed() {
    for (file, expected) in [
        ("[daehwa]\n\nregistration = \"maybe\"\n", ["file.toml:3:", "maybe", "closed", "open"]),
        ("[daehwa.accounts]\nregistration = \"maybe\"\n", ["file.toml:2:", "maybe", "closed", "open"]),
        ("[daehwa.limits]\nedit-minutes = -1\n", ["file.toml:2:", "-1", "--edit-minutes", "invalid"]),
        ("[daehwa]\nadr = \"x\"\n", ["file.toml:2:", "`adr`", "[daehwa]", "addr"]),
        ("[daehwa.log]\ncolour = true\n", ["file.toml:2:", "`colour`", "[daehwa.log]", "format, level"]),
        (
            "[daehwa.network]\nregistration = \"open\"\n",
            ["file.toml:2:", "`registration`", "[daehwa.network]", "public-url"],
        ),
        (
            "[daehwa.sso]\nissuer = \"x\"\n",
            ["file.toml:1:", "[daehwa.sso]", "network, accounts", "limits, storage, bus, log"],
        ),
        ("[daehwa.network.addr]\nhost = \"x\"\n", ["file.toml:1:", "`addr`", "one value", ""]),
        ("[daehwa]\nlog = \"info\"\nlog-level = \"info\"\n", ["file.toml:3:", "`log-level`", "line 2", ""]),
        ("daehwa = 1\n", ["file.toml:1:", "must be a table", "", ""]),
        ("[daehwa\n", ["file.toml", "line 1", "", ""]),
    ] {
        let error = parsed(file, &[]).unwrap_err();
        assert!(expected.iter().all(|expected| error.contains(expected)), "{file}: {error}");
    }
    let error = parsed("", &["--public-url", "chat.example.org/x"]).unwrap_err();
    assert!(error.contains("public-url") && !error.contains("file.toml"), "{error}");
}

#[test]
fn the_settings_file_is_named_anywhere_on_the_command_line() {
    let named = |line: &str| named_file(line.split(' ').map(OsString::from));
    for line in [
        "daehwa --config a.toml",
        "daehwa --demo --config=a.toml",
        "daehwa user --config a.toml list",
        "daehwa check --config a.toml",
    ] {
        assert_eq!(named(line), Some("a.toml".into()), "{line}");
    }
    assert_eq!(named("daehwa --demo"), None);
    assert_eq!(named("daehwa user add -- --config a.toml"), None, "a login and a name");
}
