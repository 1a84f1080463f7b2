//! Errors in the operator's language, each in one line.

use std::{
    env,
    io::{self, ErrorKind},
    path::Path,
};

use client::text::Lang;
use protocol::{
    error::Refusal,
    limit::{LOGIN_CHARS, NAME_CHARS, PASSWORD_CHARS, PROFILE_CHARS},
};
use server::{
    messenger::{RowError, TableError},
    model::{BucketFault, BusFault, DatabaseCause, Fault, SharedFault},
};

/// The operator's language, from `LC_ALL`, `LC_MESSAGES`, `LANG` in this order (POSIX); English by default.
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
        Fault::Bucket { url, cause } => format!("{url}: {}", bucket(cause)),
        Fault::Shared { database, cause } => format!("{database}: {}", shared(cause)),
        Fault::Bus(cause) => bus(cause),
    }
}

/// The reason in Korean.
fn shared(cause: &SharedFault) -> String {
    let words = match cause {
        SharedFault::NotAUrl => {
            "데이터베이스 주소가 아닙니다. postgres://사용자:암호@호스트:포트/데이터베이스 형식으로 쓰세요"
        }
        SharedFault::Unreachable(why) => return format!("데이터베이스 서버에 연결할 수 없습니다: {why}"),
        SharedFault::Denied(why) => return format!("데이터베이스 서버가 접근을 거절했습니다: {why}"),
        SharedFault::SslMode => {
            "sslmode 값은 disable, allow, prefer, require, verify-ca, verify-full 가운데 하나여야 합니다"
        }
        SharedFault::SslParameter => "ssl로 시작하는 설정은 sslmode, sslrootcert, sslcert, sslkey만 쓸 수 있습니다",
        SharedFault::HalfPair => "sslcert와 sslkey는 함께 써야 합니다. 파일을 둘 다 지정하거나 둘 다 빼세요",
        SharedFault::NotPem(file) => {
            return format!("{}: PEM 인증서나 개인 키가 없는 파일입니다", file.display());
        }
        SharedFault::NoTls => {
            "sslmode나 sslrootcert 설정에는 TLS가 필요한데 데이터베이스 서버가 TLS를 쓰지 않습니다. 서버에서 ssl = on으로 설정하세요"
        }
        SharedFault::Untrusted => {
            "데이터베이스 서버의 인증서를 믿을 수 없습니다. 이 인증서에 서명한 인증 기관의 인증서 파일을 sslrootcert로 지정하세요"
        }
        SharedFault::OtherHost(names) if names.is_empty() => {
            "데이터베이스 서버의 인증서에 호스트 이름(subjectAltName)이 없습니다"
        }
        SharedFault::OtherHost(names) => {
            return format!("데이터베이스 서버의 인증서는 주소에 쓴 호스트가 아니라 {names}의 것입니다");
        }
        SharedFault::Tls(why) => return format!("데이터베이스 서버와 TLS로 연결하지 못했습니다: {why}"),
        SharedFault::NoDatabase => "서버에 이 데이터베이스가 없습니다. 먼저 만드세요",
        SharedFault::Foreign => "다른 프로그램이 쓰는 데이터베이스입니다. 대화만 쓸 데이터베이스를 만드세요",
        SharedFault::Empty => "비어 있는 데이터베이스입니다. 서버를 한 번 실행하거나 계정을 만드세요",
        SharedFault::Newer => "더 새로운 버전의 대화가 쓴 데이터베이스입니다. 그 버전으로 실행하세요",
        SharedFault::Older => "이전 버전의 대화가 쓴 데이터베이스입니다. 서버를 한 번 실행하면 새 버전에 맞게 바뀝니다",
        SharedFault::OtherFiles(place) => {
            return format!(
                "이 데이터베이스의 파일은 {place}에 없습니다. 모든 노드가 공유 디스크에 있는 같은 폴더를 --data로 쓰거나 같은 --files를 써야 합니다. 파일을 옮겼으면 meta 테이블에서 files_place 행을 지우세요"
            );
        }
        SharedFault::FilesOfAnother(file) => {
            return format!(
                "{}에 따르면 이 파일들은 다른 데이터베이스의 것입니다. --data로 다른 폴더를 지정하세요. 그 데이터베이스를 쓰는 서버가 더는 없으면 이 파일을 지우세요",
                file.display()
            );
        }
        SharedFault::NodesRun => "파일을 버킷으로 옮기려면 다른 노드를 모두 멈추고 15초 뒤에 시작하세요",
        SharedFault::NotUtf8 => "데이터베이스 인코딩이 UTF8이 아닙니다. ENCODING 'UTF8'로 만드세요",
        SharedFault::NotCopied(directory) => {
            return format!(
                "비어 있는 데이터베이스인데 {} 폴더에 데이터베이스가 있습니다. daehwa copy로 옮기거나 --data로 다른 폴더를 지정하세요",
                directory.display()
            );
        }
        SharedFault::NotEmpty => "비어 있지 않은 데이터베이스입니다. 빈 데이터베이스에만 복사할 수 있습니다",
        SharedFault::Full => "데이터베이스 서버의 디스크가 가득 찼습니다",
        SharedFault::ReadOnly => "읽기 전용 데이터베이스입니다. 대기 서버에는 쓸 수 없습니다",
        SharedFault::NoBackup => {
            "PostgreSQL 데이터베이스는 pg_dump나 pg_basebackup으로 백업하세요. daehwa backup은 데이터 폴더의 데이터베이스를 복사합니다"
        }
        SharedFault::Other(words) => return words.clone(),
    };
    words.to_owned()
}

/// Why the settings of the bus cannot be used, in Korean.
fn bus(cause: &BusFault) -> String {
    let words = match cause {
        BusFault::Servers => {
            "--bus 값이 주소 목록이 아닙니다. 주소는 nats://호스트:포트나 tls://호스트:포트 형식이고, 여러 개는 쉼표로 나눕니다"
        }
        BusFault::SecretInAddress => {
            "--bus 주소에 사용자나 암호를 쓰지 마세요. 사용자는 --bus-user에, 암호는 환경 변수 DAEHWA_BUS_PASSWORD에 씁니다"
        }
        BusFault::TwoSecrets => "--bus-credentials는 --bus-user나 암호와 함께 쓸 수 없습니다",
        BusFault::NoPassword => {
            "--bus-user에는 암호가 있어야 합니다. 환경 변수 DAEHWA_BUS_PASSWORD나 --bus-password-file 파일에 쓰세요"
        }
        BusFault::Credentials(file) => {
            return format!("{}: NATS 사용자의 JWT와 시드가 든 자격 증명 파일이 아닙니다", file.display());
        }
        BusFault::Certificate(file) => return format!("{}: PEM 인증서가 없는 파일입니다", file.display()),
        BusFault::NoDatabase => "--bus는 한 데이터베이스를 함께 쓰는 서버들을 위한 설정입니다. --database도 지정하세요",
        BusFault::NoServers => {
            "--bus 없이 버스의 다른 설정만 있습니다. --bus-user, --bus-password-file, --bus-credentials, --bus-ca, DAEHWA_BUS_PASSWORD는 --bus와 함께 씁니다"
        }
        BusFault::Demo => "--demo는 자체 데이터로 혼자 실행됩니다. --bus를 빼세요",
        BusFault::Cluster => "클러스터 이름에는 영문자, 숫자, -와 _만 쓸 수 있습니다",
        BusFault::NoRandomness => "서버 사이의 암호화에 필요한 난수를 시스템에서 받을 수 없습니다",
    };
    words.to_owned()
}

/// Why a bucket cannot be used, in Korean.
fn bucket(cause: &BucketFault) -> String {
    match cause {
        BucketFault::Unset(name) => format!("환경 변수 {name} 값이 없습니다"),
        BucketFault::Invalid(name) => format!(
            "환경 변수 {name} 값이 잘못되었습니다. 주소는 http://호스트:포트나 https://호스트, 리전은 ap-northeast-2 같은 이름입니다"
        ),
        BucketFault::NoBucket => "없는 버킷입니다. 먼저 버킷을 만드세요".to_owned(),
        BucketFault::Denied(code) => {
            let code = if code.is_empty() { String::new() } else { format!("({code})") };
            format!(
                "저장소가 접근을 거부했습니다{code}. AWS_ACCESS_KEY_ID와 AWS_SECRET_ACCESS_KEY, 그리고 이 키의 권한을 확인하세요"
            )
        }
        BucketFault::Unreachable { endpoint, why } => format!("{endpoint}에 연결할 수 없습니다: {why}"),
        BucketFault::OfAnother => {
            "다른 데이터 폴더가 쓰는 버킷입니다. 그 폴더를 쓰는 서버가 더는 없으면 daehwa-owner 객체를 지우고 다시 시작하세요"
                .to_owned()
        }
        BucketFault::Unnamed(url) => format!(
            "이 데이터 폴더의 파일은 이 버킷에 있습니다. --files {url}로 실행하세요. 파일을 이미 다른 곳으로 옮겼으면 데이터 폴더의 bucket 파일을 지우세요"
        ),
        BucketFault::Lacks(count) => format!(
            "파일 {count}개가 아직 이 버킷에 없습니다. files 폴더의 00~ff 폴더를 버킷에 복사하고 다시 시작하세요"
        ),
        BucketFault::Other(words) => words.clone(),
    }
}

fn korean(cause: &DatabaseCause) -> &str {
    match cause {
        DatabaseCause::Full => "디스크가 가득 찼습니다",
        DatabaseCause::Busy => "다른 프로그램이 데이터베이스를 붙들고 있습니다. 다시 시도하세요",
        DatabaseCause::ReadOnly => "읽기 전용 파일이거나 읽기 전용 디스크입니다",
        DatabaseCause::Denied => "지금 사용자의 권한으로는 열 수 없는 파일입니다",
        DatabaseCause::Damaged => "손상된 파일입니다. daehwa check로 어디인지 확인하세요",
        DatabaseCause::Other(words) => words,
    }
}

/// An I/O error about a path.
pub(super) fn file(lang: Lang, path: &Path, why: &io::Error) -> String {
    format!("{}: {}", path.display(), error(lang, why))
}

/// An I/O error.
pub(super) fn error(lang: Lang, error: &io::Error) -> String {
    let (ko, en) = match error.kind() {
        ErrorKind::NotFound => ("없는 파일이나 폴더입니다", "there is no such file or directory"),
        ErrorKind::PermissionDenied => ("권한이 없습니다", "permission denied"),
        ErrorKind::AlreadyExists => ("이미 있습니다", "it already exists"),
        ErrorKind::IsADirectory => ("파일이 아니라 폴더입니다", "it is a directory, not a file"),
        ErrorKind::NotADirectory => ("폴더가 아닙니다", "it is not a directory"),
        ErrorKind::StorageFull => ("디스크가 가득 찼습니다", "the disk is full"),
        ErrorKind::ReadOnlyFilesystem => ("읽기 전용 디스크입니다", "the disk is read-only"),
        ErrorKind::FileTooLarge => ("너무 큰 파일입니다", "the file is too large"),
        ErrorKind::InvalidData => ("글자로 읽을 수 없는 입력입니다", "the input is not text"),
        ErrorKind::AddrInUse => ("다른 프로그램이 쓰고 있습니다", "another program is using it"),
        ErrorKind::AddrNotAvailable => ("이 컴퓨터의 주소가 아닙니다", "it is not an address of this machine"),
        _ => return unnamed(error),
    };
    pick(lang, ko, en).to_owned()
}

/// The system's message without the error number.
fn unnamed(error: &io::Error) -> String {
    let words = error.to_string();
    words.split(" (os error").next().unwrap_or_default().to_owned()
}

pub(super) fn refusal(lang: Lang, refusal: Refusal) -> String {
    if let Some(words) = field_rule(lang, refusal) {
        return words;
    }
    let (ko, en) = match refusal {
        Refusal::LoginTaken => ("이미 있는 아이디입니다", "this login is taken"),
        Refusal::NotFound => ("그런 아이디가 없습니다", "there is no account with this login"),
        Refusal::Unavailable => ("지금은 저장할 수 없습니다. 다시 시도하세요", "cannot save at the moment; try again"),
        other => return lang.form_refusal(other).to_owned(),
    };
    pick(lang, ko, en).to_owned()
}

/// The rule of an invalid field, with the limits of the protocol.
fn field_rule(lang: Lang, refusal: Refusal) -> Option<String> {
    let (ko, en) = match refusal {
        Refusal::InvalidLogin => {
            let (least, most) = LOGIN_CHARS.into_inner();
            (
                format!("아이디는 영문 소문자나 숫자로 시작하는 {least}~{most}자이고, . _ - 도 쓸 수 있습니다"),
                format!(
                    "a login has {least} to {most} characters of a-z, 0-9, '.', '_', '-'; the first is a letter or a digit"
                ),
            )
        }
        Refusal::InvalidName => (
            format!("이름은 눈에 보이는 글자 1~{NAME_CHARS}자입니다"),
            format!("a name has 1 to {NAME_CHARS} visible characters"),
        ),
        Refusal::InvalidPassword => {
            let (least, most) = PASSWORD_CHARS.into_inner();
            (format!("비밀번호는 {least}~{most}자입니다"), format!("a password has {least} to {most} characters"))
        }
        Refusal::InvalidProfile => (
            format!(
                "부서, 직위, 이메일은 눈에 보이는 글자 {PROFILE_CHARS}자까지이고, 이메일에는 @가 있어야 하며, 순서는 숫자여야 합니다"
            ),
            format!(
                "a department, title or e-mail address has at most {PROFILE_CHARS} visible characters, \
                 an e-mail address contains an @, and an order is a whole number"
            ),
        ),
        _ => return None,
    };
    Some(pick(lang, ko, en))
}

/// Why a file cannot be imported.
pub(super) fn table(lang: Lang, file: &Path, error: &TableError) -> String {
    let line = error.line().map(|line| format!(":{line}")).unwrap_or_default();
    let why = match error {
        error if lang == Lang::En => error.to_string(),
        TableError::Empty => "빈 파일입니다".to_owned(),
        TableError::Workbook => {
            "엑셀 통합 문서입니다. 엑셀에서 'CSV UTF-8(쉼표로 분리)' 형식으로 저장하세요".to_owned()
        }
        TableError::Encoding { .. } => {
            "UTF-8도 CP949도 아닌 글자가 있습니다. 엑셀에서 'CSV UTF-8(쉼표로 분리)' 형식으로 저장하세요".to_owned()
        }
        TableError::Columns => {
            "첫 줄에 열 이름이 있어야 합니다: 아이디(login)와 이름(name), 그리고 부서, 직위, 이메일, 순서, 비밀번호"
                .to_owned()
        }
        TableError::DuplicateColumn { first, second } => {
            format!("'{first}' 열과 '{second}' 열은 같은 뜻입니다. 하나만 남기세요")
        }
        TableError::Unclosed { .. } => "이 줄에서 연 큰따옴표가 닫히지 않았습니다".to_owned(),
    };
    format!("{}{line}: {why}", file.display())
}

/// Why a row cannot be imported.
pub(super) fn row(lang: Lang, error: &RowError) -> String {
    match error {
        RowError::Refused { refusal: why, text } if text.is_empty() => refusal(lang, *why),
        RowError::Refused { refusal: why, text } => format!("'{}': {}", text.escape_debug(), refusal(lang, *why)),
        error if lang == Lang::En => error.to_string(),
        RowError::NoName { login } => format!("{login}: 새 계정에는 이름이 있어야 합니다"),
        RowError::Duplicate { login, earlier } => format!("{login}: {earlier}번째 줄에도 있습니다"),
        RowError::TooManyFields => "열보다 칸이 많습니다. 쉼표가 든 칸은 큰따옴표로 감싸세요".to_owned(),
    }
}
