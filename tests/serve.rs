//! `backfile serve`, with real requests.

use std::fs;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpStream;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use acceptance::command::program;
use tempfile::TempDir;

/// A server that ends with the test.
struct Serving {
    child: Child,
    address: String,
}

impl Drop for Serving {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

struct Answer {
    status: u16,
    head: String,
    body: Vec<u8>,
}

impl Answer {
    fn header(&self, name: &str) -> &str {
        let lines = self.head.lines().filter_map(|line| line.split_once(": "));
        let mut values = lines.filter(|(its, _)| its.eq_ignore_ascii_case(name));
        values.next().map_or("", |(_, value)| value)
    }
}

fn serve(folder: &Path, more: &[&str]) -> Serving {
    let mut command = program();
    command
        .arg("serve")
        .arg(folder)
        .args(["--port", "0"])
        .args(more);
    command.stderr(Stdio::null());
    Serving::start(command)
}

impl Serving {
    /// Waits until it has a port.
    fn start(mut command: Command) -> Serving {
        let mut child = command.stdout(Stdio::piped()).spawn().unwrap();
        let mut line = String::new();
        let mut out = BufReader::new(child.stdout.take().unwrap());
        out.read_line(&mut line).unwrap();
        let address = line
            .trim()
            .trim_start_matches("http://")
            .trim_end_matches('/');
        assert!(address.starts_with("127.0.0.1:"), "{line}");
        let address = address.to_owned();
        Serving { child, address }
    }

    fn ask(&self, method: &str, path: &str, headers: &str) -> Answer {
        let mut stream = TcpStream::connect(&self.address).unwrap();
        let request =
            format!("{method} {path} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n{headers}\r\n");
        stream.write_all(request.as_bytes()).unwrap();
        let mut answer = Vec::new();
        stream.read_to_end(&mut answer).unwrap();
        let end = answer
            .windows(4)
            .position(|four| four == b"\r\n\r\n")
            .unwrap();
        let head = String::from_utf8(answer[..end].to_vec()).unwrap();
        let status = head.split(' ').nth(1).unwrap().parse().unwrap();
        Answer {
            status,
            head,
            body: answer[end + 4..].to_vec(),
        }
    }

    fn get(&self, path: &str) -> Answer {
        self.ask("GET", path, "")
    }
}

fn site() -> TempDir {
    let folder = tempfile::tempdir().unwrap();
    let site = folder.path().join("site");
    fs::create_dir_all(site.join("backfile")).unwrap();
    fs::create_dir_all(site.join("2024")).unwrap();
    fs::write(folder.path().join("secret.txt"), "secret").unwrap();
    let files = [
        ("index.html", "<p>首页"),
        ("404.html", "<p>没有"),
        ("2024/index.html", "<p>2024"),
        ("engine.wasm", "\0asm"),
        ("backfile/manifest.bf", "0123456789"),
        ("a.json", "{}"),
        ("feed.xml", "<a/>"),
        ("a.txt", "字"),
        ("page.mjs", "1"),
        ("汉字.html", "汉"),
    ];
    for (name, text) in files {
        fs::write(site.join(name), text).unwrap();
    }
    folder
}

#[test]
fn types_are_right() {
    let folder = site();
    let serving = serve(&folder.path().join("site"), &[]);
    let cases = [
        ("/", "text/html; charset=utf-8"),
        ("/2024/", "text/html; charset=utf-8"),
        ("/engine.wasm", "application/wasm"),
        ("/backfile/manifest.bf", "application/octet-stream"),
        ("/a.json", "application/json; charset=utf-8"),
        ("/feed.xml", "text/xml; charset=utf-8"),
        ("/a.txt", "text/plain; charset=utf-8"),
        ("/page.mjs", "application/javascript; charset=utf-8"),
        ("/%E6%B1%89%E5%AD%97.html", "text/html; charset=utf-8"),
    ];
    for (path, expected) in cases {
        let answer = serving.get(path);
        assert_eq!(answer.status, 200, "{path}");
        assert_eq!(answer.header("content-type"), expected, "{path}");
        assert_eq!(answer.header("cache-control"), "no-cache", "{path}");
        assert_eq!(answer.header("content-encoding"), "", "{path}");
    }
    assert_eq!(serving.get("/2024").header("location"), "/2024/");
}

#[test]
fn ranges_and_heads_and_validators() {
    let folder = site();
    let serving = serve(&folder.path().join("site"), &[]);
    let path = "/backfile/manifest.bf";
    let range = |range: &str| serving.ask("GET", path, &format!("Range: bytes={range}\r\n"));
    for (asked, content_range, body) in [
        ("2-4", "bytes 2-4/10", "234"),
        ("7-", "bytes 7-9/10", "789"),
        ("-2", "bytes 8-9/10", "89"),
        ("8-99", "bytes 8-9/10", "89"),
    ] {
        let answer = range(asked);
        assert_eq!(answer.status, 206, "{asked}");
        assert_eq!(answer.header("content-range"), content_range);
        assert_eq!(answer.body, body.as_bytes());
    }
    assert_eq!(range("10-").status, 416);
    let whole = range("0-1,4-5");
    assert_eq!((whole.status, whole.body.len()), (200, 10));

    let head = serving.ask("HEAD", path, "");
    assert_eq!(
        (head.status, head.header("content-length"), head.body.len()),
        (200, "10", 0)
    );
    assert_eq!(head.header("accept-ranges"), "bytes");
    let modified = head.header("last-modified");
    let again = serving.ask("GET", path, &format!("If-Modified-Since: {modified}\r\n"));
    assert_eq!((again.status, again.body.len()), (304, 0));
    let tag = head.header("etag");
    assert!(!tag.is_empty());
    let again = serving.ask("GET", path, &format!("If-None-Match: {tag}\r\n"));
    assert_eq!(again.status, 304);
    assert_eq!(
        serving.ask("POST", path, "Content-Length: 0\r\n").status,
        405
    );
}

#[test]
fn nothing_outside_of_the_folder_is_served() {
    let folder = site();
    let serving = serve(&folder.path().join("site"), &[]);
    let paths = [
        "/../secret.txt",
        "/%2e%2e/secret.txt",
        "/..%2fsecret.txt",
        "/2024/../../secret.txt",
        "/2024/..%5c..%5csecret.txt",
        "//../secret.txt",
        "/./../secret.txt",
        "/%00",
        "/etc/passwd",
        "//etc/passwd",
    ];
    for path in paths {
        let answer = serving.get(path);
        assert!(
            answer.status == 404 || answer.status == 400,
            "{path}: {}",
            answer.status
        );
        assert!(
            !answer.body.windows(6).any(|part| part == b"secret"),
            "{path}"
        );
    }
    let answer = serving.get("/missing");
    assert_eq!(
        (answer.status, answer.body.as_slice()),
        (404, "<p>没有".as_bytes())
    );
}

#[test]
fn what_cannot_be_served_is_said() {
    let folder = site();
    let site = folder.path().join("site");
    let serving = serve(&site, &[]);
    let port = serving.address.rsplit(':').next().unwrap();
    let run = |arguments: &[&str]| {
        let output = program()
            .current_dir(&site)
            .arg("serve")
            .args(arguments)
            .output()
            .unwrap();
        (
            output.status.code(),
            String::from_utf8(output.stderr).unwrap(),
        )
    };
    let (code, error) = run(&[".", "--port", port]);
    assert_eq!(code, Some(1));
    assert!(
        error.contains(&format!("127.0.0.1:{port}: cannot listen")),
        "{error}"
    );
    assert!(error.contains("hint: "), "{error}");
    let (code, error) = run(&["nowhere"]);
    assert_eq!(
        (code, error.as_str()),
        (Some(1), "error: nowhere: there is no such file or folder\n")
    );
    let (code, error) = run(&["index.html"]);
    assert_eq!(code, Some(1));
    assert!(error.contains("is a file"), "{error}");
    assert_eq!(run(&[".", "--", "--title", "x"]).0, Some(2));
}

/// Another server of the folder, without a port of its own.
fn serve_anywhere(folder: &Path) -> Serving {
    let mut command = program();
    command.arg("serve").arg(folder);
    Serving::start(command)
}

#[test]
fn the_next_free_port_is_taken() {
    let folder = site();
    let site = folder.path().join("site");
    // Whoever has it, it is taken.
    let _taken = std::net::TcpListener::bind("127.0.0.1:8000");
    let (one, other) = (serve_anywhere(&site), serve_anywhere(&site));
    assert_ne!(one.address, other.address);
    for serving in [one, other] {
        assert_ne!(serving.address, "127.0.0.1:8000");
        assert_eq!(serving.get("/a.txt").body, "字".as_bytes());
    }
}

/// A browser keeps connections, and one that has stopped reading in the middle of a large file keeps its answer under
/// way.
#[cfg(unix)]
#[test]
fn ctrl_c_ends_it_whoever_is_connected() {
    let folder = site();
    let site = folder.path().join("site");
    let large = fs::File::create(site.join("large.bf")).unwrap();
    large.set_len(256 << 20).unwrap();
    let mut command = program();
    command.arg("serve").arg(&site).args(["--port", "0"]);
    command.stderr(Stdio::piped());
    let mut serving = Serving::start(command);
    let ask = |path: &str| {
        let mut stream = TcpStream::connect(&serving.address).unwrap();
        let request = format!("GET {path} HTTP/1.1\r\nHost: x\r\n\r\n");
        stream.write_all(request.as_bytes()).unwrap();
        stream.read_exact(&mut [0; 12]).unwrap();
        stream
    };
    let _connections = [ask("/a.txt"), ask("/large.bf")];
    let interrupted = Command::new("kill")
        .args(["-INT", &serving.child.id().to_string()])
        .status();
    assert!(interrupted.unwrap().success());
    let started = std::time::Instant::now();
    let status = loop {
        if let Some(status) = serving.child.try_wait().unwrap() {
            break status;
        }
        assert!(started.elapsed() < Duration::from_secs(20), "it goes on");
        std::thread::sleep(Duration::from_millis(20));
    };
    assert_eq!(status.code(), Some(0));
    let mut said = String::new();
    let mut out = serving.child.stderr.take().unwrap();
    out.read_to_string(&mut said).unwrap();
    assert_eq!(said.lines().last(), Some("stopped"), "{said}");
}

/// Asks until the answer is another; a machine may be slow, so only silence ends it.
fn manifest_other_than(serving: &Serving, before: &[u8]) -> Vec<u8> {
    for _ in 0..6000 {
        let answer = serving.get("/backfile/manifest.bf");
        if answer.status == 200 && answer.body != before {
            return answer.body;
        }
        std::thread::sleep(Duration::from_millis(100));
    }
    panic!("no other archive came");
}

#[test]
fn changed_pages_are_built_again() {
    let folder = tempfile::tempdir().unwrap();
    let pages = folder.path().join("pages");
    fs::create_dir_all(pages.join("2024-01-12")).unwrap();
    fs::write(pages.join("2024-01-12/01.txt"), "大桥通车").unwrap();
    let site = folder.path().join("site");
    let pages = pages.to_str().unwrap();
    let serving = serve(&site, &["--watch", pages, "--", "--title", "试"]);
    let first = manifest_other_than(&serving, b"");
    fs::write(Path::new(pages).join("2024-01-12/02.txt"), "水库放水").unwrap();
    let second = manifest_other_than(&serving, &first);
    // What cannot be built leaves what is there, and does not end the watch.
    let broken = Path::new(pages).join("2024-01-12/03.jsonl");
    fs::write(&broken, "{").unwrap();
    std::thread::sleep(Duration::from_secs(2));
    assert_eq!(serving.get("/backfile/manifest.bf").body, second);
    fs::remove_file(broken).unwrap();
    fs::write(Path::new(pages).join("2024-01-12/04.txt"), "晚稻入库").unwrap();
    manifest_other_than(&serving, &second);
}

/// A folder that is being copied is built when it is there, not file by file.
#[test]
fn quick_changes_are_one_build() {
    let folder = tempfile::tempdir().unwrap();
    let pages = folder.path().join("pages");
    fs::create_dir_all(&pages).unwrap();
    fs::write(pages.join("1.txt"), "大桥通车").unwrap();
    let said = folder.path().join("said.txt");
    let mut command = program();
    command.arg("serve").arg(folder.path().join("site"));
    command.args(["--port", "0", "--watch"]).arg(&pages);
    command.stderr(fs::File::create(&said).unwrap());
    let serving = Serving::start(command);
    let first = manifest_other_than(&serving, b"");
    for page in 2..40 {
        fs::write(pages.join(format!("{page}.txt")), "水库放水").unwrap();
    }
    manifest_other_than(&serving, &first);
    std::thread::sleep(Duration::from_secs(2));
    let said = fs::read_to_string(said).unwrap();
    let builds = said.matches("something changed").count();
    // Two, if a slow machine lets half a second pass between two files.
    assert!((1..=2).contains(&builds), "{said}");
}
