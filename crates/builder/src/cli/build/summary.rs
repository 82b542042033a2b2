//! What a build came to, for machines and for people.

use std::path::PathBuf;

use backfile::index::IndexSummary;
use backfile::publish::Published;
use backfile::report::{Note, ReadReport};
use backfile::site::{self, SiteSummary};
use backfile::update::Changes;
use serde::Serialize;

use crate::cli::figures::{Table, bytes, count, share};

/// What was done, for machines.
#[derive(Debug, Serialize)]
pub(super) struct Summary {
    pub(super) out: PathBuf,
    pub(super) report: Option<PathBuf>,
    /// Printed pages that were cut into articles.
    pub(super) pages: u64,
    pub(super) read: ReadReport,
    /// Documents that got a subject.
    pub(super) classified: u64,
    /// Documents that repeat an earlier one.
    pub(super) reprints: u64,
    pub(super) changes: Changes,
    pub(super) index: IndexSummary,
    pub(super) site: SiteSummary,
    pub(super) published: Published,
    pub(super) browser_files: usize,
    pub(super) seconds: f64,
    /// The budget.
    pub(super) memory_bytes: u64,
    pub(super) peak_memory_bytes: Option<u64>,
}

impl Summary {
    /// As it stands in the terminal.
    pub(super) fn for_people(&self) -> String {
        let mut table = Table::default();
        self.add_counts(&mut table);
        self.add_parts(&mut table);
        self.add_costs(&mut table);
        format!(
            "{}\n{}{}",
            self.out.display(),
            table.render(),
            self.remarks()
        )
    }

    fn add_counts(&self, table: &mut Table) {
        let index = &self.index;
        if self.pages > 0 {
            let report = self.report.as_ref();
            let cut = report.map_or_else(
                || "cut into articles; --report DIR shows how".to_owned(),
                |folder| format!("cut into articles: {}", folder.join("index.html").display()),
            );
            table.row("pages", count(self.pages), cut);
        }
        table.row("documents", count(index.documents), self.changes());
        if self.is_update() {
            let mut all = format!("{} in all", plural(index.segments, "segment"));
            if index.deleted > 0 {
                all += &format!(", with {} deleted", plural(index.deleted, "document"));
            }
            table.row("indexed", count(self.changes.indexed), all);
        }
        if self.classified > 0 {
            table.row("with a subject", count(self.classified), String::new());
        }
        if self.reprints > 0 {
            table.row("reprints", count(self.reprints), String::new());
        }
        table.row("units", count(index.units), String::new());
        table.row("grams", count(index.grams), String::new());
        table.row("filters", count(index.facet_values), String::new());
        table.row("text", bytes(index.text_bytes), String::new());
    }

    /// True if there was an archive of which something was kept or might have been.
    fn is_update(&self) -> bool {
        let Changes {
            changed,
            removed,
            unchanged,
            kept,
            ..
        } = self.changes;
        changed + removed + unchanged + kept > 0
    }

    fn changes(&self) -> String {
        if !self.is_update() {
            return String::new();
        }
        let Changes {
            new,
            changed,
            removed,
            unchanged,
            kept,
            ..
        } = self.changes;
        let all = [
            (new, "new"),
            (changed, "changed"),
            (removed, "removed"),
            (unchanged + kept, "unchanged"),
        ];
        let parts = all.into_iter().filter(|(number, _)| *number > 0);
        let parts: Vec<String> = parts
            .map(|(number, what)| format!("{} {what}", count(number)))
            .collect();
        parts.join(", ")
    }

    fn add_parts(&self, table: &mut Table) {
        let text = self.index.text_bytes;
        let whole = self.index.parts.iter().map(|part| part.bytes).sum();
        table.row(
            "index",
            bytes(whole),
            format!("{} of the text", share(whole, text)),
        );
        for part in &self.index.parts {
            table.row(
                &format!("  {}", part.name),
                bytes(part.bytes),
                share(part.bytes, text),
            );
        }
    }

    fn add_costs(&self, table: &mut Table) {
        let site = &self.site;
        if site.issues > 0 {
            let issues = plural(site.issues, "issue");
            let what = match site.articles {
                0 => issues,
                articles => format!("{} in {issues}", plural(articles, "article")),
            };
            table.row("site pages", count(site.pages), what);
        }
        let files = self.published.written_files;
        let unchanged = match self.published.unchanged_files {
            0 => String::new(),
            unchanged => format!("and {} unchanged", count(unchanged)),
        };
        table.row("files written", count(files), unchanged);
        table.row("seconds", format!("{:.2}", self.seconds), String::new());
        if let Some(peak) = self.peak_memory_bytes {
            let budget = format!("of {} that it may take", bytes(self.memory_bytes));
            table.row("peak memory", bytes(peak), budget);
        }
    }

    /// What somebody should know who looks at nothing but the end.
    fn remarks(&self) -> String {
        let mut lines = notes("left out", &self.read.skipped);
        if let Some(reason) = &self.changes.everything_because {
            lines.push(format!("everything was indexed: {reason}"));
        }
        lines.extend(notes("warning", &self.read.warnings));
        for (extension, files) in &self.read.ignored {
            let files = plural(*files, "file");
            lines.push(format!("not read: {files} of the kind {extension}"));
        }
        if self.index.long_values > 0 {
            let values = plural(self.index.long_values, "value");
            lines.push(format!(
                "warning: {values} of metadata fields are too long to be filters; shorten them, or leave the fields out"
            ));
        }
        if !self.read.repairs.is_empty() {
            let repaired = plural(self.read.repairs.len() as u64, "line");
            lines.push(format!(
                "repaired: {repaired} of fake bold; --json lists every one, before and after"
            ));
        }
        if !self.read.radicals.is_empty() {
            let pages = plural(self.read.radicals.len() as u64, "page");
            lines.push(format!(
                "repaired: radicals for characters on {pages}; --json lists every page"
            ));
        }
        for path in &self.published.not_removed {
            let path = path.display();
            lines.push(format!(
                "warning: {path}: of an older build, could not be removed"
            ));
        }
        for path in &self.published.not_ours {
            let path = path.display();
            lines.push(format!(
                "warning: {path}: not written over, because it is not Backfile's"
            ));
        }
        let peak = self.peak_memory_bytes;
        lines.extend(peak.and_then(|peak| over_budget(peak, self.memory_bytes)));
        if self.site.in_sitemap.is_none() {
            lines.push("no sitemap: it needs the site's address, --base-url".to_owned());
        }
        if self.browser_files == 0 {
            lines.push(format!("warning: {}", site::MISSING));
        }
        lines.iter().map(|line| format!("{line}\n")).collect()
    }
}

/// What may grow beyond any budget is said when it has.
fn over_budget(peak: u64, budget: u64) -> Option<String> {
    (peak > budget).then(|| {
        format!(
            "warning: {} of memory were in use, and --memory, which is kept to about, is {}. A list of all documents takes some hundred bytes for each, and three times that with pages of articles",
            bytes(peak),
            bytes(budget)
        )
    })
}

/// A line for each note, or for the first of them if a whole archive is odd in the same way.
fn notes(label: &str, notes: &[Note]) -> Vec<String> {
    const SHOWN: usize = 20;
    let line = |note: &Note| format!("{label}: {}: {}", note.place, note.reason);
    let mut lines: Vec<String> = notes.iter().take(SHOWN).map(line).collect();
    if let Some(more) = notes.len().checked_sub(SHOWN).filter(|more| *more > 0) {
        lines.push(format!(
            "{label}: {} more; --json lists every one",
            count(more as u64)
        ));
    }
    lines
}

fn plural(number: u64, noun: &str) -> String {
    format!(
        "{} {noun}{}",
        count(number),
        if number == 1 { "" } else { "s" }
    )
}

/// The most memory this process had at any time, where the system tells.
pub(super) fn peak_memory() -> Option<u64> {
    let status = std::fs::read_to_string("/proc/self/status").ok()?;
    let line = status
        .lines()
        .find_map(|line| line.strip_prefix("VmHWM:"))?;
    let kibibytes: u64 = line.trim().strip_suffix("kB")?.trim().parse().ok()?;
    Some(kibibytes * 1024)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn more_memory_than_the_budget_is_said() {
        assert_eq!(over_budget(64 << 20, 64 << 20), None);
        let said = over_budget(185_000_000, 64 << 20).unwrap();
        assert!(
            said.starts_with("warning: 185.0 MB of memory were in use, and --memory, which is kept to about, is 67.1 MB.")
        );
    }
}
