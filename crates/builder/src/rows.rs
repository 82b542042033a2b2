//! Items that one thread works on together.

/// Some items in a row.
#[derive(Debug)]
pub(crate) struct Row<'i, T> {
    pub(crate) items: &'i [T],
    /// What they have in all.
    pub(crate) bytes: u64,
    /// No item comes after them.
    pub(crate) is_last: bool,
}

/// Cuts items into rows, which end with `most` items or with the one that brings them to `bytes`: a large item ends
/// its row, and is never in one with more than that before it.
///
/// An error of `size` is handed on, and no row comes after it.
pub(crate) fn rows<'i, T, E>(
    items: &'i [T],
    most: usize,
    bytes: u64,
    mut size: impl FnMut(&T) -> Result<u64, E>,
) -> impl Iterator<Item = Result<Row<'i, T>, E>> {
    let mut rest = items;
    std::iter::from_fn(move || {
        let (mut count, mut sum) = (0, 0);
        while count < most.min(rest.len()) && sum < bytes {
            match size(&rest[count]) {
                Ok(size) => sum += size,
                Err(error) => {
                    rest = &[];
                    return Some(Err(error));
                }
            }
            count += 1;
        }
        let (items, after) = rest.split_at(count);
        rest = after;
        (count > 0).then_some(Ok(Row {
            items,
            bytes: sum,
            is_last: after.is_empty(),
        }))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rows_end_with_their_number_or_their_bytes() {
        let sizes = [1, 1, 1, 1, 50, 9, 2, 3, 0, 0];
        let rows = rows(&sizes, 3, 10, |size| Ok::<u64, ()>(*size));
        let rows: Vec<(&[u64], u64, bool)> = rows
            .map(|row| row.map(|row| (row.items, row.bytes, row.is_last)).unwrap())
            .collect();
        let expected: [(&[u64], u64, bool); 4] = [
            (&[1, 1, 1], 3, false),
            (&[1, 50], 51, false),
            (&[9, 2], 11, false),
            (&[3, 0, 0], 3, true),
        ];
        assert_eq!(rows, expected);
    }

    #[test]
    fn nothing_comes_after_an_error() {
        let size = |size: &u64| if *size == 7 { Err("seven") } else { Ok(*size) };
        let rows: Vec<_> = rows(&[1, 2, 7, 4], 2, 10, size).collect();
        assert!(
            matches!(rows[..], [Ok(Row { bytes: 3, .. }), Err("seven")]),
            "{rows:?}"
        );
    }
}
