//! The progress bar, with the time left of each stage: only where somebody sees it.

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

/// How far, of how much; in units like those of the summary.
const BYTES: &str = "{decimal_bytes}/{decimal_total_bytes}";
const COUNT: &str = "{human_pos}/{human_len}";

/// One line, on a terminal of 40 columns as well: a broken one would stay where it is.
fn template(stage: Stage) -> String {
    let (label, counter) = match stage {
        Stage::Read => ("reading  ", BYTES),
        Stage::Compare => ("comparing", COUNT),
        Stage::Index => ("indexing ", COUNT),
        Stage::Join => ("joining  ", COUNT),
        Stage::Merge => ("merging  ", COUNT),
        Stage::Write => ("writing  ", BYTES),
        Stage::Site => ("site     ", COUNT),
    };
    format!("{label} [{{wide_bar}}] {counter}, {{eta}} left")
}

struct Bar(ProgressBar);

impl Progress for Bar {
    fn begin(&self, stage: Stage, total: u64) {
        let style = ProgressStyle::with_template(&template(stage));
        self.0
            .set_style(style.unwrap_or_else(|_| ProgressStyle::default_bar()));
        self.0.reset_elapsed();
        self.0.update(|state| {
            state.set_len(total);
            state.set_pos(0);
        });
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

#[cfg(test)]
mod tests {
    use super::*;

    /// A template that is wrong would be replaced by another in silence.
    #[test]
    fn every_stage_fills_one_line() {
        let stages = [
            Stage::Read,
            Stage::Compare,
            Stage::Index,
            Stage::Join,
            Stage::Merge,
            Stage::Write,
            Stage::Site,
        ];
        for template in stages.map(template) {
            assert!(ProgressStyle::with_template(&template).is_ok());
            assert!(template.contains("{wide_bar}"), "{template}");
        }
    }
}
