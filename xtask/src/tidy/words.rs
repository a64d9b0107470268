//! Messages: every language of a slice says the same things with the same parameters, and French
//! has its no-break blanks.

use std::collections::{BTreeMap, BTreeSet};

use super::{File, Finding};

/// The language that the others are compared with.
const FIRST: &str = "fr.ftl";
/// Signs before which French wants a no-break blank.
const AFTER_BLANK: [char; 7] = [':', ';', '!', '?', '€', '»', '%'];

type Messages = BTreeMap<String, BTreeSet<String>>;

/// Compares all message files.
pub(super) fn check_all(files: &[File], findings: &mut Vec<Finding>) {
    spoken(files, findings);
    for first in files.iter().filter(|file| file.name() == FIRST) {
        french_blanks(first, findings);
        let folder = first.path.trim_end_matches(FIRST);
        let wanted = messages(&first.text);
        let others = files.iter().filter(|file| {
            let name = file.path.strip_prefix(folder);
            name.is_some_and(|name| name != FIRST && !name.contains('/') && name.ends_with(".ftl"))
        });
        for other in others {
            compare(first, &wanted, other, findings);
        }
    }
}

/// What a page says has to be written somewhere.
fn spoken(files: &[File], findings: &mut Vec<Finding>) {
    let first = files.iter().filter(|file| file.name() == FIRST);
    let known: BTreeSet<String> = first.flat_map(|file| messages(&file.text).into_keys()).collect();
    let speakers = files.iter().filter(|file| {
        let speaks = file.path.ends_with(".html") || file.source.is_some();
        speaks && file.crate_name().is_some() && !file.is_test()
    });
    for file in speakers {
        for (line, text) in (1..).zip(file.text.lines()) {
            if file.source.as_ref().is_some_and(|source| source.is_test(line)) {
                continue;
            }
            let keys = text.split(".say(\"").skip(1).filter_map(|rest| rest.split('"').next());
            for key in keys.filter(|key| !known.contains(*key)) {
                let message = format!("`{key}` is said here and written in no messages file");
                findings
                    .push(Finding { item: key.to_owned(), ..file.finding(line, "words", message) });
            }
        }
    }
}

fn compare(first: &File, wanted: &Messages, other: &File, findings: &mut Vec<Finding>) {
    let found = messages(&other.text);
    let mut say = |file: &File, key: &str, message: String| {
        let line = line_of(&file.text, key);
        findings.push(Finding { item: key.to_owned(), ..file.finding(line, "words", message) });
    };
    for (key, parameters) in wanted {
        match found.get(key) {
            None => say(other, key, format!("`{key}` is missing")),
            Some(others) if others != parameters => {
                say(other, key, format!("`{key}` has other parameters than in {}", first.name()));
            }
            Some(_) => {}
        }
    }
    for key in found.keys().filter(|key| !wanted.contains_key(*key)) {
        say(first, key, format!("`{key}` is missing"));
    }
}

/// Keys, each with the parameters of its text (`{ $name }`).
fn messages(text: &str) -> Messages {
    let mut all = Messages::new();
    let mut current = None;
    for line in text.lines() {
        let starts = line.chars().next().is_some_and(|sign| sign.is_ascii_alphabetic());
        if let (true, Some((key, _))) = (starts, line.split_once('=')) {
            current = Some(key.trim().to_owned());
            all.insert(key.trim().to_owned(), BTreeSet::new());
        }
        if let Some(parameters) = current.as_ref().and_then(|key| all.get_mut(key)) {
            parameters.extend(line.split('$').skip(1).map(|rest| {
                rest.chars().take_while(|c| c.is_alphanumeric() || matches!(c, '_' | '-')).collect()
            }));
        }
    }
    all
}

fn line_of(text: &str, key: &str) -> usize {
    let found = text
        .lines()
        .position(|line| line.split_once('=').is_some_and(|(name, _)| name.trim() == key));
    found.map_or(0, |at| at + 1)
}

fn french_blanks(file: &File, findings: &mut Vec<Finding>) {
    for (line, text) in (1..).zip(file.text.lines()) {
        if text.starts_with('#') {
            continue;
        }
        let breaks = AFTER_BLANK.iter().any(|sign| text.contains(&format!(" {sign}")));
        if breaks || text.contains("« ") {
            let message = "French wants a no-break blank here (U+00A0, or U+202F before ; ! ?)";
            findings.push(file.finding(line, "words", message.to_owned()));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(fr: &str, en: &str) -> Vec<String> {
        let files = [
            File::new("crates/a/src/b/messages/en.ftl", en),
            File::new("crates/a/src/b/messages/fr.ftl", fr),
        ];
        let mut findings = Vec::new();
        check_all(&files, &mut findings);
        findings.iter().map(|finding| format!("{} {}", finding.path, finding.item)).collect()
    }

    #[test]
    fn languages_say_the_same_things_with_the_same_parameters() {
        let fr = "a = Un\nb = { $n ->\n  [one] { $n } nuit\n *[other] { $n } nuits\n}\n";
        assert!(found(fr, "b = { $n } nights\na = One\n").is_empty());
        assert_eq!(found(fr, "a = One\n"), ["crates/a/src/b/messages/en.ftl b"]);
        assert_eq!(found("a = Un\n", "a = { $x }\n"), ["crates/a/src/b/messages/en.ftl a"]);
        assert_eq!(found("a = Un\n", "a = A\nc = C\n"), ["crates/a/src/b/messages/fr.ftl c"]);
    }

    #[test]
    fn what_is_said_is_written() {
        let page = "<h1>{{ page.say(\"a\") }} {{ page.say(\"b\") }}</h1>";
        let files =
            [File::new("crates/a/messages/fr.ftl", "a = A\n"), File::new("crates/a/p.html", page)];
        let mut findings = Vec::new();
        check_all(&files, &mut findings);
        assert_eq!((findings.len(), findings[0].item.as_str()), (1, "b"));
    }

    #[test]
    fn u_62_french_has_its_blanks() {
        assert_eq!(found("a = Attention : oui\n", "a = Yes\n").len(), 1);
        assert!(found("a = Attention\u{a0}: oui\n# a : b\n", "a = Yes\n").is_empty());
    }
}
