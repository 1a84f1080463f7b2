//! F7: small files that expand to large ones. Each can only end its own child process; the server is not affected.

use std::{
    io::Read,
    os::unix::fs::PermissionsExt,
    path::Path,
    process::{Command, Stdio},
    time::{Duration, Instant},
};

use image::ImageFormat::{Gif, Jpeg, Png};
use server::files::{Examined, Examiner, Metadata, Results};

use crate::{
    daemon::{Scene, daehwa},
    samples::{
        containers::{archive, compound, hwp, hwpx},
        metadata::{exif, phone_jpeg, profile},
        pictures::{encoded, quarters},
    },
    torture::row,
};

/// How much the server's resident memory may grow, in KiB.
const GROWTH: u64 = 16 * 1024;

/// A PNG whose header claims 65,535 pixels a side, with a valid checksum.
fn vast_png() -> Vec<u8> {
    let mut bytes = encoded(quarters(16, 16), Png);
    bytes[16..24].copy_from_slice(&[0, 0, 0xff, 0xff, 0, 0, 0xff, 0xff]);
    let crc = crc32fast::hash(&bytes[12..29]).to_be_bytes();
    bytes[29..33].copy_from_slice(&crc);
    bytes
}

/// A GIF of a million frames of the largest size of the format, with a small or a vast screen.
fn endless_gif(side: u16) -> Vec<u8> {
    let mut bytes = encoded(quarters(16, 16), Gif);
    bytes[6..10].copy_from_slice(&[side.to_le_bytes(), side.to_le_bytes()].concat());
    bytes.pop();
    let frame = [&b"\x2c\0\0\0\0\xff\xff\xff\xff\0\x02"[..], b"\x02\x4c\x01\0"].concat();
    bytes.extend(frame.repeat(1_000_000));
    bytes
}

/// An HWPX whose picture unpacks to 256 MiB.
fn bomb_hwpx() -> Vec<u8> {
    hwpx(&[("Preview/PrvImage.png", &vec![0; 256 * 1024 * 1024])])
}

/// An HWPX with 60,000 entries over the same bytes, as in the successors of 42.zip.
fn overlapping_zip() -> Vec<u8> {
    let one = archive(&[("Preview/PrvImage.png", &[0; 4096])]);
    let directory_at = memchr::memmem::find(&one, b"PK\x01\x02").unwrap();
    let end_at = memchr::memmem::find(&one, b"PK\x05\x06").unwrap();
    let entry = &one[directory_at..end_at];
    let mut end = one[end_at..].to_vec();
    let count: u16 = 60_000;
    end[8..10].copy_from_slice(&count.to_le_bytes());
    end[10..12].copy_from_slice(&count.to_le_bytes());
    end[12..16].copy_from_slice(&(u32::from(count) * entry.len() as u32).to_le_bytes());
    [&one[..directory_at], &entry.repeat(usize::from(count)), &end].concat()
}

/// An OLE file in which every sector's successor is itself.
fn looping_ole() -> Vec<u8> {
    let mut bytes = hwp(&[("PrvImage", &vec![7; 300_000])]);
    let sector = 1 << bytes[0x1e];
    let table = u32::from_le_bytes(bytes[0x4c..0x50].try_into().unwrap()) as usize;
    let table_at = (table + 1) * sector;
    for number in 0..sector / 4 {
        let at = table_at + 4 * number;
        if u32::from_le_bytes(bytes[at..at + 4].try_into().unwrap()) < 0xffff_fffa {
            bytes[at..at + 4].copy_from_slice(&(number as u32).to_le_bytes());
        }
    }
    bytes
}

/// A PDF with a hundred thousand nested arrays, in its page and in its content.
fn deep_pdf() -> Vec<u8> {
    let deep = "[".repeat(100_000) + &"]".repeat(100_000);
    let groups = "q ".repeat(200_000);
    format!(
        "%PDF-1.4\n1 0 obj\n<< /Type /Catalog /Pages 2 0 R >>\nendobj\n\
         2 0 obj\n<< /Type /Pages /Kids [3 0 R 2 0 R] /Count 2 /Parent 2 0 R >>\nendobj\n\
         3 0 obj\n<< /Type /Page /Parent 2 0 R /MediaBox [0 0 600 800] /Annots {deep} /Contents 4 0 R >>\nendobj\n\
         4 0 obj\n<< /Length {} >>\nstream\n{groups}{deep} TJ\nendstream\nendobj\ntrailer\n<< /Root 1 0 R >>\n",
        groups.len() + deep.len() + 4
    )
    .into_bytes()
}

/// A PDF whose form draws itself twice, recursively.
fn endless_pdf() -> Vec<u8> {
    b"%PDF-1.4\n1 0 obj\n<< /Type /Catalog /Pages 2 0 R >>\nendobj\n2 0 obj\n<< /Type /Pages /Kids [3 0 R] /Count 1 >>\nendobj\n\
      3 0 obj\n<< /Type /Page /Parent 2 0 R /MediaBox [0 0 600 800] /Contents 4 0 R /Resources << /XObject << /A 5 0 R >> >> >>\nendobj\n\
      4 0 obj\n<< /Length 5 >>\nstream\n/A Do\nendstream\nendobj\n\
      5 0 obj\n<< /Type /XObject /Subtype /Form /BBox [0 0 600 800] /Length 11 /Resources << /XObject << /A 5 0 R >> >> >>\nstream\n/A Do /A Do\nendstream\nendobj\n\
      trailer\n<< /Root 1 0 R >>\n"
        .to_vec()
}

#[tokio::test]
async fn a_bomb_ends_its_child_alone() {
    let scene = Scene::start().await;
    let [minsu, _] = &scene.people;
    // The memory that the first upload needs does not count.
    minsu.upload("a.png", &encoded(quarters(1000, 1000), Png)).await;
    let before = scene.server.peak();
    for (name, bytes, kind) in [
        ("vast.png", vast_png(), "image/png"),
        ("screen.gif", endless_gif(65_535), "image/gif"),
        ("frames.gif", endless_gif(16), "image/gif"),
        ("bomb.hwpx", bomb_hwpx(), "application/hwp+zip"),
        ("overlapping.hwpx", overlapping_zip(), "application/zip"),
        ("loop.hwp", looping_ole(), "application/x-hwp"),
        ("deep.pdf", deep_pdf(), "application/pdf"),
        ("endless.pdf", endless_pdf(), "application/pdf"),
        ("many.hwp", compound(&[("a", &[0; 10])]).repeat(50), "application/x-ole-storage"),
    ] {
        let begun = Instant::now();
        let id = minsu.upload(name, &bytes).await;
        assert_eq!(minsu.get(id).await.headers()["content-type"], kind, "{name}");
        assert!(begun.elapsed() < Duration::from_secs(30), "{name} takes {:?}", begun.elapsed());
    }
    // The peak between two measurements counts, too. The kernel counts per thread and may report a little less later.
    let growth = scene.server.peak().saturating_sub(before);
    assert!(growth <= GROWTH, "the server grew by {growth} KiB");
    row("nine bombs", "each is a file, the server grows by 16 MiB at most", &format!("{growth} KiB"));
}

#[test]
fn a_child_limits_itself_before_it_reads() {
    // More than a pipe buffers, so that the child process waits for its parent.
    let noise = image::RgbImage::from_fn(700, 700, |x, y| {
        image::Rgb([x, y, x * y].map(|n| (n.wrapping_mul(2_654_435_761) >> 13) as u8))
    });
    let picture = phone_jpeg(&encoded(noise, Jpeg), &exif(1, true), &profile(548));
    assert!(picture.len() > 200_000);
    let mut file = tempfile::tempfile().unwrap();
    std::io::Write::write_all(&mut file, &picture).unwrap();
    let mut child = daehwa(Path::new("/nowhere/data"))
        .current_dir("/")
        .arg("preview")
        .stdin(file)
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let mut first = [0];
    child.stdout.as_mut().unwrap().read_exact(&mut first).unwrap();
    let limits = std::fs::read_to_string(format!("/proc/{}/limits", child.id())).unwrap();
    let soft = |name: &str| {
        let line = limits.lines().find_map(|line| line.strip_prefix(name)).unwrap();
        line.split_whitespace().next().unwrap().to_owned()
    };
    assert_eq!(soft("Max address space"), (512 * 1024 * 1024).to_string());
    assert_eq!(soft("Max cpu time"), "5");
    for name in ["Max open files", "Max file size", "Max core file size"] {
        assert_eq!(soft(name), "0", "{name}");
    }
    child.kill().unwrap();
    child.wait().unwrap();
}

/// The examiner's result for a child process that prints this and then sleeps.
async fn examine(script: &str) -> (Examined, Duration, String) {
    let folder = tempfile::tempdir().unwrap();
    let path = |name: &str| folder.path().join(name);
    let own_id = path("pid");
    std::fs::write(path("program"), format!("#!/bin/sh\necho $$ > {}\n{script}", own_id.display())).unwrap();
    std::fs::set_permissions(path("program"), std::fs::Permissions::from_mode(0o700)).unwrap();
    std::fs::write(path("file"), "x").unwrap();
    let examiner = Examiner::new(path("program")).with_timeout(Duration::from_secs(2));
    let begun = Instant::now();
    let results = Results { cleaned: &path("cleaned"), preview: &path("preview"), admit: &|_| Ok(()) };
    let examined = examiner.examine(&path("file"), false, results).await.unwrap();
    let pid = std::fs::read_to_string(own_id).unwrap().trim().to_owned();
    (examined, begun.elapsed(), pid)
}

#[tokio::test]
async fn a_child_that_does_not_end_or_lies_is_ended() {
    const KIND: &str = r#"{"media_type":"image/png","cleaned":null}"#;
    const UNKNOWN: &str = "application/octet-stream";
    for (script, media_type) in [
        ("exec sleep 600".to_owned(), UNKNOWN),
        (format!("echo '{KIND}'\nexec sleep 600"), "image/png"),
        ("exec yes".into(), UNKNOWN),
        ("exec cat /dev/zero".into(), UNKNOWN),
        ("exit 1".into(), UNKNOWN),
        // Some shells' `echo` would write the end of a line itself, which is no JSON.
        (r#"printf '%s\n' '{"media_type":"text/html\r\nx: y","cleaned":null}'"#.into(), UNKNOWN),
        (r#"echo '{"media_type":"image/png","cleaned":99999999999}'; exec yes"#.into(), UNKNOWN),
        (
            format!(
                r#"echo '{KIND}'; echo '{{"preview":{{"media_type":"text/html","size":{{"width":1,"height":1}},"length":1}}}}'; echo x"#
            ),
            "image/png",
        ),
        (
            format!(
                r#"echo '{KIND}'; echo '{{"preview":{{"media_type":"image/png","size":{{"width":1,"height":1}},"length":99999999}}}}'; exec yes"#
            ),
            "image/png",
        ),
    ] {
        let (examined, took, pid) = examine(&script).await;
        assert_eq!((examined.media_type.as_str(), examined.preview), (media_type, None), "{script}");
        assert!(took < Duration::from_secs(10), "{script}: {took:?}");
        let is_there = Command::new("kill").args(["-0", &pid]).stderr(Stdio::null()).status().unwrap().success();
        assert!(!is_there, "{script}: it is still there");
    }
}

#[tokio::test]
async fn a_child_knows_nothing_of_the_servers_environment() {
    let folder = tempfile::tempdir().unwrap();
    let known = folder.path().join("known");
    examine(&format!("env > {}", known.display())).await;
    let known = std::fs::read_to_string(known).unwrap();
    // What a shell sets by itself.
    let is_of_shell = |name: &str| ["PWD", "OLDPWD", "SHLVL", "_"].contains(&name);
    let names = known.lines().filter_map(|line| line.split_once('=')).map(|(name, _)| name);
    assert_eq!(names.filter(|name| !is_of_shell(name)).collect::<Vec<_>>(), [""; 0], "{known}");
}

#[tokio::test]
async fn two_children_run_at_once_and_the_others_wait() {
    let folder = tempfile::tempdir().unwrap();
    let path = |name: &str| folder.path().join(name);
    let log = path("log");
    let script = format!("#!/bin/sh\necho begun >> {0}\nsleep 0.2\necho ended >> {0}\n", log.display());
    std::fs::write(path("program"), script).unwrap();
    std::fs::set_permissions(path("program"), std::fs::Permissions::from_mode(0o700)).unwrap();
    std::fs::write(path("file"), "x").unwrap();
    let (examiner, file) = (Examiner::new(path("program")), path("file"));
    let results = Results { cleaned: &path("cleaned"), preview: &path("preview"), admit: &|_| Ok(()) };
    futures::future::try_join_all((0..8).map(|_| examiner.examine(&file, false, results))).await.unwrap();
    let (mut running, mut most) = (0_i32, 0);
    for line in std::fs::read_to_string(log).unwrap().lines() {
        running += if line == "begun" { 1 } else { -1 };
        most = most.max(running);
    }
    assert_eq!((running, most), (0, 2));
}

#[tokio::test]
async fn a_copy_that_a_killed_server_left_is_replaced_and_not_written_into() {
    use std::os::unix::fs::MetadataExt;
    let folder = tempfile::tempdir().unwrap();
    let path = |name: &str| folder.path().join(name);
    std::fs::write(path("file"), phone_jpeg(&encoded(quarters(64, 48), Jpeg), &exif(1, true), &profile(548))).unwrap();
    // Each copy had become a blob, which another file names now.
    for name in ["cleaned", "preview"] {
        std::fs::write(path(name), name).unwrap();
        std::fs::hard_link(path(name), path(&format!("blob of {name}"))).unwrap();
    }
    let examiner = Examiner::new(daehwa(Path::new("/nowhere/data")).get_program().into());
    let results = Results { cleaned: &path("cleaned"), preview: &path("preview"), admit: &|_| Ok(()) };
    let examined = examiner.examine(&path("file"), false, results).await.unwrap();
    assert!(examined.metadata == Metadata::Removed && examined.preview.is_some());
    for name in ["cleaned", "preview"] {
        assert_eq!(std::fs::read_to_string(path(&format!("blob of {name}"))).unwrap(), name);
        assert_eq!(std::fs::metadata(path(name)).unwrap().mode() & 0o777, 0o600);
    }
}

#[tokio::test]
async fn a_disk_without_room_gets_no_copy() {
    let folder = tempfile::tempdir().unwrap();
    let path = |name: &str| folder.path().join(name);
    std::fs::write(path("file"), phone_jpeg(&encoded(quarters(64, 48), Jpeg), &exif(1, true), &profile(548))).unwrap();
    let examiner = Examiner::new(daehwa(Path::new("/nowhere/data")).get_program().into());
    let admit = |_: u64| -> std::io::Result<()> { Err(std::io::ErrorKind::StorageFull.into()) };
    let results = Results { cleaned: &path("cleaned"), preview: &path("preview"), admit: &admit };
    let full = examiner.examine(&path("file"), false, results).await.unwrap_err();
    assert_eq!(full.kind(), std::io::ErrorKind::StorageFull);
    assert!(!path("cleaned").exists());
}
