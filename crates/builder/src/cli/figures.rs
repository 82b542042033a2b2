//! Numbers as people read them, in columns.

use std::fmt::Write;

/// `1234567` as `1,234,567`.
pub(crate) fn count(number: u64) -> String {
    let digits = number.to_string();
    let mut text = String::new();
    for (at, digit) in digits.chars().enumerate() {
        if at > 0 && (digits.len() - at).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

/// Bytes as `12.3 MB`, with the thousands that disks and hosts are sold by.
pub(crate) fn bytes(number: u64) -> String {
    const UNITS: [&str; 3] = ["kB", "MB", "GB"];
    if number < 1000 {
        return format!("{number} B");
    }
    let mut value = number as f64 / 1000.0;
    let mut unit = 0;
    // 999.95 would be shown as 1000.0.
    while value >= 999.95 && unit + 1 < UNITS.len() {
        value /= 1000.0;
        unit += 1;
    }
    format!("{value:.1} {}", UNITS[unit])
}

/// `part` of `whole` as `12.3 %`.
pub(crate) fn share(part: u64, whole: u64) -> String {
    if whole == 0 {
        return String::new();
    }
    format!("{:.1} %", 100.0 * part as f64 / whole as f64)
}

/// Lines of a name, a figure and a remark, the figures flush right below each other.
#[derive(Debug, Default)]
pub(crate) struct Table {
    rows: Vec<[String; 3]>,
}

impl Table {
    pub(crate) fn row(&mut self, name: &str, figure: String, remark: String) {
        self.rows.push([name.to_owned(), figure, remark]);
    }

    pub(crate) fn render(&self) -> String {
        let width = |column: usize| {
            self.rows
                .iter()
                .map(|row| row[column].chars().count())
                .max()
                .unwrap_or(0)
        };
        let (names, figures) = (width(0), width(1));
        let mut text = String::new();
        for [name, figure, remark] in &self.rows {
            let line = format!("  {name:names$}  {figure:>figures$}  {remark}");
            let _ = writeln!(text, "{}", line.trim_end());
        }
        text
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn counts_and_bytes() {
        assert_eq!(count(0), "0");
        assert_eq!(count(999), "999");
        assert_eq!(count(1_234_567), "1,234,567");
        assert_eq!(bytes(999), "999 B");
        assert_eq!(bytes(999_999), "1.0 MB");
        assert_eq!(bytes(12_345_678), "12.3 MB");
        assert_eq!(share(1, 8), "12.5 %");
        assert_eq!(share(1, 0), "");
    }

    #[test]
    fn tables_are_aligned() {
        let mut table = Table::default();
        table.row("documents", count(23_712), String::new());
        table.row("  terms", bytes(6_300_000), share(63, 348));
        let expected = "  documents  23,712\n    terms    6.3 MB  18.1 %\n";
        assert_eq!(table.render(), expected);
    }
}
