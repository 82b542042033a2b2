//! What the pages say: in Chinese of either script, and in English.

use serde::Serialize;

use super::dates::Day;

/// Labels, and how numbers, dates and pages are written. Templates know them as `t`.
#[derive(Debug, Serialize)]
#[allow(missing_docs, reason = "the fields are the labels that the values are")]
pub(super) struct Strings {
    #[serde(skip)]
    chinese: bool,
    /// What they are in.
    pub(super) language: &'static str,
    /// Chinese only: before the number of articles.
    #[serde(skip)]
    holds: &'static str,
    pub(super) untitled_archive: &'static str,
    pub(super) untitled: &'static str,
    pub(super) home: &'static str,
    pub(super) search: &'static str,
    pub(super) search_box: &'static str,
    pub(super) skip: &'static str,
    pub(super) issues: &'static str,
    pub(super) calendar: &'static str,
    pub(super) latest: &'static str,
    pub(super) latest_articles: &'static str,
    pub(super) whole_issue: &'static str,
    pub(super) years: &'static str,
    pub(super) browse: &'static str,
    pub(super) undated: &'static str,
    pub(super) people: &'static str,
    pub(super) places: &'static str,
    pub(super) subjects: &'static str,
    pub(super) columns: &'static str,
    pub(super) all: &'static str,
    pub(super) without_page: &'static str,
    pub(super) previous_issue: &'static str,
    pub(super) next_issue: &'static str,
    pub(super) previous_article: &'static str,
    pub(super) next_article: &'static str,
    pub(super) previous: &'static str,
    pub(super) next: &'static str,
    pub(super) related: &'static str,
    pub(super) reprint_of: &'static str,
    pub(super) reprints: &'static str,
    pub(super) source: &'static str,
    pub(super) original: &'static str,
    pub(super) original_page: &'static str,
    pub(super) cite: &'static str,
    pub(super) reporter: &'static str,
    pub(super) correspondent: &'static str,
    pub(super) photographer: &'static str,
    pub(super) author: &'static str,
    pub(super) not_found: &'static str,
    pub(super) not_found_more: &'static str,
    pub(super) feed: &'static str,
    pub(super) footer: &'static str,
    pub(super) blocks_note: &'static str,
    pub(super) sure: &'static str,
    pub(super) kinds: Kinds,
    pub(super) weekdays: [&'static str; 7],
}

/// What the parts of a printed page are.
#[derive(Debug, Serialize)]
pub(super) struct Kinds {
    shoulder: &'static str,
    headline: &'static str,
    sub: &'static str,
    byline: &'static str,
    body: &'static str,
    caption: &'static str,
    column_head: &'static str,
    furniture: &'static str,
    repeated: &'static str,
}

static HANS: Strings = Strings {
    chinese: true,
    language: "zh",
    holds: "收录",
    untitled_archive: "报刊检索",
    untitled: "（无题）",
    home: "首页",
    search: "检索",
    search_box: "检索全部文章",
    skip: "跳到正文",
    issues: "各期报纸",
    calendar: "日历",
    latest: "最新一期",
    latest_articles: "最新的文章",
    whole_issue: "看这一期的全部版面",
    years: "历年",
    browse: "分类浏览",
    undated: "日期不详",
    people: "人物",
    places: "地点",
    subjects: "题材",
    columns: "栏目",
    all: "全部",
    without_page: "另有较少见的，可以检索：",
    previous_issue: "上一期",
    next_issue: "下一期",
    previous_article: "上一篇",
    next_article: "下一篇",
    previous: "上一页",
    next: "下一页",
    related: "同题材的文章",
    reprint_of: "此文先前刊于",
    reprints: "此文后来又刊于",
    source: "原址",
    original: "版面原文",
    original_page: "看整版原文",
    cite: "引用",
    reporter: "记者",
    correspondent: "通讯员",
    photographer: "摄影",
    author: "作者",
    not_found: "没有这个网页",
    not_found_more: "它可能已经移走，地址也可能有误。可以从首页检索。",
    feed: "订阅最新一期（Atom）",
    footer: "检索在您的浏览器里进行，输入的内容不会发送出去。",
    blocks_note: "左边标出每一段文字被认作什么；标题通向文章。",
    sure: "把握",
    kinds: Kinds {
        shoulder: "引题",
        headline: "标题",
        sub: "副题",
        byline: "署名",
        body: "正文",
        caption: "图片说明",
        column_head: "栏目名",
        furniture: "版面信息",
        repeated: "重复",
    },
    weekdays: ["一", "二", "三", "四", "五", "六", "日"],
};

/// As written in Taiwan and Hong Kong: other words, not only other characters.
static HANT: Strings = Strings {
    chinese: true,
    language: "zh-Hant",
    holds: "收錄",
    untitled_archive: "報刊檢索",
    untitled: "（無題）",
    home: "首頁",
    search: "檢索",
    search_box: "檢索全部文章",
    skip: "跳到主要內容",
    issues: "各期報紙",
    calendar: "日曆",
    latest: "最新一期",
    latest_articles: "最新的文章",
    whole_issue: "看這一期的全部版面",
    years: "歷年",
    browse: "分類瀏覽",
    undated: "日期不詳",
    people: "人物",
    places: "地點",
    subjects: "主題",
    columns: "專欄",
    all: "全部",
    without_page: "另有較少見的，可以檢索：",
    previous_issue: "上一期",
    next_issue: "下一期",
    previous_article: "上一篇",
    next_article: "下一篇",
    previous: "上一頁",
    next: "下一頁",
    related: "同主題的文章",
    reprint_of: "本文先前刊於",
    reprints: "本文後來又刊於",
    source: "原始網址",
    original: "版面原文",
    original_page: "看整版原文",
    cite: "引用",
    reporter: "記者",
    correspondent: "通訊員",
    photographer: "攝影",
    author: "作者",
    not_found: "沒有這個網頁",
    not_found_more: "它可能已經移走，網址也可能有誤。可以從首頁檢索。",
    feed: "訂閱最新一期（Atom）",
    footer: "檢索在您的瀏覽器裡進行，輸入的內容不會傳送出去。",
    blocks_note: "左邊標出每一段文字被認作什麼；標題通往文章。",
    sure: "把握",
    kinds: Kinds {
        shoulder: "肩題",
        headline: "標題",
        sub: "副標題",
        byline: "署名",
        body: "內文",
        caption: "圖說",
        column_head: "專欄名稱",
        furniture: "版面資訊",
        repeated: "重複",
    },
    weekdays: ["一", "二", "三", "四", "五", "六", "日"],
};

static EN: Strings = Strings {
    chinese: false,
    language: "en",
    holds: "",
    untitled_archive: "Newspaper archive",
    untitled: "(untitled)",
    home: "Home",
    search: "Search",
    search_box: "Search all articles",
    skip: "Skip to content",
    issues: "Issues",
    calendar: "Calendar",
    latest: "Latest issue",
    latest_articles: "Latest articles",
    whole_issue: "See the whole issue",
    years: "Years",
    browse: "Browse",
    undated: "Undated",
    people: "People",
    places: "Places",
    subjects: "Subjects",
    columns: "Columns",
    all: "All",
    without_page: "There are rarer ones; search for them:",
    previous_issue: "Previous issue",
    next_issue: "Next issue",
    previous_article: "Previous article",
    next_article: "Next article",
    previous: "Previous page",
    next: "Next page",
    related: "On the same subject",
    reprint_of: "Printed earlier as",
    reprints: "Printed again as",
    source: "Original address",
    original: "As printed",
    original_page: "The whole page as printed",
    cite: "Cite",
    reporter: "Reporters",
    correspondent: "Correspondents",
    photographer: "Photographs",
    author: "Author",
    not_found: "There is no such page",
    not_found_more: "It may have moved, or the address may be wrong. The start page has a search.",
    feed: "Subscribe to the latest issue (Atom)",
    footer: "The search runs in your browser. What you type is not sent anywhere.",
    blocks_note: "On the left stands what each part of the text was taken for; headlines lead to the articles.",
    sure: "certainty",
    kinds: Kinds {
        shoulder: "Shoulder",
        headline: "Headline",
        sub: "Subheadline",
        byline: "Byline",
        body: "Text",
        caption: "Caption",
        column_head: "Column",
        furniture: "Page head",
        repeated: "Repeated",
    },
    weekdays: ["Mo", "Tu", "We", "Th", "Fr", "Sa", "Su"],
};

const MONTHS: [&str; 12] = [
    "January",
    "February",
    "March",
    "April",
    "May",
    "June",
    "July",
    "August",
    "September",
    "October",
    "November",
    "December",
];
const WEEKDAYS: [&str; 7] = [
    "Monday",
    "Tuesday",
    "Wednesday",
    "Thursday",
    "Friday",
    "Saturday",
    "Sunday",
];

impl Strings {
    /// Those for an archive in a language, given as in HTML: English unless it is Chinese. Its script is said by the
    /// language or follows from the region.
    pub(super) fn of(language: &str) -> &'static Self {
        let language = language.to_ascii_lowercase();
        let mut parts = language.split(['-', '_']);
        if parts.next() != Some("zh") {
            return &EN;
        }
        let says = |wanted: &[&str]| parts.clone().any(|part| wanted.contains(&part));
        if !says(&["hans"]) && says(&["hant", "tw", "hk", "mo"]) {
            &HANT
        } else {
            &HANS
        }
    }

    /// True for Chinese.
    pub(super) fn is_chinese(&self) -> bool {
        self.chinese
    }

    /// A date as readers write it; as it stands if it is not one.
    pub(super) fn date(&self, date: &str) -> String {
        let parts: Option<Vec<u32>> = date.split('-').map(|part| part.parse().ok()).collect();
        match (parts.as_deref(), self.chinese) {
            (Some([year]), true) => format!("{year}年"),
            (Some([year, month]), true) => format!("{year}年{month}月"),
            (Some([year, month, day]), true) => format!("{year}年{month}月{day}日"),
            (Some([year, month]), false) => format!("{} {year}", self.month(*month)),
            (Some([year, month, day]), false) => format!("{day} {} {year}", self.month(*month)),
            _ => date.to_owned(),
        }
    }

    /// The same with the day of the week, where the day is known.
    pub(super) fn full_date(&self, date: &str) -> String {
        let written = self.date(date);
        let Some(weekday) = Day::parse(date).map(Day::weekday) else {
            return written;
        };
        if self.chinese {
            format!("{written} 星期{}", self.weekdays[weekday])
        } else {
            format!("{}, {written}", WEEKDAYS[weekday])
        }
    }

    /// A month, from 1.
    pub(super) fn month(&self, month: u32) -> String {
        if self.chinese {
            return format!("{month}月");
        }
        let name = (month as usize)
            .checked_sub(1)
            .and_then(|at| MONTHS.get(at));
        name.map_or_else(|| month.to_string(), |name| (*name).to_owned())
    }

    /// A year.
    pub(super) fn year(&self, year: &str) -> String {
        format!("{year}{}", if self.chinese { "年" } else { "" })
    }

    /// A printed page: a number, or whatever the paper calls it.
    pub(super) fn page(&self, page: &str) -> String {
        let page = plain(page);
        if self.chinese {
            format!("第{}版", spaced(&page))
        } else {
            format!("Page {page}")
        }
    }

    /// So many articles.
    pub(super) fn articles(&self, count: u64) -> String {
        let number = self.number(count);
        match (self.chinese, count) {
            (true, _) => format!("{number} 篇"),
            (false, 1) => "1 article".into(),
            (false, _) => format!("{number} articles"),
        }
    }

    /// So many issues.
    pub(super) fn issue_count(&self, count: u64) -> String {
        let number = self.number(count);
        match (self.chinese, count) {
            (true, _) => format!("{number} 期"),
            (false, 1) => "1 issue".into(),
            (false, _) => format!("{number} issues"),
        }
    }

    /// What the archive has, in a line.
    pub(super) fn about(&self, count: u64, first: Option<&str>, last: Option<&str>) -> String {
        let mut articles = self.articles(count);
        if self.chinese {
            articles = format!("{} {articles}", self.holds);
        }
        let (Some(first), Some(last)) = (first, last) else {
            return articles;
        };
        let comma = if self.chinese { "，" } else { ", " };
        format!("{articles}{comma}{}", self.period(first, last))
    }

    /// From one date to another.
    pub(super) fn period(&self, first: &str, last: &str) -> String {
        let (first, last) = (self.date(first), self.date(last));
        match (self.chinese, first == last) {
            (_, true) => first,
            (true, false) => format!("{first}至{last}"),
            (false, false) => format!("{first} to {last}"),
        }
    }

    /// A line that says where the article was printed.
    pub(super) fn citation(&self, work: &Citation<'_>) -> String {
        let date = work.date.map(|date| self.date(date));
        let page = work.page.map(|page| {
            if self.chinese {
                self.page(page)
            } else {
                format!("p. {}", plain(page))
            }
        });
        let publication = work.publication;
        let mut line = if self.chinese {
            let byline = work.byline.map(|byline| format!("{byline}："));
            let title = format!("{}《{}》", byline.unwrap_or_default(), work.title);
            let publication = publication.map(|name| format!("《{name}》"));
            join("，", [Some(title), publication, date, page]) + "。"
        } else {
            let byline = work.byline.map(str::to_owned);
            let title = format!("“{}”", work.title);
            let publication = publication.map(str::to_owned);
            join(", ", [byline, Some(title), publication, date, page]) + "."
        };
        if let Some(address) = work.address {
            line.push(' ');
            line.push_str(address);
        }
        line
    }

    /// What describes a page that lists articles.
    pub(super) fn issue_title(&self, publication: &str, date: &str) -> String {
        if self.chinese {
            format!("{publication} {date}")
        } else {
            format!("{publication}, {date}")
        }
    }

    fn number(&self, number: u64) -> String {
        let digits = number.to_string();
        let mut grouped = String::new();
        for (at, digit) in digits.chars().enumerate() {
            if at > 0 && (digits.len() - at).is_multiple_of(3) {
                grouped.push(',');
            }
            grouped.push(digit);
        }
        grouped
    }
}

/// Where an article was printed.
#[derive(Clone, Copy, Debug)]
pub(super) struct Citation<'a> {
    pub(super) byline: Option<&'a str>,
    pub(super) title: &'a str,
    /// None if nobody said what the archive is called.
    pub(super) publication: Option<&'a str>,
    pub(super) date: Option<&'a str>,
    pub(super) page: Option<&'a str>,
    pub(super) address: Option<&'a str>,
}

fn join<const N: usize>(separator: &str, parts: [Option<String>; N]) -> String {
    let parts: Vec<String> = parts.into_iter().flatten().collect();
    parts.join(separator)
}

/// A page without zeros before its number.
fn plain(page: &str) -> String {
    page.parse::<u32>()
        .map_or_else(|_| page.to_owned(), |number| number.to_string())
}

/// Latin letters and figures between Chinese characters stand apart from them.
fn spaced(text: &str) -> String {
    format!(" {text} ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dates_are_written_as_the_language_does() {
        let (zh, en) = (Strings::of("zh-CN"), Strings::of("ko"));
        assert_eq!(zh.full_date("2024-01-12"), "2024年1月12日 星期五");
        assert_eq!(en.full_date("2024-01-12"), "Friday, 12 January 2024");
        assert_eq!(
            (zh.date("2024-03"), en.date("2024-03")),
            ("2024年3月".into(), "March 2024".into())
        );
        assert_eq!(
            (zh.date("2024"), en.date("2024")),
            ("2024年".into(), "2024".into())
        );
        assert_eq!(en.date("2024-44-99"), "99 44 2024");
        assert_eq!(zh.date("spring"), "spring");
    }

    #[test]
    fn a_citation_says_what_is_known() {
        let mut work = Citation {
            byline: Some("记者 宓小满"),
            title: "大桥合龙",
            publication: Some("鹭陵报"),
            date: Some("2022-09-23"),
            page: Some("01"),
            address: None,
        };
        assert_eq!(
            Strings::of("zh").citation(&work),
            "记者 宓小满：《大桥合龙》，《鹭陵报》，2022年9月23日，第 1 版。"
        );
        work = Citation {
            byline: None,
            page: None,
            date: None,
            address: Some("https://example.org/a.html"),
            ..work
        };
        assert_eq!(
            Strings::of("en").citation(&work),
            "“大桥合龙”, 鹭陵报. https://example.org/a.html"
        );
        work = Citation {
            publication: None,
            page: Some("03"),
            address: None,
            ..work
        };
        assert_eq!(Strings::of("en").citation(&work), "“大桥合龙”, p. 3.");
        assert_eq!(Strings::of("zh").citation(&work), "《大桥合龙》，第 3 版。");
    }

    #[test]
    fn numbers_are_grouped() {
        assert_eq!(EN.articles(1_234_567), "1,234,567 articles");
        assert_eq!(EN.articles(1), "1 article");
        assert_eq!(HANS.articles(123), "123 篇");
    }

    #[test]
    fn the_script_of_chinese_is_said_or_follows_from_the_region() {
        let traditional = ["zh-Hant", "zh-TW", "zh_HK", "zh-hant-CN", "zh-MO"];
        let simplified = ["zh", "zh-CN", "zh-SG", "zh-Hans-HK"];
        for language in traditional {
            assert_eq!(Strings::of(language).search, "檢索", "{language}");
        }
        for language in simplified {
            assert_eq!(Strings::of(language).search, "检索", "{language}");
        }
        assert_eq!(HANT.about(6, Some("2023"), None), "收錄 6 篇");
        assert_eq!(HANT.period("2023", "2024-01"), "2023年至2024年1月");
    }

    /// So that a label that is added in one script does not stay as it is in the other.
    #[test]
    fn traditional_labels_have_no_simplified_characters() {
        let text = serde_json::to_string(&HANT).unwrap();
        let simplified = "检报历详题个这页讯览浏开图说订阅网输内发进无专栏时为";
        let found: Vec<char> = text.chars().filter(|c| simplified.contains(*c)).collect();
        assert_eq!(found, Vec::<char>::new());
    }
}
