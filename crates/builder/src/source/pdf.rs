//! Pages of PDFs: text in the order of reading, and how it was set.
//!
//! A PDF says where each glyph stands, and neither words nor columns. The glyphs come from [`hayro_interpret`], the order
//! from `layout`. The library gives every glyph with its place, its character and the weight of its font, forbids unsafe
//! code, and limits how deep a file can nest; `tests/inputs.rs` has what it is known to read. Others give strings in an
//! order of their own; ARCHITECTURE.md says what was seen of them.
//!
//! A file may do anything to a parser, so each is read by a thread of its own with a stack of its own: a panic is a note
//! in the report, and the pages before it are read. What a page may draw is limited by number and not by time, so that it
//! never depends on the machine what is in an archive; only a page on which the library goes round for ever is left alone
//! after a time that no page needs. A stream that unpacks to more than the memory can hold is not stopped: the library
//! unpacks streams as wholes and can be given no limit.

mod layout;

use std::panic::{self, PanicHookInfo};
use std::sync::Once;
use std::sync::mpsc::{Receiver, RecvTimeoutError, Sender, channel};
use std::thread::{self, JoinHandle};
use std::time::Duration;

use hayro_interpret::font::{Glyph, GlyphRun};
use hayro_interpret::hayro_cmap::BfString;
use hayro_interpret::hayro_syntax::page::Page;
use hayro_interpret::hayro_syntax::{DecryptionError, LoadPdfError, Pdf};
use hayro_interpret::kurbo::{Affine, BezPath, Point, Rect, Vec2};
use hayro_interpret::{
    BlendMode, ClipPath, Context, Device, DrawMode, DrawProps, Image, ImageDrawProps,
    InterpreterCache, InterpreterSettings, SoftMask, TransformExt, interpret_page,
};

use crate::press::Style;
use layout::Mark;

/// Enough for any nesting that the library allows.
const STACK: usize = 32 << 20;
/// A page of a newspaper has some ten thousand characters. What is beyond this is a drawing made of letters.
const MOST_MARKS: usize = 400_000;
/// A page that is not read in this time never will be.
const LONGEST_SILENCE: Duration = Duration::from_secs(300);
/// Glyphs from this weight on are bold.
const BOLD: u32 = 600;
/// A page of which more than one character in so many is unknown cannot be read.
const UNKNOWN_ALLOWED: usize = 5;

/// A page of a PDF.
#[derive(Debug, Default, PartialEq)]
pub(super) struct PdfPage {
    /// From 1.
    pub(super) number: usize,
    pub(super) text: String,
    pub(super) styles: Vec<Style>,
    /// What is to be told about it.
    pub(super) note: Option<String>,
}

/// A page that has no text, and why.
type Unread = (usize, String);

/// What the thread that reads a file says of it.
enum Told {
    Page(PdfPage),
    Unread(Unread),
    End,
    /// There are no pages, and why.
    Failed(String),
}

/// The pages of a file that have text, and those that have none.
///
/// # Errors
/// Why the file has no page with text, for people.
pub(super) fn read(bytes: Vec<u8>) -> Result<(Vec<PdfPage>, Vec<Unread>), String> {
    static QUIET: Once = Once::new();
    QUIET.call_once(|| panic::set_hook(quiet(panic::take_hook())));
    let (tell, told) = channel();
    // Not waited for: it has told everything, or will never end.
    start(move || read_pages(bytes, &tell))?;
    collect(&told, LONGEST_SILENCE)
}

/// The name of threads that read.
const READER: &str = "pdf";

fn start(work: impl FnOnce() + Send + 'static) -> Result<JoinHandle<()>, String> {
    let reader = thread::Builder::new().name(READER.into()).stack_size(STACK);
    let reader = reader.spawn(work);
    reader.map_err(|error| format!("cannot be read: {error}"))
}

type Hook = Box<dyn Fn(&PanicHookInfo<'_>) + Send + Sync>;

/// A panic of the library is said in the report, in words that help. Its own are for who works on it.
fn quiet(others: Hook) -> Hook {
    Box::new(move |info| {
        if thread::current().name() != Some(READER) {
            others(info);
        }
    })
}

/// Everything that is told until the end, or until nothing is for so long.
fn collect(
    told: &Receiver<Told>,
    patience: Duration,
) -> Result<(Vec<PdfPage>, Vec<Unread>), String> {
    let mut pages = Vec::new();
    let mut unread = Vec::new();
    let broken_off = loop {
        match told.recv_timeout(patience) {
            Ok(Told::Page(page)) => pages.push(page),
            Ok(Told::Unread(page)) => unread.push(page),
            Ok(Told::End) => break None,
            Ok(Told::Failed(reason)) => return Err(reason),
            // It is gone without a word: a panic.
            Err(RecvTimeoutError::Disconnected) => break Some(BROKEN),
            Err(RecvTimeoutError::Timeout) => break Some(ENDLESS),
        }
    };
    if let Some(reason) = broken_off {
        let next = pages.len() + unread.len() + 1;
        let reason = match next {
            1 => reason.into(),
            _ => format!("{reason}; the pages after it were not read either"),
        };
        unread.push((next, reason));
    }
    match (pages.is_empty(), unread.first()) {
        (true, None) => Err("has no pages".into()),
        (true, Some((_, reason))) => Err(reason.clone()),
        _ => Ok((pages, unread)),
    }
}

const BROKEN: &str = "is broken, or no PDF: open it in a viewer and print it into a new file, or repair it with `qpdf IN OUT`";
const ENDLESS: &str = "takes longer than any page should, and may never end: open it in a viewer and print it into a new file, or repair it with `qpdf IN OUT`";
const SCANNED: &str =
    "has pictures and no text: recognise it first, with `ocrmypdf -l chi_sim IN OUT`";

fn read_pages(bytes: Vec<u8>, tell: &Sender<Told>) {
    // Nobody listens any more to one that took too long.
    let say = |told| drop(tell.send(told));
    let pdf = match Pdf::new(bytes) {
        Ok(pdf) => pdf,
        Err(error) => return say(Told::Failed(unreadable(error))),
    };
    let cache = InterpreterCache::new();
    for (number, page) in (1..).zip(pdf.pages().iter()) {
        say(match read_page(number, page, &pdf, &cache) {
            Ok(page) => Told::Page(page),
            Err(reason) => Told::Unread((number, reason)),
        });
    }
    say(Told::End);
}

fn unreadable(error: LoadPdfError) -> String {
    match error {
        LoadPdfError::Decryption(DecryptionError::PasswordProtected) => {
            "is encrypted and asks for a password: save it without, `qpdf --decrypt --password=… IN OUT`".into()
        }
        LoadPdfError::Decryption(_) => "is encrypted in a way that is not known: save it without, `qpdf --decrypt IN OUT`".into(),
        LoadPdfError::Invalid => BROKEN.into(),
    }
}

fn read_page<'a>(
    number: usize,
    page: &Page<'a>,
    pdf: &'a Pdf,
    cache: &InterpreterCache<'a>,
) -> Result<PdfPage, String> {
    let mut marks = Marks::default();
    let transform = page.initial_transform(true).to_kurbo();
    let (width, height) = page.render_dimensions();
    let area = Rect::new(0.0, 0.0, f64::from(width), f64::from(height));
    let mut context = Context::new(
        transform,
        area,
        cache,
        pdf.xref(),
        InterpreterSettings::default(),
    );
    interpret_page(page, &mut context, &mut marks);
    if marks.all.is_empty() {
        return Err(SCANNED.into());
    }
    if marks.unknown * UNKNOWN_ALLOWED > marks.all.len() {
        return Err("has fonts that do not say which characters they show: recognise it, with `ocrmypdf --force-ocr -l chi_sim IN OUT`".into());
    }
    let (text, styles) = layout::read(marks.all);
    let note = match (marks.left_out, marks.unknown) {
        (0, 0) => None,
        (0, unknown) => Some(format!(
            "{unknown} characters are not known and became U+FFFD"
        )),
        (left_out, _) => Some(format!(
            "{left_out} characters are more than a page can have and were left out"
        )),
    };
    Ok(PdfPage {
        number,
        text,
        styles,
        note,
    })
}

/// Collects what is written on a page, in the order in which it is drawn.
#[derive(Default)]
struct Marks {
    all: Vec<Mark>,
    unknown: usize,
    left_out: usize,
    /// The last glyph was a space. Programs begin a new run after it as often as not; at the end of a line it says
    /// nothing, and `layout` sees that.
    spaced: bool,
}

impl Marks {
    fn put(&mut self, glyph: &Glyph<'_>, transform: Affine, bold: bool, spaced: bool) {
        if self.all.len() >= MOST_MARKS {
            self.left_out += 1;
            return;
        }
        let known = glyph.as_unicode().map(|text| match text {
            BfString::Char(c) => c.to_string(),
            BfString::String(text) => text,
        });
        let known = known.filter(|text| !text.is_empty() && !text.contains('\0'));
        self.unknown += usize::from(known.is_none());
        let at = transform * Point::ZERO;
        let size = length(transform, Vec2::new(0.0, 1000.0));
        let em = length(transform, Vec2::new(1000.0, 0.0));
        let advance = match glyph {
            Glyph::Outline(outline) => outline
                .advance_width()
                .map(|advance| em * f64::from(advance) / 1000.0),
            Glyph::Type3(_) => None,
        };
        if size.is_finite() && at.x.is_finite() && at.y.is_finite() && size > 0.0 {
            let text = known.unwrap_or_else(|| '\u{FFFD}'.to_string());
            self.all
                .push(Mark::new(text, at, size, advance, bold, spaced));
        }
    }
}

fn length(transform: Affine, vector: Vec2) -> f64 {
    let [a, b, c, d, _, _] = transform.as_coeffs();
    Vec2::new(a * vector.x + c * vector.y, b * vector.x + d * vector.y).hypot()
}

fn is_space(glyph: &Glyph<'_>) -> bool {
    match glyph.as_unicode() {
        Some(BfString::Char(c)) => c.is_whitespace(),
        Some(BfString::String(text)) => text.chars().all(char::is_whitespace) && !text.is_empty(),
        None => false,
    }
}

fn is_bold(glyph: &Glyph<'_>) -> bool {
    let Glyph::Outline(outline) = glyph else {
        return false;
    };
    let font = outline.font_data();
    font.is_some_and(|font| {
        let name = font.postscript_name.unwrap_or_default();
        font.weight.is_some_and(|weight| weight >= BOLD)
            || ["Bold", "Heavy", "Black"]
                .iter()
                .any(|bold| name.contains(bold))
    })
}

impl<'a> Device<'a> for Marks {
    fn draw_glyph_run(&mut self, run: &GlyphRun<'_, 'a>, props: DrawProps<'a>, mode: &DrawMode) {
        let Some(first) = run.glyphs().first() else {
            return;
        };
        // An outline around each character is how word processors fake a bold face.
        let bold = matches!(mode, DrawMode::FillAndStroke(..)) || is_bold(first);
        for glyph in run.glyphs() {
            if is_space(glyph) {
                self.spaced = true;
                continue;
            }
            let spaced = std::mem::take(&mut self.spaced);
            self.put(glyph, props.transform * glyph.transform(), bold, spaced);
        }
    }

    fn draw_path(&mut self, _: &BezPath, _: DrawProps<'a>, _: &DrawMode) {}
    fn push_clip_path(&mut self, _: &ClipPath) {}
    fn push_clip_rect(&mut self, _: &Rect) {}
    fn push_transparency_group(&mut self, _: f32, _: Option<SoftMask<'a>>, _: BlendMode) {}
    fn draw_image(&mut self, _: Image<'a, '_>, _: ImageDrawProps<'a>) {}
    fn pop_clip(&mut self) {}
    fn pop_transparency_group(&mut self) {}
}

#[cfg(test)]
mod tests {
    use super::*;

    fn fixture(name: &str) -> Vec<u8> {
        let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/../../tests/fixtures/pdf");
        std::fs::read(std::path::Path::new(folder).join(name)).unwrap()
    }

    #[test]
    fn two_columns_under_a_headline() {
        let (pages, unread) = read(fixture("columns.pdf")).unwrap();
        assert!(unread.is_empty());
        let [page] = pages.as_slice() else {
            panic!("one page")
        };
        let lines: Vec<&str> = page
            .text
            .lines()
            .map(str::trim)
            .filter(|line| !line.is_empty())
            .collect();
        assert_eq!(
            lines.first(),
            Some(&"鹭陵报 2023年11月10日 星期五 第1版"),
            "{}",
            page.text
        );
        let at = |text: &str| {
            page.text
                .find(text)
                .unwrap_or_else(|| panic!("{text}: {}", page.text))
        };
        let order = [
            "苇渡大桥今日通车",
            "本报讯（记者 农谷雨）",
            "歇一歇了。",
            "半岭教学点添了新路灯",
            "第二天一早去修。",
        ];
        assert!(
            order.windows(2).all(|pair| at(pair[0]) < at(pair[1])),
            "{}",
            page.text
        );
        let style = |text: &str| {
            page.styles
                .iter()
                .find(|style| style.range.contains(&at(text)))
                .unwrap()
        };
        assert!(style("苇渡大桥今日通车").size > 2.0 * style("本报讯").size);
        assert!(
            style("半岭教学点").bold && !style("本报讯").bold,
            "drawn twice"
        );
        assert_eq!(page.text.matches("半岭教学点添了新路灯").count(), 1);
        let covered: usize = page
            .styles
            .iter()
            .map(|style| page.text[style.range.clone()].trim().len())
            .sum();
        assert!(
            covered > 0
                && page
                    .styles
                    .windows(2)
                    .all(|pair| pair[0].range.end <= pair[1].range.start)
        );
    }

    #[test]
    fn what_cannot_be_read_is_said_with_the_way_out() {
        for (name, said) in [
            ("encrypted.pdf", "asks for a password"),
            ("broken.pdf", BROKEN),
            ("scanned.pdf", SCANNED),
        ] {
            let error = read(fixture(name)).unwrap_err();
            assert!(error.contains(said), "{name}: {error}");
        }
    }

    #[test]
    fn pages_before_a_panic_or_a_loop_are_kept() {
        let page = |number| PdfPage {
            number,
            ..PdfPage::default()
        };
        let (tell, told) = channel();
        tell.send(Told::Page(page(1))).unwrap();
        tell.send(Told::Unread((2, SCANNED.into()))).unwrap();
        let (pages, unread) = collect(&told, Duration::from_millis(1)).unwrap();
        assert_eq!((pages, unread.len()), (vec![page(1)], 2));
        assert_eq!(unread[1].0, 3);
        assert!(unread[1].1.starts_with(ENDLESS), "{}", unread[1].1);
        assert!(unread[1].1.ends_with("not read either"), "{}", unread[1].1);
        assert_eq!(collect(&told, Duration::ZERO), Err(ENDLESS.into()));
        drop(tell);
        assert_eq!(collect(&told, Duration::ZERO), Err(BROKEN.into()));
    }

    #[test]
    fn the_library_does_not_speak_of_its_panics() {
        use std::sync::{Arc, Mutex};

        let heard: Arc<Mutex<Vec<String>>> = Arc::default();
        let hears = Arc::clone(&heard);
        let usual = panic::take_hook();
        panic::set_hook(quiet(Box::new(move |info| {
            hears.lock().unwrap().push(info.to_string());
        })));
        let of_library = start(|| panic!("of the library")).unwrap().join();
        let of_others = thread::spawn(|| panic!("of others")).join();
        panic::set_hook(usual);
        assert!(of_library.is_err() && of_others.is_err());
        let heard = heard.lock().unwrap().concat();
        assert!(
            heard.contains("of others") && !heard.contains("of the library"),
            "{heard}"
        );
    }

    #[test]
    fn no_damage_is_a_panic() {
        let whole = fixture("columns.pdf");
        for length in (0..whole.len()).step_by(97) {
            let _ = read(whole[..length].to_vec());
        }
        for at in (0..whole.len()).step_by(61) {
            let mut damaged = whole.clone();
            damaged[at] ^= 0x55;
            let _ = read(damaged);
        }
    }
}
