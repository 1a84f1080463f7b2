//! The operator's scanner: nobody can read a file that it does not call clean.

use std::{
    io,
    net::SocketAddr,
    os::unix::fs::PermissionsExt,
    path::Path,
    time::{Duration, Instant},
};

use protocol::ids::FileId;
use reqwest::Method;
use server::{files::Scanner, messenger::Policy};
use tokio::{
    io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt},
    net::{TcpListener, UnixListener},
};

use crate::{
    daemon::{Server, add_people},
    files::{
        client::{PART, error, header},
        held_scanner::Held,
    },
    stage::{Person, QUIET, Stage, unlimited},
    torture::is_long,
};

/// The standard's harmless sample, in two parts so that scanners ignore this source file.
const EICAR: [&str; 2] = [r"X5O!P%@AP[4\PZX54(P^)7CC)7}$EICAR-STANDARD", "-ANTIVIRUS-TEST-FILE!$H+H*"];
/// Bytes that the simulated clamd accepts, as `StreamMaxLength`.
const MAX_SCANNED_BYTES: usize = 200_000;

fn eicar() -> Vec<u8> {
    EICAR.concat().into_bytes()
}

/// Answers as clamd does: INSTREAM with its pieces, one verdict, the end of the connection.
async fn answer(mut stream: impl AsyncRead + AsyncWrite + Unpin) -> io::Result<()> {
    let mut command = [0; 10];
    stream.read_exact(&mut command).await?;
    assert_eq!(&command, b"zINSTREAM\0");
    let mut content = Vec::new();
    loop {
        let length = stream.read_u32().await? as usize;
        if length == 0 {
            break;
        }
        if content.len() + length > MAX_SCANNED_BYTES {
            stream.write_all(b"INSTREAM size limit exceeded. ERROR\0").await?;
            return stream.shutdown().await;
        }
        let start = content.len();
        content.resize(start + length, 0);
        stream.read_exact(&mut content[start..]).await?;
        if content.starts_with(b"hasty") {
            stream.write_all(b"stream: OK\0").await?;
            return stream.shutdown().await;
        }
    }
    let verdict: &[u8] = match content.as_slice() {
        found if found == eicar() => b"stream: Eicar-Test-Signature FOUND\0",
        b"break" => b"stream: Can't allocate memory ERROR\0",
        b"silence" => b"",
        b"OK" => b"stream: OK and more\0",
        _ => b"stream: OK\0",
    };
    stream.write_all(verdict).await?;
    stream.shutdown().await
}

async fn fake_clamd() -> SocketAddr {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    tokio::spawn(async move {
        while let Ok((stream, _)) = listener.accept().await {
            tokio::spawn(answer(stream));
        }
    });
    address
}

/// A server with this scanner, and a user.
async fn scanning(data: &Path, scanner: &str) -> (Server, Person) {
    add_people(data);
    let server = Server::start_with(data, "127.0.0.1:0", |command| command.args(["--scan", scanner]));
    let minsu = server.sign_in("minsu").await;
    (server, minsu)
}

/// Uploads, and returns the refusal if there is one.
async fn outcome(minsu: &Person, bytes: &[u8]) -> Result<(), String> {
    let id = minsu.begin("a.bin", bytes.len() as u64).await;
    let answer = minsu.append(id, "0", bytes.to_vec()).await;
    if answer.status() == 204 {
        assert_eq!(minsu.get(id).await.status(), 200);
        return Ok(());
    }
    let reason = header(&answer, "upload-refused").map(str::to_owned);
    let refusal = error(answer).await;
    assert_eq!(minsu.get(id).await.status(), 404, "nobody reads it, not even its sender");
    if refusal == "rejected" {
        assert_eq!(reason.as_deref(), Some("rejected"));
        assert_eq!(refused(minsu, id).await, (422, reason), "a client that lost the answer gets the reason");
        let again = minsu.append(id, "0", bytes.to_vec()).await;
        assert_eq!((again.status().as_u16(), error(again).await.as_str()), (422, "rejected"));
    } else {
        assert_eq!(reason, None);
    }
    Err(refusal)
}

/// The answer to `HEAD` for an upload: the status, and why it was refused.
async fn refused(person: &Person, id: FileId) -> (u16, Option<String>) {
    let answer = person.tus(Method::HEAD, &format!("/{id}")).send().await.unwrap();
    (answer.status().as_u16(), header(&answer, "upload-refused").map(str::to_owned))
}

#[tokio::test]
async fn who_lost_the_answer_learns_for_an_hour_why_an_upload_was_refused() {
    let directory = tempfile::tempdir().unwrap();
    let program = directory.path().join("scan.sh");
    std::fs::write(&program, "#!/bin/sh\nsleep 1\nexit 1\n").unwrap();
    std::fs::set_permissions(&program, std::fs::Permissions::from_mode(0o700)).unwrap();
    let stage = Stage::with(Policy { scanner: Some(Scanner::Program(program)), ..unlimited() }).await;
    let (minsu, younghee, _) = stage.pair().await;
    let id = minsu.begin("a.bin", 4).await;
    let request = minsu.tus(Method::PATCH, &format!("/{id}")).header("content-type", PART);
    let request = request.header("upload-offset", 0).body("evil").timeout(Duration::from_millis(200));
    assert!(request.send().await.unwrap_err().is_timeout(), "a proxy has less patience than the scanner needs");
    assert_eq!(refused(&minsu, id).await, (422, Some("rejected".to_owned())));
    assert_eq!(refused(&younghee, id).await, (404, None));
    assert_eq!(stage.messenger.files().used(minsu.actor()).await, Ok(0));
    assert_eq!(minsu.get(id).await.status(), 404);
    stage.sql("UPDATE refused_uploads SET refused_at = refused_at - 3600001").await;
    assert_eq!(refused(&minsu, id).await, (404, None));
    assert_eq!(outcome(&minsu, b"evil").await, Err("rejected".to_owned()));
    let kept = stage.sql_texts("SELECT lower(hex(id)) FROM refused_uploads").await;
    assert_eq!(kept.len(), 1, "the database forgets the first");
}

#[tokio::test]
async fn only_what_clamd_calls_clean_becomes_a_file() {
    let directory = tempfile::tempdir().unwrap();
    let data = directory.path().join("data");
    let clamd = fake_clamd().await;
    let (_server, minsu) = scanning(&data, &format!("clamd://{clamd}")).await;
    let too_long = vec![0; MAX_SCANNED_BYTES * 20];
    // This clamd answers after the first piece, and closes.
    let hasty = [&b"hasty"[..], &vec![0; MAX_SCANNED_BYTES * 50]].concat();
    for (bytes, expected) in [
        (&b"clean"[..], Ok(())),
        (&vec![1; MAX_SCANNED_BYTES], Ok(())),
        (&eicar(), Err("rejected")),
        (&too_long, Err("rejected")),
        (b"break", Err("unavailable")),
        (b"silence", Err("unavailable")),
        (b"OK", Err("unavailable")),
        (&hasty, Err("unavailable")),
    ] {
        assert_eq!(outcome(&minsu, bytes).await, expected.map_err(str::to_owned), "{} bytes", bytes.len());
    }
    assert_eq!(std::fs::read_dir(data.join("files/incoming")).unwrap().count(), 4, "what can be tried again stays");
}

#[tokio::test]
async fn without_its_scanner_no_upload_completes_and_with_it_again_the_same_one_does() {
    let directory = tempfile::tempdir().unwrap();
    let (data, socket) = (directory.path().join("data"), directory.path().join("clamd.sock"));
    let (_server, minsu) = scanning(&data, &format!("unix:{}", socket.display())).await;
    let id = minsu.begin("a.txt", 5).await;
    assert_eq!(error(minsu.append(id, "0", "clean").await).await, "unavailable");
    assert_eq!(minsu.get(id).await.status(), 404);
    let listener = UnixListener::bind(&socket).unwrap();
    tokio::spawn(async move {
        while let Ok((stream, _)) = listener.accept().await {
            tokio::spawn(answer(stream));
        }
    });
    assert_eq!(minsu.offset(id).await, (200, Some(5)));
    assert_eq!(minsu.get(id).await.text().await.unwrap(), "clean");
}

#[tokio::test]
async fn a_program_decides_by_its_exit_status() {
    let directory = tempfile::tempdir().unwrap();
    let (data, program) = (directory.path().join("data"), directory.path().join("scan.sh"));
    let script = "#!/bin/sh\nread line < \"$1\"\ncase $line in 0) ;; 1) echo Found.It; exit 1 ;; 9) kill -9 $$ ;; *) exit 2 ;; esac\n";
    std::fs::write(&program, script).unwrap();
    std::fs::set_permissions(&program, std::fs::Permissions::from_mode(0o700)).unwrap();
    let (_server, minsu) = scanning(&data, &format!("command:{}", program.display())).await;
    for (bytes, expected) in
        [("0\n", Ok(())), ("1\n", Err("rejected")), ("2\n", Err("unavailable")), ("9\n", Err("unavailable"))]
    {
        assert_eq!(outcome(&minsu, bytes.as_bytes()).await, expected.map_err(str::to_owned), "{bytes}");
    }
    std::fs::remove_file(&program).unwrap();
    assert_eq!(outcome(&minsu, b"0\n").await, Err("unavailable".to_owned()), "a program that is not there");
}

/// With clamd itself, where `DAEHWA_CLAMD` names one, such as `unix:/run/clamav/clamd.ctl`.
#[tokio::test]
async fn clamd_itself_finds_the_sample() {
    let Some(clamd) = std::env::var("DAEHWA_CLAMD").ok().filter(|_| is_long()) else { return };
    let directory = tempfile::tempdir().unwrap();
    let (_server, minsu) = scanning(&directory.path().join("data"), &clamd).await;
    assert_eq!(outcome(&minsu, b"clean").await, Ok(()));
    assert_eq!(outcome(&minsu, &eicar()).await, Err("rejected".to_owned()));
    // Longer than clamd's default StreamMaxLength of 25 MB.
    assert_eq!(outcome(&minsu, &vec![0; 30 * 1024 * 1024]).await, Err("rejected".to_owned()));
}

#[tokio::test]
async fn slow_files_of_one_person_do_not_hold_up_another() {
    let directory = tempfile::tempdir().unwrap();
    let scanner = Held::for_files(directory.path(), "held*");
    let stage = Stage::with(Policy { scanner: Some(scanner.setting()), ..unlimited() }).await;
    let (minsu, younghee, _) = stage.pair().await;
    let mut sending = Vec::new();
    for _ in 0..50 {
        let (minsu, id) = (minsu.clone(), minsu.begin("a", 4).await);
        sending.push(tokio::spawn(async move { minsu.append(id, "0", "held").await.status().as_u16() }));
    }
    scanner.is_asked().await;
    tokio::time::sleep(QUIET).await;
    let begun = Instant::now();
    younghee.upload("a", b"small").await;
    assert!(begun.elapsed() < Duration::from_secs(5), "{:?}", begun.elapsed());
    scanner.release();
    for sent in sending {
        assert_eq!(sent.await.unwrap(), 204);
    }
}
