//! Writes an archive into a folder that is whole at every moment.
//!
//! The archive's only entry is `backfile/manifest.bf`. Everything it names lies in folders named by their content,
//! so a new build never writes over a file of the build before it, and the archive changes in one step: when the new
//! manifest is renamed over the old one. Before that step the old archive is complete, after it the new one is, and a
//! kill at any moment leaves one of the two and some files nobody names.
//!
//! | order | what | how |
//! |---|---|---|
//! | 1 | `backfile/.building` | marks the folder as ours before anything else is there; locked, so one build at a time |
//! | 2 | files of the index | made in a temporary folder, which is then renamed; identical ones are left alone |
//! | 3 | browser files | to a temporary name in `backfile/`, then renamed, over the old ones |
//! | 4 | `backfile/.published` | which files belong to which manifest |
//! | 5 | `backfile/manifest.bf` | written through to the disk, then renamed |
//! | 6 | the pages of the site | to temporary names, then renamed ([`pages`]); those that went away are removed |
//! | 7 | everything of older builds | removed; the build before this one stays, for pages that are open somewhere |
//!
//! `.published` is what makes step 7 safe without understanding a manifest, which may have been written by a newer
//! Backfile: a folder is removed only if it looks like ours and no manifest that counts names it. If the note is lost,
//! everything that is there is taken to belong to the manifest that is there.
//!
//! The temporary folder, `backfile/.tmp-work`, is also where a build puts what does not fit into memory. It goes away
//! with the build, and with the next one if the build was killed.
//!
//! Index files are not forced to the disk one by one: that would be slow, and what a power cut leaves half-written
//! does not match its hash and is reported, by `backfile verify` and to a reader.

use std::collections::BTreeSet;
use std::fs::{self, File, TryLockError};
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};
use tempfile::NamedTempFile;

use crate::error::Error;

mod pages;

/// Where the archive lies below the site.
pub const FOLDER: &str = "backfile";
/// The one file that makes a folder an archive.
pub const MANIFEST: &str = "manifest.bf";
const MARKER: &str = ".building";
const NOTE: &str = ".published";
const TEMPORARY: &str = ".tmp-";
const WORKING_FOLDER: &str = ".tmp-work";

/// Whether this is a folder that a build made, a site or the archive in it.
pub fn is_archive(path: &Path) -> bool {
    path.join(MANIFEST).is_file() || path.join(FOLDER).join(MANIFEST).is_file()
}

/// The folder with the manifest, given that folder or the site around it.
pub fn archive_folder(path: &Path) -> Result<PathBuf, Error> {
    [path.to_owned(), path.join(FOLDER)]
        .into_iter()
        .find(|folder| folder.join(MANIFEST).is_file())
        .ok_or_else(|| Error::NotAnArchive {
            path: path.to_owned(),
        })
}

/// A build on its way into a folder. Dropped before [`Publication::finish`], it takes back what it wrote.
#[derive(Debug)]
pub struct Publication {
    out: PathBuf,
    /// `out/backfile`.
    folder: PathBuf,
    /// Holds the lock as long as the build lasts.
    _marker: File,
    /// The manifest that is there now.
    live: Option<Fingerprint>,
    /// What earlier builds left, newest first.
    history: Vec<Build>,
    /// What this build consists of so far.
    files: BTreeSet<String>,
    /// Folders that this build has seen or made.
    known_folders: BTreeSet<PathBuf>,
    /// What was not there before this build, to be taken back if it fails.
    created: Vec<PathBuf>,
    /// The pages of the site, of this build and the one before.
    pages: pages::Pages,
    summary: Published,
    /// The manifest is in its place.
    live_now: bool,
}

/// What a finished publication did.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Published {
    /// Files that were written, the manifest among them.
    pub written_files: u64,
    /// Their bytes.
    pub written_bytes: u64,
    /// Files that were there already with the same bytes.
    pub unchanged_files: u64,
    /// Files and folders of older builds that were removed.
    pub removed: u64,
    /// Those that could not be removed. They do no harm but take space.
    pub not_removed: Vec<PathBuf>,
    /// Pages of the site that were not written, because somebody else's file lies there.
    pub not_ours: Vec<PathBuf>,
}

/// Tells one manifest from another.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
struct Fingerprint {
    bytes: u64,
    crc32: u32,
}

impl Fingerprint {
    fn of(manifest: &[u8]) -> Fingerprint {
        let mut crc = flate2::Crc::new();
        crc.update(manifest);
        Fingerprint {
            bytes: manifest.len() as u64,
            crc32: crc.sum(),
        }
    }
}

/// A manifest and what it needs: segment folders (`backfile/3f9a…`) and browser files, as paths below the site.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
struct Build {
    manifest: Fingerprint,
    files: BTreeSet<String>,
}

impl Publication {
    /// Takes the folder, which may be missing, empty, a site of an earlier build, or what a killed build left.
    ///
    /// Names that begin with a dot do not count: a folder with nothing but `.git` or `.nojekyll` is empty.
    pub fn begin(out: &Path) -> Result<Publication, Error> {
        check(out)?;
        let folder = out.join(FOLDER);
        let created = missing_parts(&folder);
        fs::create_dir_all(&folder).map_err(|source| write_error(&folder, source))?;
        let marker = lock(out, &folder.join(MARKER))?;
        let live = fs::read(folder.join(MANIFEST))
            .ok()
            .map(|bytes| Fingerprint::of(&bytes));
        let mut publication = Publication {
            history: history(&folder, live.as_ref()),
            pages: pages::Pages::read(&folder),
            out: out.to_owned(),
            folder,
            _marker: marker,
            live,
            files: BTreeSet::new(),
            known_folders: BTreeSet::new(),
            created,
            summary: Published::default(),
            live_now: false,
        };
        publication.sweep();
        Ok(publication)
    }

    /// A folder that is this build's own as long as it lasts.
    ///
    /// # Errors
    /// If it cannot be made.
    pub fn working_folder(&self) -> Result<PathBuf, Error> {
        let folder = self.folder.join(WORKING_FOLDER);
        fs::create_dir_all(&folder).map_err(|source| write_error(&folder, source))?;
        Ok(folder)
    }

    /// Takes the files of the index from a folder in the working folder. The name is that of the folder below
    /// `backfile/` and says what the content of all of them is.
    ///
    /// # Errors
    /// If they cannot be moved.
    pub fn adopt(&mut self, from: &Path, name: &str) -> Result<(), Error> {
        self.files.insert(format!("{FOLDER}/{name}"));
        let to = self.folder.join(name);
        if to.exists() {
            return self.adopt_files(from, &to);
        }
        let files = entries(from);
        for file in &files {
            self.summary.written_files += 1;
            self.summary.written_bytes += fs::metadata(file).map_or(0, |found| found.len());
        }
        fs::rename(from, &to).map_err(|source| write_error(&to, source))?;
        let moved: Vec<PathBuf> = files.iter().map(|file| to.join(file_name(file))).collect();
        self.created.push(to);
        self.created.extend(moved);
        Ok(())
    }

    /// Keeps a folder of the archive that is there, which no build changes. A segment that lies in the manifest has
    /// none.
    pub fn keep(&mut self, name: &str) {
        let folder = self.folder.join(name);
        if folder.is_dir() {
            self.summary.unchanged_files += entries(&folder).len() as u64;
            self.files.insert(format!("{FOLDER}/{name}"));
        }
    }

    /// The folder of the archive, whether one is there or not.
    pub fn folder(&self) -> &Path {
        &self.folder
    }

    /// Where the archive lies, if one is there.
    pub fn archive(&self) -> Option<&Path> {
        self.live.is_some().then_some(&*self.folder)
    }

    /// Fills a folder that is there, which may have been left half-written by a power cut.
    fn adopt_files(&mut self, from: &Path, to: &Path) -> Result<(), Error> {
        for file in entries(from) {
            let path = to.join(file_name(&file));
            let bytes = fs::read(&file).map_err(|source| Error::Read {
                path: file.clone(),
                source,
            })?;
            if holds(&path, &bytes) {
                self.summary.unchanged_files += 1;
                continue;
            }
            if !path.exists() {
                self.created.push(path.clone());
            }
            fs::rename(&file, &path).map_err(|source| write_error(&path, source))?;
            self.summary.written_files += 1;
            self.summary.written_bytes += bytes.len() as u64;
        }
        Ok(())
    }

    /// Writes a browser file. Its name is the path below the site; it may replace one of an earlier build.
    pub fn write_site(&mut self, name: &str, bytes: &[u8]) -> Result<(), Error> {
        self.files.insert(name.to_owned());
        self.put(&self.out.join(name), bytes, Durability::Ordinary)
    }

    /// Makes this build the archive, and removes what neither it nor the build before it needs.
    pub fn finish(mut self, manifest: &[u8]) -> Result<Published, Error> {
        self.go_live(manifest)?;
        Ok(self.end())
    }

    /// Makes this build the archive. The pages of its site come next, then [`Publication::end`].
    ///
    /// # Errors
    /// If the manifest cannot be written; then the archive is what it was.
    pub fn go_live(&mut self, manifest: &[u8]) -> Result<(), Error> {
        self.note_build(Fingerprint::of(manifest));
        self.save_history()?;
        self.put(&self.folder.join(MANIFEST), manifest, Durability::Synced)?;
        // From here on nothing is taken back: the new archive is there.
        self.live_now = true;
        Ok(())
    }

    /// Removes what neither this build nor the one before it needs.
    pub fn end(mut self) -> Published {
        self.remove_working_folder();
        self.forget_older_builds();
        self.summary.clone()
    }

    /// Puts this build in front of the earlier ones. One of the same documents by another version of the program has
    /// the same manifest and other browser files, and is another build.
    fn note_build(&mut self, manifest: Fingerprint) {
        let files = std::mem::take(&mut self.files);
        let this = Build { manifest, files };
        self.history.retain(|build| *build != this);
        self.history.insert(0, this);
    }

    fn save_history(&mut self) -> Result<(), Error> {
        let note = serde_json::to_vec(&self.history).unwrap_or_default();
        let path = self.folder.join(NOTE);
        if holds(&path, &note) {
            return Ok(());
        }
        replace(&path, &note, Durability::Ordinary)
    }

    /// Keeps this build and the one whose manifest it replaced; if that is the same, the one before.
    fn forget_older_builds(&mut self) {
        let previous = self
            .live
            .take()
            .filter(|live| *live != self.history[0].manifest);
        let kept = match previous {
            Some(live) => self.history.iter().position(|build| build.manifest == live),
            None => (self.history.len() > 1).then_some(1),
        };
        let previous = kept.map(|at| self.history.swap_remove(at));
        let forgotten = self.history.split_off(1);
        self.history.extend(previous);
        self.sweep();
        self.remove_site_files(&forgotten);
        // The note may name more than there is: that only keeps something longer.
        let _ = self.save_history();
        let _ = fs::remove_file(self.folder.join(MARKER));
    }

    /// Removes segment folders that no build in the history needs, and temporary files where a build puts them: in the
    /// archive's folder. (Earlier builders put some beside the start page, and so does one whose archive is on another disk.)
    fn sweep(&mut self) {
        self.sweep_temporaries(&self.out.clone());
        for path in entries(&self.folder) {
            let name = file_name(&path);
            if !is_segment(&path) {
                continue;
            }
            if self.is_needed(&format!("{FOLDER}/{name}")) {
                self.sweep_temporaries(&path);
            } else {
                let removed = fs::remove_dir_all(&path);
                self.count_removed(path, removed);
            }
        }
        self.sweep_temporaries(&self.folder.clone());
    }

    fn sweep_temporaries(&mut self, folder: &Path) {
        for path in entries(folder) {
            if file_name(&path).starts_with(TEMPORARY) {
                let removed = if path.is_dir() {
                    fs::remove_dir_all(&path)
                } else {
                    fs::remove_file(&path)
                };
                self.count_removed(path, removed);
            }
        }
    }

    fn remove_working_folder(&self) {
        // If something stays, the next build sweeps it away.
        let _ = fs::remove_dir_all(self.folder.join(WORKING_FOLDER));
    }

    fn remove_site_files(&mut self, forgotten: &[Build]) {
        let names: BTreeSet<&String> = forgotten.iter().flat_map(|build| &build.files).collect();
        for name in names {
            let path = self.out.join(name);
            if path.is_file() && !self.is_needed(name) {
                let removed = fs::remove_file(&path);
                self.count_removed(path, removed);
            }
        }
    }

    fn is_needed(&self, name: &str) -> bool {
        self.files.contains(name)
            || self.pages.has(name)
            || self.history.iter().any(|build| build.files.contains(name))
    }

    fn count_removed(&mut self, path: PathBuf, result: io::Result<()>) {
        match result {
            Ok(()) => self.summary.removed += 1,
            Err(_) => self.summary.not_removed.push(path),
        }
    }

    fn put(&mut self, path: &Path, bytes: &[u8], durability: Durability) -> Result<(), Error> {
        if holds(path, bytes) {
            self.summary.unchanged_files += 1;
            return Ok(());
        }
        self.make_folder_of(path)?;
        self.replace(path, bytes, durability)?;
        self.summary.written_files += 1;
        self.summary.written_bytes += bytes.len() as u64;
        Ok(())
    }

    /// Writes a file where the next build looks for it if this one is killed, and lets it take its place when it is
    /// whole. If that is on another disk, it is written beside its place.
    fn replace(&self, path: &Path, bytes: &[u8], durability: Durability) -> Result<(), Error> {
        let written = match replace_from(&self.folder, path, bytes, durability) {
            Err(error) if error.kind() == io::ErrorKind::CrossesDevices => {
                replace_from(folder_of(path), path, bytes, durability)
            }
            written => written,
        };
        written.map_err(|source| write_error(path, source))
    }

    /// Sees to it that a file can be written, and notes what has to go if the build fails.
    fn make_folder_of(&mut self, path: &Path) -> Result<(), Error> {
        let folder = folder_of(path);
        // Thousands of files lie in the same folder: it is looked at once.
        if self.known_folders.insert(folder.to_owned()) {
            self.created.extend(missing_parts(folder));
            fs::create_dir_all(folder).map_err(|source| write_error(path, source))?;
        }
        if !path.exists() {
            self.created.push(path.to_owned());
        }
        Ok(())
    }
}

impl Drop for Publication {
    /// A build that failed takes back what was not there before it, the deepest first. Files of the archive that is
    /// there are never among them, and a folder goes only if it is empty.
    fn drop(&mut self) {
        if self.live_now {
            return;
        }
        self.remove_working_folder();
        let _ = fs::remove_file(self.folder.join(MARKER));
        if self.live.is_none() {
            let _ = fs::remove_file(self.folder.join(NOTE));
        }
        for path in self.created.iter().rev() {
            let _ = if path.is_dir() {
                fs::remove_dir(path)
            } else {
                fs::remove_file(path)
            };
        }
    }
}

/// Refuses a folder in which a build could destroy something.
fn check(out: &Path) -> Result<(), Error> {
    if out.is_file() {
        return Err(Error::OutputIsFile {
            path: out.to_owned(),
        });
    }
    let folder = out.join(FOLDER);
    let is_ours = folder.join(MANIFEST).exists() || folder.join(MARKER).exists();
    let is_fresh = |path: &PathBuf| *path == folder && entries(path).is_empty();
    let strange: Vec<String> = entries(out)
        .iter()
        .filter(|path| !is_fresh(path))
        .map(|path| file_name(path))
        .filter(|name| !name.starts_with('.'))
        .collect();
    if is_ours || strange.is_empty() {
        return Ok(());
    }
    Err(Error::OutputOccupied {
        path: out.to_owned(),
        names: some(strange),
    })
}

/// Three names are enough to recognise a folder.
fn some(mut names: Vec<String>) -> Vec<String> {
    const SHOWN: usize = 3;
    let more = names.len().saturating_sub(SHOWN);
    names.truncate(SHOWN);
    names.extend((more > 0).then(|| format!("and {more} more")));
    names
}

fn lock(out: &Path, path: &Path) -> Result<File, Error> {
    let marker = File::create(path).map_err(|source| write_error(path, source))?;
    match marker.try_lock() {
        Err(TryLockError::WouldBlock) => Err(Error::OutputBusy {
            path: out.to_owned(),
        }),
        // Some network disks have no locks. Then two builds at once are the user's to avoid.
        Ok(()) | Err(TryLockError::Error(_)) => Ok(marker),
    }
}

/// The builds that are noted. A manifest that is not among them may need everything that is there.
fn history(folder: &Path, live: Option<&Fingerprint>) -> Vec<Build> {
    let note = fs::read(folder.join(NOTE)).unwrap_or_default();
    let mut builds: Vec<Build> = serde_json::from_slice(&note).unwrap_or_default();
    let Some(live) = live else { return builds };
    if !builds.iter().any(|build| build.manifest == *live) {
        let segments = entries(folder).into_iter().filter(|path| is_segment(path));
        builds.insert(
            0,
            Build {
                manifest: live.clone(),
                files: segments
                    .map(|path| format!("{FOLDER}/{}", file_name(&path)))
                    .collect(),
            },
        );
    }
    builds
}

/// A folder whose name is a hash. Nothing else is ever removed.
fn is_segment(path: &Path) -> bool {
    let name = file_name(path);
    let is_hash = name.len() >= 8 && name.bytes().all(|b| matches!(b, b'0'..=b'9' | b'a'..=b'f'));
    is_hash && path.is_dir()
}

/// What is in a folder, in the order of the names; nothing if there is no folder.
fn entries(folder: &Path) -> Vec<PathBuf> {
    let Ok(entries) = fs::read_dir(folder) else {
        return Vec::new();
    };
    let mut paths: Vec<PathBuf> = entries.flatten().map(|entry| entry.path()).collect();
    paths.sort();
    paths
}

fn file_name(path: &Path) -> String {
    path.file_name()
        .unwrap_or_default()
        .to_string_lossy()
        .into_owned()
}

/// The path and its parents as far as they do not exist, the outermost first.
fn missing_parts(path: &Path) -> Vec<PathBuf> {
    let missing = |path: &&Path| !path.as_os_str().is_empty() && !path.exists();
    let mut parts: Vec<PathBuf> = path
        .ancestors()
        .take_while(missing)
        .map(Path::to_owned)
        .collect();
    parts.reverse();
    parts
}

/// Whether the file is there with these bytes. They are compared, not trusted to be what their name says: a power
/// cut can leave a name without its content.
fn holds(path: &Path, bytes: &[u8]) -> bool {
    let same_size = fs::metadata(path).is_ok_and(|found| found.len() == bytes.len() as u64);
    same_size && fs::read(path).is_ok_and(|found| found == bytes)
}

/// Whether a file has to survive a power cut that comes right after it.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Durability {
    Ordinary,
    Synced,
}

/// Writes a file beside the one it replaces, and lets it take its place when it is whole.
fn replace(path: &Path, bytes: &[u8], durability: Durability) -> Result<(), Error> {
    let written = replace_from(folder_of(path), path, bytes, durability);
    written.map_err(|source| write_error(path, source))
}

/// The same, with the folder in which it is written.
fn replace_from(
    folder: &Path,
    path: &Path,
    bytes: &[u8],
    durability: Durability,
) -> io::Result<()> {
    let mut file = temporary(folder)?;
    file.write_all(bytes)?;
    if durability == Durability::Synced {
        file.as_file().sync_all()?;
    }
    file.persist(path).map_err(io::Error::from).map(drop)
}

fn folder_of(path: &Path) -> &Path {
    path.parent().unwrap_or(Path::new("."))
}

fn temporary(folder: &Path) -> io::Result<NamedTempFile> {
    let mut builder = tempfile::Builder::new();
    builder.prefix(TEMPORARY);
    // A temporary file is usually private; this one is going to be read by a web server.
    #[cfg(unix)]
    builder.permissions(std::os::unix::fs::PermissionsExt::from_mode(0o666));
    builder.tempfile_in(folder)
}

fn write_error(path: &Path, source: io::Error) -> Error {
    Error::Write {
        path: path.to_owned(),
        source,
    }
}

#[cfg(test)]
mod tests;
