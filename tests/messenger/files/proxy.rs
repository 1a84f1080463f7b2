//! Files through nginx, configured as in the README.

use std::{
    net::{SocketAddr, TcpListener},
    path::Path,
    process::{Child, Command, Stdio},
    time::{Duration, Instant},
};

use crate::{
    files::client::header,
    stage::{Person, Stage},
};

const README: &str = include_str!("../../../README.md");

struct Nginx {
    child: Child,
    address: SocketAddr,
}

impl Drop for Nginx {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// nginx with the README's lines in front of this server; `None` if nginx is not installed.
fn nginx(folder: &Path, server: SocketAddr) -> Option<Nginx> {
    let lines = README.split("```nginx\n").nth(1).unwrap().split("```").next().unwrap();
    let location = lines.replace("http://127.0.0.1:3000", &format!("http://{server}"));
    assert!(location.contains(&server.to_string()));
    let address = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    let folder = folder.display();
    let paths =
        ["client_body", "proxy", "fastcgi", "uwsgi", "scgi"].map(|name| format!("{name}_temp_path {folder}/{name};\n"));
    let configuration = format!(
        "daemon off;\nmaster_process off;\npid {folder}/nginx.pid;\nerror_log {folder}/error.log;\nevents {{}}\n\
         http {{\naccess_log off;\n{}\nproxy_cache_path {folder}/cache keys_zone=files:1m;\nproxy_cache files;\n\
         proxy_cache_valid 200 206 304 404 1h;\nadd_header x-cache $upstream_cache_status always;\n\
         map $http_upgrade $connection_upgrade {{ '' ''; default upgrade; }}\n\
         server {{\nlisten {address};\n{location}\n}}\n}}\n",
        paths.concat()
    );
    let file = format!("{folder}/nginx.conf");
    std::fs::write(&file, configuration).unwrap();
    let child = Command::new("nginx").args(["-c", &file]).stderr(Stdio::null()).spawn().ok()?;
    let nginx = Nginx { child, address };
    let begun = Instant::now();
    while std::net::TcpStream::connect(address).is_err() {
        assert!(
            begun.elapsed() < Duration::from_secs(20),
            "nginx listens: {}",
            std::fs::read_to_string(format!("{folder}/error.log")).unwrap_or_default()
        );
        std::thread::sleep(Duration::from_millis(20));
    }
    Some(nginx)
}

#[tokio::test]
async fn uploads_pass_the_readmes_proxy_and_no_cache_keeps_a_file() {
    let stage = Stage::new().await;
    let (minsu, younghee, _) = stage.pair().await;
    let folder = tempfile::tempdir().unwrap();
    let Some(nginx) = nginx(folder.path(), stage.address) else {
        println!("there is no nginx here: not tested");
        return;
    };
    let [minsu, younghee] = [minsu, younghee].map(|person| Person { address: nginx.address, ..person });
    // More than nginx's default limit of one MiB.
    let content: Vec<u8> = (0..5_000_000_u32).map(|n| (n % 249) as u8).collect();
    let id = minsu.begin("예산.hwp", content.len() as u64).await;
    for (from, until) in [(0, 3_000_000), (3_000_000, 5_000_000)] {
        assert_eq!(minsu.append(id, &from.to_string(), content[from..until].to_vec()).await.status(), 204);
    }
    for _ in 0..2 {
        let answer = minsu.get(id).await;
        assert_ne!(header(&answer, "x-cache"), Some("HIT"));
        assert!(answer.bytes().await.unwrap() == content);
        assert_eq!(younghee.get(id).await.status(), 404);
    }
}

#[test]
fn the_readmes_proxy_waits_longer_than_the_scanner() {
    let rest = README.split("proxy_read_timeout ").nth(1).unwrap();
    let seconds: u64 = rest.split("s;").next().unwrap().parse().unwrap();
    // After the scanner the child process examines the file, twice at most, and the file is hashed or sent to a bucket.
    assert!(Duration::from_secs(seconds) >= server::files::SCANNING + Duration::from_secs(60));
}
