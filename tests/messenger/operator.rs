//! The operator's input: addresses and tables of people, in Korean and English.

use std::{
    fs,
    path::Path,
    process::{Command, Output},
};

use encoding_rs::EUC_KR;
use server::messenger::PeopleTable;

use crate::{
    daemon::{Server, add_people, daehwa, user},
    stage::{PASSWORD, Stage},
};

fn import(data: &Path, bytes: &[u8], locale: &str) -> Output {
    let file = data.with_file_name("people.csv");
    fs::write(&file, bytes).unwrap();
    daehwa(data).env("LC_ALL", locale).args(["user", "import"]).arg(file).output().unwrap()
}

fn words(output: &Output) -> (String, String) {
    let text = |bytes: &Vec<u8>| String::from_utf8(bytes.clone()).unwrap();
    (text(&output.stdout), text(&output.stderr))
}

#[tokio::test]
async fn tables_of_korean_spreadsheets_are_imported_unchanged() {
    let directory = tempfile::tempdir().unwrap();
    let data = directory.path().join("data");
    let table = "사번;성명;부서;직급;내선번호;초기 비밀번호\r\n\
                 20190412;홍길동;기획국/총무과;주무관;1234;  앞뒤 공백도 암호 \r\n\
                 20200107;\"김\"\"뷁\"\"\";;;;\r\n;;;;;\r\n";
    let output = import(&data, &EUC_KR.encode(table).0, "C");
    let (printed, noted) = words(&output);
    assert!(
        printed.starts_with("2 made, 0 changed, 0 unchanged") && printed.contains("passwd): 20200107"),
        "{printed}{noted}"
    );
    assert!(noted.contains("CP949") && noted.contains("ignored unknown columns: 내선번호"), "{noted}");
    let listed = words(&user(&data, &["list"], "")).0;
    assert!(listed.contains("홍길동") && listed.contains("김\"뷁\""), "{listed}");
    let utf16: Vec<u8> = format!("\u{feff}{table}").encode_utf16().flat_map(u16::to_le_bytes).collect();
    assert!(words(&import(&data, &utf16, "C")).0.starts_with("0 made, 0 changed, 2 unchanged"));
    let server = Server::start(&data);
    let sign_in = async |password: &str| {
        let request = reqwest::Client::new().post(format!("http://{}/api/sign_in", server.address));
        request.form(&[("login", "20190412"), ("password", password)]).send().await.unwrap().status()
    };
    assert_eq!(
        (sign_in("  앞뒤 공백도 암호 ").await, sign_in("앞뒤 공백도 암호").await),
        (200.try_into().unwrap(), 401.try_into().unwrap())
    );
}

#[test]
fn a_table_that_cannot_be_imported_is_refused_in_the_operators_language() {
    let directory = tempfile::tempdir().unwrap();
    let data = directory.path().join("data");
    add_people(&data);
    for (bytes, korean, english) in [
        (b"PK\x03\x04".as_slice(), "통합 문서", "workbook"),
        (b"", "빈 파일", "empty"),
        (b"login,name\njose,Jos\xE9\n", ":2: UTF-8도 CP949도", ":2: this is neither UTF-8 nor CP949"),
        ("홍길동,hong\n".as_bytes(), "첫 줄에 열 이름", "first line must name"),
        ("id,직급,직위\naa,가,나\n".as_bytes(), "'직급' 열과 '직위'", "'직급' and '직위'"),
        ("id,name\naa,\"가\n".as_bytes(), ":2: 이 줄에서 연 큰따옴표", ":2: a quotation mark"),
    ] {
        for (locale, expected) in [("ko_KR.UTF-8", korean), ("en_US.UTF-8", english), ("POSIX", english)] {
            let output = import(&data, bytes, locale);
            let (printed, refused) = words(&output);
            assert_eq!(
                (output.status.code(), printed.as_str(), refused.lines().count()),
                (Some(1), "", 1),
                "{refused}"
            );
            assert!(refused.contains(expected), "{locale}: {refused}");
        }
    }
    let row = words(&import(&data, "id,name,pw\n홍 길동,가,\nminsu2,,\nbb,나,짧다\n".as_bytes(), "ko_KR.UTF-8"));
    for expected in [":2: '홍 길동': 아이디는", ":3: minsu2: 새 계정에는", ":4: 비밀번호는"] {
        assert!(row.0.contains(expected), "{}", row.0);
    }
    assert!(row.1.contains("아무 계정도 바꾸지 않았습니다") && !row.0.contains("짧다"), "{row:?}");
}

#[test]
fn commands_answer_in_the_operators_language() {
    let directory = tempfile::tempdir().unwrap();
    let data = directory.path().join("data");
    let run = |args: &[&str]| words(&daehwa(&data).env("LC_ALL", "ko_KR.UTF-8").args(args).output().unwrap());
    assert!(run(&["user", "list"]).1.contains("데이터베이스가 없습니다"));
    add_people(&data);
    assert!(run(&["user", "disable", "minsu"]).0.contains("사용을 중지했습니다"));
    assert!(run(&["user", "list"]).0.contains("사용 중지"));
    assert!(run(&["user", "enable", "nobody"]).1.contains("그런 아이디가 없습니다"));
    assert!(run(&["check"]).0.contains("이상이 없습니다"));
    let _server = Server::start(&data);
    assert!(run(&["--addr", "127.0.0.1:0"]).1.contains("다른 서버가 이미 실행 중입니다"));
    assert!(run(&["--addr", "203.0.113.7:0"]).1.contains("이 컴퓨터의 주소가 아닙니다"));
}

#[tokio::test]
async fn a_server_listens_on_a_host_name_and_has_a_public_one_in_hangul() {
    let directory = tempfile::tempdir().unwrap();
    let data = directory.path().join("데이터 폴더");
    add_people(&data);
    let server =
        Server::start_with(&data, "localhost:0", |command| command.args(["--public-url", "https://대화.한국"]));
    let handshake = async |origin: &str| {
        let request = reqwest::Client::new().post(format!("http://{}/api/sign_in", server.address));
        let request = request.header("origin", origin).header("sec-fetch-site", "cross-site");
        request.form(&[("login", "minsu"), ("password", PASSWORD)]).send().await.unwrap().status().as_u16()
    };
    assert_eq!(handshake("https://xn--vk1bz38d.xn--3e0b707e").await, 200, "as browsers write it");
    assert_eq!(handshake("https://xn--3e0b707e").await, 403);
}

#[test]
fn the_limit_of_open_files_is_raised() {
    let directory = tempfile::tempdir().unwrap();
    let data = directory.path().join("data");
    let mut command = Command::new("sh");
    let line = "ulimit -Sn 200; exec \"$0\" --data \"$1\" --addr 127.0.0.1:0";
    command.arg("-c").arg(line).arg(daehwa(&data).get_program()).arg(&data);
    let mut child = command.stdout(std::process::Stdio::piped()).spawn().unwrap();
    let mut line = String::new();
    std::io::BufRead::read_line(&mut std::io::BufReader::new(child.stdout.take().unwrap()), &mut line).unwrap();
    let limits = fs::read_to_string(format!("/proc/{}/limits", child.id())).unwrap();
    let files: Vec<&str> =
        limits.lines().find(|line| line.starts_with("Max open files")).unwrap().split_whitespace().collect();
    child.kill().unwrap();
    child.wait().unwrap();
    assert_eq!(files[3], files[4], "{limits}");
}

/// A table of `count` accounts, without passwords.
fn many(count: usize) -> String {
    let rows = (0..count).map(|number| format!("p{number},사람 {number},본부/과{}\n", number % 30));
    format!("login,name,department\n{}", rows.collect::<String>())
}

#[test]
fn a_command_prints_its_outcome_and_nothing_else() {
    let directory = tempfile::tempdir().unwrap();
    let data = directory.path().join("data");
    for _ in 0..2 {
        let (printed, noted) = words(&import(&data, many(3_000).as_bytes(), "C"));
        assert!(printed.contains("3000") && noted.is_empty(), "{noted}");
    }
}

#[tokio::test]
async fn posts_continue_during_an_import() {
    let stage = Stage::new().await;
    let (minsu, _, room) = stage.pair().await;
    let table = many(2_000);
    let (mut posted, importing) = (0, stage.import(&table));
    tokio::pin!(importing);
    let imported = loop {
        tokio::select! {
            imported = &mut importing => break imported,
            _ = stage.post(&minsu, room, "가져오는 동안") => posted += 1,
        }
    };
    assert_eq!(imported.created, 2_000);
    assert!(posted >= 10, "{posted} posts between the pieces");
}

#[tokio::test]
async fn an_interrupted_import_is_completed_by_the_same_table() {
    let stage = Stage::new().await;
    let (minsu, _, room) = stage.pair().await;
    let people = PeopleTable::read(many(700).as_bytes()).unwrap();
    let plan = people.plan(&[]).unwrap();
    let (sender, first_piece) = tokio::sync::oneshot::channel();
    let mut sender = Some(sender);
    let importing = stage.messenger.accounts().import(plan, |_, _| {
        let _ = sender.take().map(|sender| sender.send(()));
    });
    tokio::select! {
        _ = importing => panic!("700 rows are several pieces"),
        _ = first_piece => {}
    }
    // A piece that was under way is stored before a later post.
    stage.post(&minsu, room, "그만").await;
    let done = stage.messenger.accounts().all().await.unwrap().len() - 2;
    assert!((1..700).contains(&done), "{done} of 700");
    let imported = stage.import(&many(700)).await;
    assert_eq!((imported.created, imported.unchanged), (700 - done, done));
    assert_eq!(stage.import(&many(700)).await.unchanged, 700);
}
