//! The progress bar: only where somebody sees it.

use std::io::IsTerminal;

use backfile::progress::{Progress, Silent, Stage};
use indicatif::{ProgressBar, ProgressStyle};

/// A bar on a terminal, silence in a pipe or a log.
pub(crate) fn progress() -> Box<dyn Progress> {
    if std::io::stderr().is_terminal() {
        return Box::new(Bar(ProgressBar::no_length()));
    }
    Box::new(Silent)
}

struct Bar(ProgressBar);

impl Progress for Bar {
    fn begin(&self, stage: Stage, total: u64) {
        let (label, counter) = match stage {
            Stage::Read => ("reading  ", "{bytes}/{total_bytes}"),
            Stage::Index => ("indexing ", "{human_pos}/{human_len}"),
            Stage::Merge => ("merging  ", "{human_pos}/{human_len}"),
            Stage::Pack => ("packing  ", "{human_pos}/{human_len}"),
            Stage::Write => ("writing  ", "{bytes}/{total_bytes}"),
        };
        let template = format!("{label} [{{bar:40}}] {counter} {{elapsed}}");
        let style = ProgressStyle::with_template(&template);
        self.0
            .set_style(style.unwrap_or_else(|_| ProgressStyle::default_bar()));
        self.0.reset();
        self.0.set_length(total);
    }

    fn advance(&self, amount: u64) {
        self.0.inc(amount);
    }
}

impl Drop for Bar {
    fn drop(&mut self) {
        self.0.finish_and_clear();
    }
}
