//! What an operator reads when something could not be done, in one line.

use std::{
    env,
    io::{self, ErrorKind},
    path::Path,
};

use crate::{
    client::text::Lang,
    protocol::error::Refusal,
    server::messenger::{Cause, Fault, Wrong, WrongTable},
};

/// The operator's language: what the environment names first, as other programs read it (POSIX). English when it
/// names none.
pub fn language() -> Lang {
    let named = ["LC_ALL", "LC_MESSAGES", "LANG"].into_iter().filter_map(env::var_os).find(|value| !value.is_empty());
    let is_korean = named.is_some_and(|value| value.to_string_lossy().to_ascii_lowercase().starts_with("ko"));
    if is_korean { Lang::Ko } else { Lang::En }
}

pub(super) fn pick<T>(lang: Lang, ko: T, en: T) -> T {
    match lang {
        Lang::Ko => ko,
        Lang::En => en,
    }
}

/// Why a data directory or a copy of it cannot be used.
pub(super) fn fault(lang: Lang, fault: &Fault) -> String {
    match fault {
        Fault::File { path, error } => file(lang, path, error),
        fault if lang == Lang::En => fault.to_string(),
        Fault::NoDatabase(directory) => {
            format!(
                "{}: 이 폴더에 데이터베이스가 없습니다. --data로 다른 폴더를 지정할 수 있습니다",
                directory.display()
            )
        }
        Fault::InUse { directory, pid } => {
            let process = pid.map(|pid| format!("(프로세스 {pid})")).unwrap_or_default();
            format!("{}: 이 폴더로 다른 서버가 이미 실행 중입니다{process}", directory.display())
        }
        Fault::Newer(file) => {
            format!("{}: 더 새로운 버전의 대화가 쓴 파일입니다. 그 버전으로 실행하세요", file.display())
        }
        Fault::Older(file) => {
            format!(
                "{}: 이전 버전의 대화가 쓴 파일입니다. 서버를 한 번 실행하면 새 버전에 맞게 바뀝니다",
                file.display()
            )
        }
        Fault::HalfDone(file) => {
            format!("{}: 버전을 올리다가 끝나지 않은 파일입니다. 마지막 백업으로 되돌리세요", file.display())
        }
        Fault::Foreign(file) => format!("{}: 대화의 데이터베이스가 아닙니다", file.display()),
        Fault::Exists(file) => format!("{}: 이미 있는 파일입니다", file.display()),
        Fault::NoFolder(folder) => format!("{}: 없는 폴더입니다", folder.display()),
        Fault::Database { path, cause } => format!("{}: {}", path.display(), korean(cause)),
    }
}

fn korean(cause: &Cause) -> &str {
    match cause {
        Cause::Full => "디스크가 가득 찼습니다",
        Cause::Busy => "다른 프로그램이 데이터베이스를 붙들고 있습니다. 다시 시도하세요",
        Cause::ReadOnly => "읽기 전용 파일이거나 읽기 전용 디스크입니다",
        Cause::Denied => "지금 사용자의 권한으로는 열 수 없는 파일입니다",
        Cause::Damaged => "손상된 파일입니다. daehwa check로 어디인지 확인하세요",
        Cause::Other(words) => words,
    }
}

/// What the system could not do with a path.
pub(super) fn file(lang: Lang, path: &Path, why: &io::Error) -> String {
    format!("{}: {}", path.display(), error(lang, why))
}

/// What the system could not do.
pub(super) fn error(lang: Lang, error: &io::Error) -> String {
    let (ko, en) = match error.kind() {
        ErrorKind::NotFound => ("없는 파일이나 폴더입니다", "there is no such file or directory"),
        ErrorKind::PermissionDenied => ("권한이 없습니다", "permission denied"),
        ErrorKind::AlreadyExists => ("이미 있습니다", "it exists already"),
        ErrorKind::IsADirectory => ("파일이 아니라 폴더입니다", "it is a directory, not a file"),
        ErrorKind::NotADirectory => ("폴더가 아닙니다", "it is not a directory"),
        ErrorKind::StorageFull => ("디스크가 가득 찼습니다", "the disk is full"),
        ErrorKind::ReadOnlyFilesystem => ("읽기 전용 디스크입니다", "the disk is read-only"),
        ErrorKind::FileTooLarge => ("너무 큰 파일입니다", "the file is too large"),
        ErrorKind::InvalidData => ("글자로 읽을 수 없는 입력입니다", "the input is not text"),
        ErrorKind::AddrInUse => ("다른 프로그램이 쓰고 있습니다", "another program uses it"),
        ErrorKind::AddrNotAvailable => ("이 컴퓨터의 주소가 아닙니다", "it is not an address of this machine"),
        _ => return unnamed(error),
    };
    pick(lang, ko, en).to_owned()
}

/// In the system's words, without its number.
fn unnamed(error: &io::Error) -> String {
    let words = error.to_string();
    words.split(" (os error").next().unwrap_or_default().to_owned()
}

pub(super) fn refusal(lang: Lang, refusal: Refusal) -> String {
    let (ko, en) = match refusal {
        Refusal::InvalidLogin => (
            "아이디는 영문 소문자나 숫자로 시작하는 2~32자이고, . _ - 도 쓸 수 있습니다",
            "a login is 2 to 32 of a-z, 0-9, '.', '_', '-', beginning with a letter or a digit",
        ),
        Refusal::InvalidName => {
            ("이름은 눈에 보이는 글자 1~40자입니다", "a name is 1 to 40 characters that can be seen")
        }
        Refusal::InvalidPassword => ("비밀번호는 8~256자입니다", "a password is 8 to 256 characters"),
        Refusal::InvalidProfile => (
            "부서, 직위, 이메일은 눈에 보이는 글자 100자까지이고, 이메일에는 @가 있어야 하며, 순서는 숫자여야 합니다",
            "a department, title or e-mail address has up to 100 characters that can be seen, an address has an @, and an order is a whole number",
        ),
        Refusal::LoginTaken => ("이미 있는 아이디입니다", "somebody has this login already"),
        Refusal::NotFound => ("그런 아이디가 없습니다", "there is no account with this login"),
        Refusal::Unavailable => {
            ("지금은 저장할 수 없습니다. 다시 시도하세요", "it could not be saved just now; try again")
        }
        other => return lang.words().refusal(other).to_owned(),
    };
    pick(lang, ko, en).to_owned()
}

/// Why a file is no table of people.
pub(super) fn table(lang: Lang, file: &Path, wrong: &WrongTable) -> String {
    let file = file.display();
    match wrong {
        WrongTable::Empty => pick(lang, format!("{file}: 빈 파일입니다"), format!("{file}: the file is empty")),
        WrongTable::Workbook => pick(
            lang,
            format!("{file}: 엑셀 통합 문서입니다. 엑셀에서 'CSV UTF-8(쉼표로 분리)' 형식으로 저장하세요"),
            format!("{file}: this is an Excel workbook; save it as 'CSV UTF-8' in Excel"),
        ),
        WrongTable::Encoding { line } => pick(
            lang,
            format!(
                "{file}:{line}: UTF-8도 CP949도 아닌 글자가 있습니다. 엑셀에서 'CSV UTF-8(쉼표로 분리)' 형식으로 저장하세요"
            ),
            format!("{file}:{line}: this is neither UTF-8 nor CP949; save the table as 'CSV UTF-8'"),
        ),
        WrongTable::Columns => pick(
            lang,
            format!(
                "{file}:1: 첫 줄에 열 이름이 있어야 합니다: 아이디(login)와 이름(name), 그리고 부서, 직위, 이메일, 순서, 비밀번호"
            ),
            format!(
                "{file}:1: the first line must name the columns: login and name, and perhaps department, title, email, order, password"
            ),
        ),
        WrongTable::Doubled { one, other } => pick(
            lang,
            format!("{file}:1: '{one}' 열과 '{other}' 열은 같은 뜻입니다. 하나만 남기세요"),
            format!("{file}:1: the columns '{one}' and '{other}' mean the same; leave one of them"),
        ),
        WrongTable::Unclosed { line } => pick(
            lang,
            format!("{file}:{line}: 이 줄에서 연 큰따옴표가 닫히지 않았습니다"),
            format!("{file}:{line}: a quotation mark that is opened here is never closed"),
        ),
    }
}

/// Why a row of a table cannot be carried out.
pub(super) fn row(lang: Lang, wrong: &Wrong) -> String {
    match wrong {
        Wrong::Refused { refusal: why, said } if said.is_empty() => refusal(lang, *why),
        Wrong::Refused { refusal: why, said } => format!("'{}': {}", said.escape_debug(), refusal(lang, *why)),
        Wrong::Nameless { login } => pick(
            lang,
            format!("{login}: 새 계정에는 이름이 있어야 합니다"),
            format!("{login}: an account that is made needs a name"),
        ),
        Wrong::Twice { login, earlier } => pick(
            lang,
            format!("{login}: {earlier}번째 줄에도 있습니다"),
            format!("{login} stands in line {earlier} too"),
        ),
        Wrong::TooLong => pick(
            lang,
            "열보다 칸이 많습니다. 쉼표가 든 칸은 큰따옴표로 감싸세요".to_owned(),
            "there are more fields than columns; a field with a comma stands in quotation marks".to_owned(),
        ),
    }
}
