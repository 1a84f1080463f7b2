//! The start of a server with a bucket: what it refuses, and who owns the bucket.

use std::os::unix::fs::PermissionsExt;

use crate::{
    daemon::{Server, add_people, daehwa},
    files::{
        bucket::{BucketScene, in_bucket, refused, started},
        s3_server::S3Server,
        tls::certificate,
    },
    stage::Person,
};

#[tokio::test]
async fn a_bucket_that_cannot_be_used_is_reported_at_the_start_in_the_words_of_an_operator() {
    let (s3, directory) = (S3Server::start(), tempfile::tempdir().unwrap());
    let data = directory.path().join("data");
    for (url, changed, english, korean) in [
        (
            "s3://chat",
            ("AWS_ACCESS_KEY_ID", ""),
            "the environment has no AWS_ACCESS_KEY_ID",
            "환경 변수 AWS_ACCESS_KEY_ID 값이 없습니다",
        ),
        ("s3://chat", ("AWS_SECRET_ACCESS_KEY", ""), "no AWS_SECRET_ACCESS_KEY", "AWS_SECRET_ACCESS_KEY 값이 없습니다"),
        (
            "s3://chat",
            ("AWS_ENDPOINT_URL", "minio:9000"),
            "AWS_ENDPOINT_URL is invalid",
            "AWS_ENDPOINT_URL 값이 잘못되었습니다",
        ),
        (
            "s3://chat",
            ("AWS_ENDPOINT_URL", "http://127.0.0.1:1"),
            "http://127.0.0.1:1 cannot be reached: ",
            "http://127.0.0.1:1에 연결할 수 없습니다",
        ),
        (
            "s3://chat",
            ("AWS_SECRET_ACCESS_KEY", "a guess"),
            "refuses access (SignatureDoesNotMatch)",
            "접근을 거부했습니다(SignatureDoesNotMatch)",
        ),
        (
            "s3://chatter",
            ("AWS_SESSION_TOKEN", ""),
            "s3://chatter: there is no such bucket",
            "s3://chatter: 없는 버킷입니다",
        ),
    ] {
        for (language, expected) in [("en_US.UTF-8", english), ("ko_KR.UTF-8", korean)] {
            let mut command = daehwa(&data);
            let command = command.envs(s3.environment()).env(changed.0, changed.1).env("LC_ALL", language);
            let printed = refused(command.args(["--files", url]));
            // Log lines may precede it.
            assert!(printed.lines().last().unwrap().contains(expected), "{printed}");
            assert!(!printed.contains("a guess"));
        }
    }
    let printed = refused(daehwa(&data).args(["--files", "https://chat"]));
    assert!(printed.contains("expected s3://BUCKET or s3://BUCKET/PREFIX"), "{printed}");
    s3.objects().is_read_only = true;
    assert!(refused(in_bucket(&s3, &mut daehwa(&data))).contains("SlowDown"));
}

#[tokio::test]
async fn a_store_with_tls_is_trusted_by_its_certificate() {
    let (s3, directory) = (S3Server::start_with_tls(), tempfile::tempdir().unwrap());
    let data = directory.path().join("data");
    add_people(&data);
    let printed = refused(in_bucket(&s3, &mut daehwa(&data)));
    assert!(printed.contains("cannot be reached") && printed.contains("certificate"), "{printed}");
    let server =
        Server::start_with(&data, "127.0.0.1:0", |command| in_bucket(&s3, command).env("SSL_CERT_FILE", certificate()));
    let minsu = server.sign_in("minsu").await;
    let file = minsu.upload("a.txt", b"over TLS").await;
    assert_eq!(minsu.get(file).await.text().await.unwrap(), "over TLS");
    assert!(s3.holds(b"over TLS"));
}

#[tokio::test]
async fn a_bucket_belongs_to_one_data_directory_and_a_directory_to_one_bucket() {
    let mut scene = BucketScene::start().await;
    let (_, file) = scene.share("a.txt", b"mine").await;
    // A server on a copy of the database, such as one for a test, would remove files that are newer than the copy.
    let other = scene.data.with_file_name("other");
    add_people(&other);
    let printed = refused(in_bucket(&scene.s3, &mut daehwa(&other)));
    assert!(
        printed.contains("has the files of another data directory") && printed.contains("daehwa-owner"),
        "{printed}"
    );
    assert_eq!(scene.minsu.get(file).await.text().await.unwrap(), "mine");
    scene.server.child.kill().unwrap();
    scene.server.child.wait().unwrap();
    let printed = refused(&mut daehwa(&scene.data));
    assert!(printed.contains("use --files s3://chat/office"), "{printed}");
    let printed = refused(daehwa(&scene.data).envs(scene.s3.environment()).args(["--files", "s3://chat/new"]));
    assert!(printed.contains("use --files s3://chat/office"), "{printed}");
    let (data, environment) = (&scene.data, scene.s3.environment());
    for args in [["check", "--files"], ["backup", "/nowhere/copy.db"]] {
        let output = daehwa(data).envs(environment.clone()).args(args).output().unwrap();
        assert!(!output.status.success(), "{args:?}");
    }
    let server = started(&scene.s3, &scene.data);
    let minsu = Person { address: server.address, ..scene.minsu };
    assert_eq!(minsu.get(file).await.text().await.unwrap(), "mine");
}

#[tokio::test]
async fn files_on_the_disk_are_copied_before_a_server_changes_to_a_bucket() {
    let (s3, directory) = (S3Server::start(), tempfile::tempdir().unwrap());
    let data = directory.path().join("data");
    add_people(&data);
    let server = Server::start(&data);
    let minsu = server.sign_in("minsu").await;
    let file = minsu.upload("a.txt", b"before the bucket").await;
    server.kill();
    let printed = refused(in_bucket(&s3, daehwa(&data).env("LC_ALL", "ko_KR.UTF-8")));
    assert!(printed.contains("파일 1개가 아직 이 버킷에 없습니다"), "{printed}");
    assert!(s3.objects().kept.is_empty(), "the bucket is nobody's yet");
    for folder in std::fs::read_dir(data.join("files")).unwrap().map(|entry| entry.unwrap().path()) {
        let name = folder.file_name().unwrap().to_str().unwrap().to_owned();
        if name.len() == 2 {
            for file in std::fs::read_dir(&folder).unwrap().map(|entry| entry.unwrap()) {
                let key = format!("office/{name}/{}", file.file_name().to_str().unwrap());
                s3.objects().kept.insert(key, std::fs::read(file.path()).unwrap());
            }
            std::fs::remove_dir_all(folder).unwrap();
        }
    }
    let server = started(&s3, &data);
    let minsu = Person { address: server.address, ..minsu };
    assert_eq!(minsu.get(file).await.text().await.unwrap(), "before the bucket");
}

#[tokio::test]
async fn the_scanner_of_files_does_not_know_the_secret() {
    let (s3, directory) = (S3Server::start(), tempfile::tempdir().unwrap());
    let (data, scanner) = (directory.path().join("data"), directory.path().join("scanner"));
    std::fs::write(&scanner, "#!/bin/sh\n[ -n \"$AWS_ACCESS_KEY_ID\" ] && [ -z \"$AWS_SECRET_ACCESS_KEY\" ]\n")
        .unwrap();
    std::fs::set_permissions(&scanner, std::fs::Permissions::from_mode(0o700)).unwrap();
    add_people(&data);
    let server = Server::start_with(&data, "127.0.0.1:0", |command| {
        in_bucket(&s3, command).args(["--scan", &format!("command:{}", scanner.display())])
    });
    let minsu = server.sign_in("minsu").await;
    minsu.upload("a.txt", b"clean").await;
}
