//! Days, and the weeks of a month.

use jiff::civil::{Date, date};

/// A day of the calendar.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Day(Date);

impl Day {
    /// `YYYY-MM-DD`, if there is such a day.
    pub(super) fn parse(text: &str) -> Option<Self> {
        let mut parts = text.split('-').map(|part| part.parse::<i16>().ok());
        let (year, month, day) = (parts.next()??, parts.next()??, parts.next()??);
        let (month, day) = (i8::try_from(month).ok()?, i8::try_from(day).ok()?);
        let date = Date::new(year, month, day).ok()?;
        parts.next().is_none().then_some(Self(date))
    }

    /// From 0 for Monday.
    pub(super) fn weekday(self) -> usize {
        self.0.weekday().to_monday_zero_offset() as usize
    }
}

/// The weeks of a month, from Monday: the days, and 0 where there is none.
pub(super) fn weeks(year: i16, month: i8) -> Vec<[u8; 7]> {
    if !(1..=12).contains(&month) || !(1..=9999).contains(&year) {
        return Vec::new();
    }
    let first = date(year, month, 1);
    let offset = first.weekday().to_monday_zero_offset() as usize;
    let days = first.days_in_month() as usize;
    let mut weeks = vec![[0; 7]; (offset + days).div_ceil(7)];
    for day in 0..days {
        let place = offset + day;
        weeks[place / 7][place % 7] = day as u8 + 1;
    }
    weeks
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_month_begins_on_its_weekday() {
        let june = weeks(2024, 6);
        assert_eq!(june[0], [0, 0, 0, 0, 0, 1, 2]);
        assert_eq!(june[4], [24, 25, 26, 27, 28, 29, 30]);
        assert_eq!(weeks(2024, 2).concat().iter().max(), Some(&29));
        assert!(weeks(2024, 13).is_empty() && weeks(0, 1).is_empty());
    }

    #[test]
    fn only_days_are_days() {
        assert_eq!(Day::parse("2024-06-28").map(Day::weekday), Some(4));
        for text in ["2024", "2024-06", "2024-02-30", "2024-06-28-1", "x", ""] {
            assert_eq!(Day::parse(text), None, "{text}");
        }
    }
}
