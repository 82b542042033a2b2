//! `backfile serve`

use std::fs;
use std::io::{self, Write};
use std::net::IpAddr;
use std::path::{Path, PathBuf};
use std::process::{Command, ExitCode};
use std::sync::mpsc::{Receiver, RecvTimeoutError, channel};
use std::thread;
use std::time::Duration;

use anyhow::{Context, bail};
use backfile::error::Error;
use backfile::serve::Server;
use notify::{EventKind, RecursiveMode, Watcher};

/// A build begins when nothing has changed for so long, so that a folder that is being copied is built once.
const QUIET: Duration = Duration::from_millis(500);

/// Show a site in the browser, from this machine.
///
/// For looking at a site before it goes to a real host. It is served to this machine only unless --host says otherwise.
/// Ctrl-C ends it at once, whoever is connected.
///
/// With --watch the site is built from pages now and again whenever they change, by `backfile build`, which gets all
/// that stands behind `--`. While it builds, and if it fails, the archive that was there is served. Changes that follow
/// one another within half a second are one build. Each build reads all pages again, and indexes what has changed: less
/// than half a second for 24 pages, 6 seconds for 23,712 articles (November 2026, two busy cores).
#[derive(Debug, clap::Args)]
#[command(after_long_help = "Examples:
  backfile serve site/
  backfile serve site/ --port 9000
  backfile serve site/ --watch pages/ -- --title 青石日报")]
pub(crate) struct Arguments {
    /// The site: the folder that `backfile build` was told with --out.
    #[arg(value_name = "DIR")]
    site: PathBuf,

    /// Build the site from this file or folder, and again when it changes; can be given several times.
    #[arg(long, value_name = "INPUT")]
    watch: Vec<PathBuf>,

    /// Port to listen on; 0 for any. Otherwise the first free one from 8000 on.
    #[arg(long)]
    port: Option<u16>,

    /// Address to listen on.
    ///
    /// 0.0.0.0 or :: shows the site to the whole network.
    #[arg(long, default_value = "127.0.0.1")]
    host: IpAddr,

    /// Options of `backfile build`, for --watch.
    #[arg(last = true, requires = "watch", value_name = "BUILD OPTIONS")]
    build: Vec<String>,
}

pub(super) fn run(arguments: &Arguments) -> anyhow::Result<ExitCode> {
    check(arguments)?;
    let server = Server::bind(&arguments.site, arguments.host, arguments.port)?;
    let mut out = io::stdout().lock();
    writeln!(out, "http://{}/", server.address())?;
    out.flush()?;
    drop(out);
    if !arguments.watch.is_empty() {
        watch(arguments)?;
    }
    server.run(async {
        if tokio::signal::ctrl_c().await.is_err() {
            // Whoever cannot press Ctrl-C ends it otherwise.
            std::future::pending::<()>().await;
        }
    })?;
    // Behind the ^C that a terminal shows.
    eprintln!("\nstopped");
    Ok(ExitCode::SUCCESS)
}

fn check(arguments: &Arguments) -> anyhow::Result<()> {
    let missing = |path: &Path| Error::InputMissing {
        path: path.to_owned(),
    };
    if let Some(input) = arguments.watch.iter().find(|input| !input.exists()) {
        return Err(missing(input).into());
    }
    if arguments.site.is_file() {
        bail!(
            "{}: is a file, and a site is a folder",
            arguments.site.display()
        );
    }
    if arguments.watch.is_empty() && !arguments.site.exists() {
        return Err(missing(&arguments.site).into());
    }
    Ok(())
}

/// Builds, and builds again, on a thread of its own, which ends with the program.
fn watch(arguments: &Arguments) -> anyhow::Result<()> {
    let mut build = Command::new(std::env::current_exe().context("cannot find this program")?);
    build.arg("build").args(&arguments.watch);
    build
        .arg("--out")
        .arg(&arguments.site)
        .args(&arguments.build);
    // So that its real path is known, and what a build writes does not begin the next one.
    fs::create_dir_all(&arguments.site).with_context(|| arguments.site.display().to_string())?;
    let site = fs::canonicalize(&arguments.site)?;
    let (changes, changed) = channel();
    let mut watcher = notify::recommended_watcher(move |event: notify::Result<notify::Event>| {
        let is_change = |event: &notify::Event| {
            let reading = matches!(event.kind, EventKind::Access(_));
            !reading && event.paths.iter().any(|path| !path.starts_with(&site))
        };
        if event.as_ref().map_or(true, is_change) {
            // Nobody listens any more when the program ends.
            let _ = changes.send(());
        }
    })?;
    for input in &arguments.watch {
        let input = fs::canonicalize(input)?;
        watcher
            .watch(&input, RecursiveMode::Recursive)
            .with_context(|| format!("{}: cannot be watched", input.display()))?;
    }
    thread::spawn(move || {
        let _watcher = watcher;
        build_again_and_again(&mut build, &changed);
    });
    Ok(())
}

fn build_again_and_again(build: &mut Command, changed: &Receiver<()>) {
    loop {
        match build.status() {
            Ok(status) if status.success() => eprintln!("waiting for changes"),
            Ok(_) => eprintln!("the build failed; the archive that was there is still served"),
            Err(error) => eprintln!("error: cannot start the build: {error}"),
        }
        if changed.recv().is_err() || !until_quiet(changed) {
            return;
        }
        eprintln!("something changed, building again");
    }
}

/// Waits until nothing changes any more; false if nothing ever will.
fn until_quiet(changed: &Receiver<()>) -> bool {
    loop {
        match changed.recv_timeout(QUIET) {
            Ok(()) => {}
            Err(RecvTimeoutError::Timeout) => return true,
            Err(RecvTimeoutError::Disconnected) => return false,
        }
    }
}
