//! Names of files: nothing in a name affects a path or a header.

use std::path::Path;

use crate::{files::client::header, stage::Stage};

const NAMES: [(&str, &str); 12] = [
    ("../../../etc/passwd", "passwd"),
    ("..\\..\\windows\\win.ini", "win.ini"),
    ("\u{110b}\u{1168}\u{1109}\u{1161}\u{11ab}.hwp", "예산.hwp"),
    ("a\r\nset-cookie: daehwa=x.txt", "a set-cookie_ daehwa=x.txt"),
    ("a\u{0}b.txt", "ab.txt"),
    ("x\"; filename=\"y.exe", "x_; filename=_y.exe"),
    ("photo\u{202e}gnp.exe", "photognp.exe"),
    ("CON.txt", "_CON.txt"),
    ("..", "file"),
    ("", "file"),
    ("report. ", "report"),
    ("<img src=x onerror=alert(1)>.png", "_img src=x onerror=alert(1)_.png"),
];

/// Decodes `filename*=UTF-8''…`.
fn name_in(disposition: &str) -> String {
    let encoded = disposition.split("filename*=UTF-8''").nth(1).unwrap();
    let plus = encoded.replace('+', "%2B");
    form_urlencoded::parse(format!("n={plus}").as_bytes()).next().unwrap().1.into_owned()
}

fn files_below(folder: &Path) -> Vec<String> {
    let mut names = Vec::new();
    for entry in std::fs::read_dir(folder).unwrap().map(Result::unwrap) {
        names.push(entry.file_name().into_string().unwrap());
        if entry.path().is_dir() {
            names.extend(files_below(&entry.path()));
        }
    }
    names
}

#[tokio::test]
async fn a_file_has_one_safe_name_everywhere_and_the_disk_holds_only_digits() {
    let stage = Stage::new().await;
    let minsu = stage.person("minsu", "김민수").await;
    for (number, (given, kept)) in NAMES.into_iter().enumerate() {
        let id = minsu.upload(given, format!("{number}").as_bytes()).await;
        let answer = minsu.get(id).await;
        let disposition = header(&answer, "content-disposition").unwrap();
        assert_eq!(name_in(disposition), kept, "{given:?}");
        assert_eq!(disposition.matches("filename=\"").count(), 1, "{disposition}");
        assert_eq!(answer.headers().get_all("content-disposition").iter().count(), 1);
        assert!(header(&answer, "set-cookie").is_none());
    }
    let long = minsu.upload(&format!("{}.hwp", "가".repeat(1_000)), b"long").await;
    let name = name_in(header(&minsu.get(long).await, "content-disposition").unwrap());
    assert!(name.len() <= 255 && name.ends_with("가.hwp"), "{name}");
    let names = files_below(&stage.data.path().join("files"));
    let is_ours = |name: &String| {
        ["incoming", "removal.lock"].contains(&name.as_str()) || name.bytes().all(|byte| byte.is_ascii_hexdigit())
    };
    assert!(names.len() > NAMES.len() && names.iter().all(is_ours), "{names:?}");
}
