//! Who wrote it: bylines on lines of their own, in leads, and credits of pictures.
//!
//! ```text
//! □记者 甲乙丙 丁戊          本报讯（通讯员甲乙 丙丁）          （甲 乙 摄）
//! ```
//!
//! A name is two to four Han characters. Papers spread a name of two over the room of three, so
//! two single characters in a row are one name. Nothing but names and roles may stand in a byline:
//! one word that is neither, and it is none.

use super::{Person, Role};

/// Marks that stand before a byline.
const MARKS: [char; 12] = ['□', '■', '◎', '○', '●', '▢', '◇', '◆', '△', '▲', '☆', '★'];

/// Words that say what the names after them did; longer ones first.
const ROLES: [(&str, Role); 22] = [
    ("融媒体记者", Role::Reporter),
    ("全媒体记者", Role::Reporter),
    ("本报记者", Role::Reporter),
    ("特约记者", Role::Reporter),
    ("首席记者", Role::Reporter),
    ("见习记者", Role::Reporter),
    ("实习记者", Role::Reporter),
    ("特派记者", Role::Reporter),
    ("记者", Role::Reporter),
    ("特约通讯员", Role::Correspondent),
    ("本报通讯员", Role::Correspondent),
    ("通讯员", Role::Correspondent),
    ("实习生", Role::Correspondent),
    ("特约撰稿", Role::Author),
    ("作者", Role::Author),
    ("撰文", Role::Author),
    ("文/图", Role::Author),
    ("图/文", Role::Author),
    ("文", Role::Author),
    ("摄影", Role::Photographer),
    ("摄", Role::Photographer),
    ("图", Role::Photographer),
];

/// Words after a name that say the same.
const TRAILING: [(&str, Role); 8] = [
    ("摄影报道", Role::Photographer),
    ("摄影", Role::Photographer),
    ("供图", Role::Photographer),
    ("文/图", Role::Author),
    ("图/文", Role::Author),
    ("摄", Role::Photographer),
    ("图", Role::Photographer),
    ("文", Role::Author),
];

/// The people of a line that is nothing but a byline.
pub(super) fn line(text: &str) -> Option<Vec<Person>> {
    let text = text.trim();
    if text.len() > 200 {
        return None;
    }
    let marked = text.starts_with(MARKS);
    let bare = text.trim_start_matches(|c: char| MARKS.contains(&c) || c.is_whitespace());
    let inner = bare
        .strip_prefix(['（', '('])
        .and_then(|rest| rest.strip_suffix(['）', ')']))
        .unwrap_or(bare);
    let starts_with_role = ROLES[..17]
        .iter()
        .any(|(word, _)| inner.starts_with(word) && *word != "文");
    if !marked && !starts_with_role {
        return None;
    }
    people(inner, Role::Author)
}

/// The byline in a lead, `本报讯（通讯员 甲乙）`: the text in the brackets, where it stands, and its
/// people.
pub(super) fn lead(text: &str) -> Option<(&str, Vec<Person>)> {
    let rest = text.strip_prefix('本')?;
    let open = rest.find(['（', '('])?;
    if rest[..open].chars().count() > 6 {
        return None;
    }
    let inner = rest[open..].trim_start_matches(['（', '(']);
    let inner = &inner[..inner.find(['）', ')'])?];
    let people = people(inner, Role::Reporter)?;
    ROLES
        .iter()
        .any(|(word, _)| inner.trim_start().starts_with(word))
        .then_some((inner.trim(), people))
}

/// The credit at the end of a picture's text: where it begins, and its people.
pub(super) fn credit(text: &str) -> Option<(usize, Vec<Person>)> {
    let text = text.trim_end();
    let (start, inner) = match text.strip_suffix(['）', ')']) {
        Some(rest) => {
            let open = rest.rfind(['（', '('])?;
            (open, rest[open..].trim_start_matches(['（', '(']))
        }
        None => {
            let stop = text.rfind(['。', '！', '？', '”', '…', '：'])?;
            let after = stop + text[stop..].chars().next()?.len_utf8();
            let inner = text[after..].trim_start();
            // Without brackets it takes a role on both sides: `记者 甲乙丙摄`.
            ROLES[..13]
                .iter()
                .find(|(word, _)| inner.starts_with(word))?;
            (text.len() - inner.len(), inner)
        }
    };
    let bare: String = inner.chars().filter(|c| !c.is_whitespace()).collect();
    if bare.chars().count() > 30
        || !["摄", "摄影", "供图", "报道", "图", "文/图"]
            .iter()
            .any(|end| bare.ends_with(end))
    {
        return None;
    }
    let mut people = people(inner, Role::Photographer)?;
    for person in &mut people {
        person.role = Role::Photographer;
    }
    Some((start, people))
}

/// All names of a text of names and roles; nothing if something else stands in it.
fn people(text: &str, first_role: Role) -> Option<Vec<Person>> {
    let mut role = first_role;
    let mut people: Vec<Person> = Vec::new();
    let mut single: Option<char> = None;
    for token in text.split(|c: char| c.is_whitespace() || "、，,；;：:|｜".contains(c)) {
        let mut rest =
            token.trim_matches(|c: char| MARKS.contains(&c) || c == '\u{ad}' || c == '\u{200b}');
        while let Some((word, said)) = ROLES.iter().find(|(word, _)| rest.starts_with(word)) {
            // `文小满` is a name, `文 甲乙` is not.
            if word.chars().count() == 1 && (rest != *word) {
                break;
            }
            if rest == *word && trails(&mut people, single.take(), word, *said) {
                rest = "";
                break;
            }
            role = *said;
            rest = &rest[word.len()..];
        }
        let (name, trailing) = split_trailing(rest);
        match (name.chars().count(), single) {
            (0, _) => {}
            (1, None) => single = name.chars().next(),
            (1, Some(first)) => {
                people.push(Person {
                    role,
                    name: format!("{first}{name}"),
                });
                single = None;
            }
            (_, None) if is_name(name) => people.push(Person {
                role,
                name: name.to_owned(),
            }),
            _ => return None,
        }
        if let Some(said) = trailing {
            people.iter_mut().for_each(|person| person.role = said);
        }
    }
    (single.is_none() && !people.is_empty() && people.iter().all(|one| is_name(&one.name)))
        .then_some(people)
}

/// `甲 乙 摄`: a role that stands after its names. Not if a role stood before them, unless nobody
/// follows.
fn trails(people: &mut [Person], single: Option<char>, word: &str, said: Role) -> bool {
    let follows = TRAILING.iter().any(|(trailing, _)| *trailing == word) && !people.is_empty();
    if follows && single.is_none() {
        people.iter_mut().for_each(|person| person.role = said);
    }
    follows && single.is_none()
}

/// `甲乙丙摄`: a role that is glued to the name before it.
fn split_trailing(token: &str) -> (&str, Option<Role>) {
    let cut = TRAILING.iter().find_map(|(word, role)| {
        let name = token.strip_suffix(word)?;
        let long_enough = name.chars().count() >= if word.chars().count() == 1 { 3 } else { 2 };
        (name.is_empty() || long_enough).then_some((name, Some(*role)))
    });
    cut.unwrap_or((token, None))
}

/// Two to four Han characters, or a foreign name with its dots.
fn is_name(text: &str) -> bool {
    let count = text.chars().count();
    let han = text.chars().all(is_han);
    let foreign = text.contains('·') && text.chars().all(|c| is_han(c) || c == '·') && count <= 16;
    han && (2..=4).contains(&count) || foreign && count >= 3
}

pub(super) fn is_han(character: char) -> bool {
    matches!(character, '々' | '\u{2E80}'..='\u{2FDF}' | '\u{3400}'..='\u{9FFF}' | '\u{F900}'..='\u{FAFF}' | '\u{20000}'..='\u{3FFFF}')
}

#[cfg(test)]
mod tests {
    use super::*;

    fn names(people: Option<Vec<Person>>) -> Vec<(Role, String)> {
        let people = people.unwrap_or_default();
        people.into_iter().map(|one| (one.role, one.name)).collect()
    }

    fn person(role: Role, name: &str) -> (Role, String) {
        (role, name.to_owned())
    }

    #[test]
    fn bylines_of_many_forms() {
        use Role::{Author, Correspondent, Photographer, Reporter};
        let cases: [(&str, &[(Role, &str)]); 9] = [
            (
                "□记者 宓小满 康映川",
                &[(Reporter, "宓小满"), (Reporter, "康映川")],
            ),
            ("□ 通讯员 桑知夏", &[(Correspondent, "桑知夏")]),
            ("记者 康映川", &[(Reporter, "康映川")]),
            (
                "□记者 贺知微 通讯员 闵安然",
                &[(Reporter, "贺知微"), (Correspondent, "闵安然")],
            ),
            ("□ 文小满", &[(Author, "文小满")]),
            (
                "本报记者 王 芸、李四",
                &[(Reporter, "王芸"), (Reporter, "李四")],
            ),
            ("记者 甲乙 文/图", &[(Author, "甲乙")]),
            ("作者：甲乙丙", &[(Author, "甲乙丙")]),
            ("记者 甲乙 摄", &[(Photographer, "甲乙")]),
        ];
        for (text, expected) in cases {
            let expected: Vec<_> = expected
                .iter()
                .map(|(role, name)| person(*role, name))
                .collect();
            assert_eq!(names(line(text)), expected, "{text}");
        }
        for text in [
            "记者来到船厂路",
            "记者调查：10月9日",
            "区委常委会会议召开",
            "文化站",
            "□",
            "记者",
        ] {
            assert_eq!(line(text), None, "{text}");
        }
    }

    #[test]
    fn bylines_in_leads() {
        let (text, people) = lead("本报讯（记者 康映川 通讯员 桂杏林）“深").expect("a byline");
        assert_eq!(text, "记者 康映川 通讯员 桂杏林");
        assert_eq!(people.len(), 2);
        assert_eq!(lead("本报讯 10月15日（星期二）上午"), None);
        assert_eq!(
            lead("本报讯(通讯员杨立 秦开平)近").map(|lead| lead.0),
            Some("通讯员杨立 秦开平")
        );
    }

    #[test]
    fn credits() {
        let photographer = |text| credit(text).map(|(_, people)| people[0].name.clone());
        assert_eq!(
            photographer("水带 320米。（樊照临 摄）").as_deref(),
            Some("樊照临")
        );
        assert_eq!(photographer("（王 芸 摄）").as_deref(), Some("王芸"));
        assert_eq!(
            photographer("讲解政策。记者 姬慧洋摄").as_deref(),
            Some("姬慧洋")
        );
        assert_eq!(photographer("（数据来源：区气象台、区水文站）"), None);
        assert_eq!(photographer("他说要拍摄"), None);
    }
}
